"""Charts as plain numbers, for an SVG and a table that a template writes. Pure."""
