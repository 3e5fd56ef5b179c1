"""The event manager's desk: what those who plan and run events find first."""
