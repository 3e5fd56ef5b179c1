"""The live desk: what those who run a session see and do while it is on."""
