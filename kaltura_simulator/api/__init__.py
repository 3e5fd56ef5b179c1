"""API v3: from an HTTP request to the action of a service, and back."""
