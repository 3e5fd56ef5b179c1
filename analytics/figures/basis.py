"""What a session's figures rest on beside its reported rows, in a digest.

Most edits of a programme change titles and texts. Whoever is told of an edit compares the
digest with that of the last computation, and leaves alone what would come out the same.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from analytics.match import in_batches
from analytics.models import StoredFigures
from events.models import Session, SessionSpeaker

# Plan and window; and with whom its people are counted together.
_FIELDS: Final = (
    "pk",
    "starts_at",
    "ends_at",
    "event__doors_open_minutes",
    "event__overrun_minutes",
    "track_id",
)


def basis_of(session_pks: Sequence[int]) -> dict[int, str]:
    """Session pk -> the digest, of those that exist; two queries a batch.

    To be read before the figures are computed: what changes meanwhile is then computed again.
    """
    found: dict[int, str] = {}
    for batch in in_batches(session_pks):
        stage: dict[int, list[int]] = defaultdict(list)
        seen = SessionSpeaker.objects.filter(session__in=batch, speaker__user__isnull=False)
        for session, user in seen.order_by().values_list("session", "speaker__user"):
            stage[session].append(user or 0)
        for pk, *plan in Session.objects.filter(pk__in=batch).values_list(*_FIELDS):
            text = repr([*map(str, plan), sorted(set(stage[pk]))])
            found[pk] = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return found


def moved_among(session_pks: Sequence[int]) -> list[int]:
    """Those of the sessions whose figures rest on something else now than when computed."""
    now = basis_of(session_pks)
    then: dict[int, str] = {}
    for batch in in_batches(session_pks):
        then.update(StoredFigures.objects.filter(pk__in=batch).values_list("pk", "basis"))
    return [pk for pk in session_pks if pk in now and now[pk] != then.get(pk)]
