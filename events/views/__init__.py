"""The attendee pages: each fetches, asks the read side or calls one action, and answers."""
