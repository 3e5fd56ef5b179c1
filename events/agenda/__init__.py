"""The attendee's read side: what an agenda shows, to whom, when and in whose time."""
