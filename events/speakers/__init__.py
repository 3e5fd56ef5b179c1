"""What people on stage do themselves: their profile, their sessions, when they can come."""
