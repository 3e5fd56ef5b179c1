"""Entries, their files, pictures and recordings."""
