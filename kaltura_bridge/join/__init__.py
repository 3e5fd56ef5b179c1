"""The click to join: who may, where to, and with which session."""
