"""A local Kaltura: the API, the KAF pages and Newrow on one SQLite file.

A program of its own. It imports nothing of the portal; any Kaltura client, in
any language, may talk to it. ``python -m kaltura_simulator`` starts it.
"""
