"""The KS of Kaltura's player in a page of ours, or in a plain frame.

The player calls Kaltura's API itself, as often as it likes: the playback context, whether a
stream is live (every ten seconds), captions, cue points, and what was watched. So
``actionslimit`` cannot stand in this KS: -1 forbids every call, and a number would stop the
video sooner or later; and as the player puts its calls into one multirequest, ``urirestrict``
would allow them all or none. What limits it is a role: ``PLAYBACK_BASE_ROLE`` may look and play,
where a session without a role may also rename rooms, change pictures and copy videos (seen at a
running server, 22.19).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from kaltura_bridge.api.broadcast_ks import Purpose, purpose_user_id
from kaltura_bridge.api.ks import KsType, Name, Privilege, mint_here

APP_ID: Final = "event-portal"
NO_ROLE: Final = "none"
LEAST: Final = timedelta(minutes=30)
MOST: Final = timedelta(hours=6)
# People pause, go back, and look again.
SLACK: Final = timedelta(minutes=30)


def player_ks(user_id: str, entry_id: str, privacy_context: str, life: timedelta) -> str:
    """For playing one entry, and what it redirects to, as the person may see it at Kaltura.

    ``privacy_context`` is the event's; "" sees only what is gated by none.
    """
    privileges = list(_privileges(user_id, entry_id, privacy_context))
    return mint_here(user_id, KsType.USER, life.total_seconds(), privileges)


def preview_ks(session_uuid: UUID, entry_id: str, privacy_context: str) -> str:
    """For a producer's look at a broadcast before viewers see it, in a player of ours.

    Kaltura shows a preview to administrators, the entry's owner and its co-editors, unless the
    session carries ``restrictexplicitliveview:*`` (LiveEntry.php of kaltura/server). So it is for
    the one user who co-edits the entry, nobody's account; its role plays and changes nothing.
    """
    user_id = purpose_user_id(Purpose.PRODUCER, session_uuid)
    privileges = list(_privileges(user_id, entry_id, privacy_context, sees_preview=True))
    return mint_here(user_id, KsType.USER, PREVIEW_S, privileges)


# A look before going live; whoever looks for longer opens it again.
PREVIEW_S: Final = 3600
# One redirect, followed at once; a large file is sent after the look at the KS.
DOWNLOAD_S: Final = 300


def download_ks(user_id: str, entry_id: str, privacy_context: str) -> str:
    """For a copy of one recording, by ``playManifest``; the same role, so nothing else with it.

    ``actionslimit`` cannot stand in it either: -1 would refuse the file as it refuses calls.
    """
    privileges = [
        *([Privilege(Name.SET_ROLE, player_role())] if player_role() else []),
        Privilege(Name.SVIEW, entry_id),
        Privilege(Name.DOWNLOAD, entry_id),
        Privilege(Name.ENABLE_ENTITLEMENT),
        *([Privilege(Name.PRIVACY_CONTEXT, privacy_context)] if privacy_context else []),
    ]
    return mint_here(user_id, KsType.USER, DOWNLOAD_S, privileges)


def playing_time(length: timedelta) -> timedelta:
    """How long a player's KS lives: what there is to watch and half an hour, 30 min to 6 h."""
    return max(LEAST, min(MOST, length + SLACK))


def player_role() -> str:
    """The role of the settings; "" without one."""
    return "" if settings.KALTURA_PLAYER_ROLE == NO_ROLE else str(settings.KALTURA_PLAYER_ROLE)


def app_domain() -> str:
    """Where people watch, for Kaltura's analytics: the portal's host."""
    return (urlsplit(settings.SITE_URL).hostname or "localhost").lower()


def _privileges(
    user_id: str, entry_id: str, privacy_context: str, *, sees_preview: bool = False
) -> Iterator[Privilege]:
    if role := player_role():
        yield Privilege(Name.SET_ROLE, role)
    yield Privilege(Name.SVIEW, entry_id)
    yield Privilege(Name.ENABLE_ENTITLEMENT)
    if privacy_context:
        yield Privilege(Name.PRIVACY_CONTEXT, privacy_context)
    if not sees_preview:
        # Previews are for producers, and they have the desk.
        yield Privilege(Name.RESTRICT_LIVE_VIEW, "*")
    yield Privilege(Name.APP_ID, APP_ID)
    yield Privilege(Name.APP_DOMAIN, app_domain())
    yield Privilege(Name.SESSION_KEY, user_id)
