"""Recordings: found by the worker, chosen and changed on the desk, watched by attendees."""
