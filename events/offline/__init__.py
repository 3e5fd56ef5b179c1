"""Pages that browsers keep, to be read without a network."""
