"""Who a portal person is to Kaltura.

Kaltura learns an opaque id and a display name; never an e-mail address, never a row
number. Both ways of the id live here: out with every KS, back with attendance.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import Final

from events.models import User

ID_PREFIX: Final = "portal-"
#: The made-up viewer of join tests: owns nothing at Kaltura, and is in no figure of ours.
JOIN_TESTER_ID: Final = "event-portal-join-test"
# Kaltura compares user ids without regard to case, so we read ours back the same way.
_USER_ID: Final = re.compile(rf"{ID_PREFIX}([0-9a-f]{{32}})", re.IGNORECASE)
# SQLite takes a limited number of values in one query.
_BATCH: Final = 500


def kaltura_user_id(user: User) -> str:
    """The person's id at Kaltura: opaque, one for each account, the same for ever."""
    return f"{ID_PREFIX}{user.uuid.hex}"


def account_uuid(user_id: str) -> str | None:
    """The account's UUID, as 32 hex digits, in an id that came back; None in one not ours."""
    found = _USER_ID.fullmatch(user_id)
    return found[1].lower() if found else None


def users_by_kaltura_id(user_ids: Iterable[str]) -> dict[str, User]:
    """The people behind ids that came back from Kaltura; ids that are not ours are left out."""
    uuids = {text: uuid.UUID(found[1]) for text in user_ids if (found := _USER_ID.fullmatch(text))}
    wanted = sorted(set(uuids.values()))
    users: dict[uuid.UUID, User] = {}
    for start in range(0, len(wanted), _BATCH):
        batch = User.objects.filter(uuid__in=wanted[start : start + _BATCH])
        users.update((user.uuid, user) for user in batch)
    return {text: users[key] for text, key in uuids.items() if key in users}


def is_join_tester(user_id: str) -> bool:
    """Whether an id that came back is that of join tests, so that it counts as nobody."""
    return user_id.strip().casefold() == JOIN_TESTER_ID
