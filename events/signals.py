"""What the domain tells the rest of the portal, once for each object and transaction.

However an object was written, and however often (``changes`` collects it), one of the
first six signals is sent about it at the end of the transaction, inside it: a receiver
that fails undoes the edit, and what a receiver writes stands or falls with the edit.

``instance`` is the object as the transaction leaves it; of a removed one, as it last was.
After these comes ``programme_changed``, once, with all of them together (``changed`` and
``removed``), for receivers that would otherwise ask the database once for each. All carry
``using``, the database's alias.

``event_cloned`` is sent once a copy of an event is whole: ``original``, ``copy`` and
``sessions`` (the copy's session by the original's ``pk``). Apps that keep something of
their own with an event or a session copy it then, in the same transaction.
"""

from __future__ import annotations

from django.dispatch import Signal

event_changed, event_removed = Signal(), Signal()
track_changed, track_removed = Signal(), Signal()
session_changed, session_removed = Signal(), Signal()
programme_changed = Signal()
event_cloned = Signal()

# By the model's name, for the models themselves build on this module; parents first.
CHANGED = {"event": event_changed, "track": track_changed, "session": session_changed}
REMOVED = {"event": event_removed, "track": track_removed, "session": session_removed}

# Somebody is erased: ``user``, and ``note(table, rows)`` for the receipt. Sent inside the
# transaction, before the account is deleted: an app that keeps texts about people without a
# foreign key that cascades deletes them here.
person_erased = Signal()

# People have a place at an ``event`` who had none: ``user_ids``. Sent inside the transaction that
# registers many of them at once, of which Django's own signals tell nothing.
people_registered = Signal()

# The same of people who gave their place at an ``event`` back: ``user_ids``. Their registrations
# are updated in one statement, of which Django's own signals tell nothing either.
people_withdrew = Signal()
