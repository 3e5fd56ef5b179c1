"""Reads what lies at addresses that people typed, and nothing that lies behind this server."""
