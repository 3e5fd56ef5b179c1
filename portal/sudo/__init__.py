"""Asking once more who is there, before what cannot be taken back or leaves the portal."""
