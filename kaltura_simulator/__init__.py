"""A local Kaltura: API v3, the KAF pages and Newrow's analytics on one SQLite file.

A program of its own that imports nothing of the portal: any Kaltura client, in any
language, can use it. ``python -m kaltura_simulator`` starts it.
"""
