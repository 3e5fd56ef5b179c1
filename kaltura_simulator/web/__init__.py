"""HTTP: requests, responses, static files and HTML."""
