"""The agenda on other sites: a page for their frames, and whom it lets frame it."""
