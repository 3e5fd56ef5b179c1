"""Who is signed in: Django's sessions in the database, looked up by SQL that is written once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from django.contrib.sessions.backends import db
from django.utils import timezone

from events.caching.prepared import PreparedQuery

# No session has this key, and none ends at this moment.
_SOME_KEY: Final = "*session*"
_NOW: Final = datetime(1901, 2, 3, tzinfo=UTC)


class SessionStore(db.SessionStore):
    """What SESSION_ENGINE names. Django signs what it stores with this class's name, too."""

    def _get_session_from_db(self) -> Any:
        found = _asking(self.model).first({_SOME_KEY: self.session_key, _NOW: timezone.now()})
        if found is None:
            self._session_key = None  # As Django does: nobody chooses their own key.
        return found


@cache
def _asking(model: Any) -> PreparedQuery[Any]:
    living = {"session_key": _SOME_KEY, "expire_date__gt": _NOW}
    return PreparedQuery(model, lambda: model.objects.filter(**living))
