"""The programme as attendees see it: which version it is in, and what changed when."""
