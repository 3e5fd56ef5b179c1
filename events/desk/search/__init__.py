"""Finding anything of one's events from every page of the admin."""
