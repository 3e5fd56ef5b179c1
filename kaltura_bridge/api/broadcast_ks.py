"""The KS of whoever runs a broadcast: for its addresses, the Webcasting Studio, the questions.

Kaltura's role for producers reaches every entry that its *user* owns or co-edits, and ``list:``,
``download:`` and ``sview:`` bind nothing (both seen at a running server, 22.19). So each of these
is for a user of its own, one for each session and purpose, who owns nothing; what it may change
is the one entry that ``edit:`` names. That of producers co-edits this entry, where it has a
preview: else nobody but administrators would see that.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from kaltura_bridge.api.ks import PRODUCER_ROLE, KsType, Name, Privilege, mint_here

INGEST_S: Final = 60  # one call, made at once
# The program keeps the KS that it was opened with and cannot ask for another: one that ran out
# in the middle of a broadcast would leave nobody to end it. So it lasts as long as the work does.
AFTER_DOORS: Final = timedelta(hours=1)
LEAST: Final = timedelta(hours=1)
MOST: Final = timedelta(hours=12)
READ_STREAM: Final = "/api_v3/service/livestream/action/get"


class Purpose(StrEnum):
    """For what somebody is known to Kaltura by a name that nobody else has."""

    INGEST = "ingest"
    PRODUCER = "producer"
    MODERATOR = "moderator"


def purpose_user_id(purpose: Purpose, session_uuid: UUID) -> str:
    """Who works on this session at Kaltura; nobody's account, so no attendance is theirs."""
    return f"portal-{purpose}-{session_uuid.hex}"


def working_time(doors_close_at: datetime, now: datetime) -> timedelta:
    """How long a producer's or moderator's KS lives: an hour beyond the doors, 1 to 12 hours."""
    return max(LEAST, min(MOST, doors_close_at + AFTER_DOORS - now))


def service_address() -> str:
    """Kaltura's address as its own programs want it: no slash at the end."""
    return str(settings.KALTURA_SERVICE_URL).rstrip("/")


def ingest_ks(session_uuid: UUID, entry_id: str) -> str:
    """For one ``liveStream.get``, which shows an entry's addresses to whoever may edit it.

    It is good for the path of that call only.
    """
    path = urlsplit(service_address()).path + READ_STREAM
    privileges = [Privilege(Name.EDIT, entry_id), Privilege(Name.URI_RESTRICT, path)]
    user_id = purpose_user_id(Purpose.INGEST, session_uuid)
    return mint_here(user_id, KsType.USER, INGEST_S, privileges)


def studio_ks(session_uuid: UUID, entry_id: str, life: timedelta) -> str:
    """For the Webcasting Studio: produces one entry, and changes it, as going live does."""
    privileges = [*_at_work(entry_id), Privilege(Name.EDIT, entry_id)]
    user_id = purpose_user_id(Purpose.PRODUCER, session_uuid)
    return mint_here(user_id, KsType.USER, life.total_seconds(), privileges)


def moderator_ks(session_uuid: UUID, entry_id: str, life: timedelta) -> str:
    """For the moderator view: answers questions of one entry, and cannot change the entry."""
    user_id = purpose_user_id(Purpose.MODERATOR, session_uuid)
    return mint_here(user_id, KsType.USER, life.total_seconds(), _at_work(entry_id))


def _at_work(entry_id: str) -> list[Privilege]:
    """What Kaltura's two programs ask for, each bound to the entry where samples say ``*``."""
    return [
        Privilege(Name.SET_ROLE, PRODUCER_ROLE),
        *(Privilege(name, entry_id) for name in (Name.SVIEW, Name.LIST, Name.DOWNLOAD)),
    ]
