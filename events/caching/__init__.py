"""Rendered pages and parts of them, kept and sent so that nothing is done twice."""
