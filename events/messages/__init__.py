"""Telling the audience of an event or a session something while it takes place."""
