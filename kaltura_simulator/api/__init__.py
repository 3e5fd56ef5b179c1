"""API v3: from the wire to one service and back."""
