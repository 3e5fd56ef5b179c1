"""The portal's own record of who is on a session's join page, kept with consent only.

The page's script says that somebody came, that they are still there, and that they left. A
stay is one row, written at most twice a minute, and ends at its last sign of life when the
page disappears without a word. Nothing of it goes to or comes from Kaltura.
"""
