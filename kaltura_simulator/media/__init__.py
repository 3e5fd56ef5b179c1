"""Entries and what hangs on them."""
