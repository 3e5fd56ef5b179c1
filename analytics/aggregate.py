"""From reported rows to one SessionAttendance per person, for pages and files.

Everything here may run at any time and any number of times: only what differs is written.
"""

from __future__ import annotations

from collections.abc import Iterable

from analytics.figures.renewal import renew
from analytics.models import SessionAttendance, Stay, ViewerTotal
from analytics.privacy.tokens import TOKEN_LENGTH, UNNAMED
from analytics.remote_people import named_by


def person_key(row: Stay | ViewerTotal) -> str:
    """Who a row is about: our user, else the id by which the source, or Kaltura, names them.

    Whose name is not kept has one token in all sources (privacy/unnamed.py).
    An id of "0" is taken for none, as it is with times. Only where a source has no id at
    all do equal names count as one guest. figures/presence.py says the same in SQL.
    """
    if row.user_id:
        return f"user:{row.user_id}"
    if row.remote_user_id.startswith(UNNAMED):
        # What a report has of a person's second sign-in has a number behind it.
        return row.remote_user_id[:TOKEN_LENGTH]
    if row.remote_user_id not in ("", "0"):
        return f"{named_by(row.source, row.remote_user_id)}:{row.remote_user_id}"
    return f"{row.source}:name:{row.name}"


def rebuild(session_pk: int) -> int:
    """Compute the session's attendance anew. Returns how many people; 0 for a deleted session."""
    renew([session_pk], force=True)
    return SessionAttendance.objects.filter(session_id=session_pk).count()


def rebuild_all(session_pks: Iterable[int]) -> None:
    """Compute the attendance of several sessions anew."""
    renew(session_pks, force=True)
