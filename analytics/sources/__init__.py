"""Where attendance comes from: each source's client, and its text as typed rows."""
