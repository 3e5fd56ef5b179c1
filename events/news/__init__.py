"""What people hear of their starred sessions: the day before, just before, and when one changes.

Nothing here sends; it writes rows for the outbox, under keys that name the session and the
very start that is announced. So a beat that comes twice writes nothing new, a session that
moves is announced at its new time, and what was written for the old one is dropped when its
turn comes: ``items_of`` reads stars, times and wishes once more just before the mail leaves.
"""
