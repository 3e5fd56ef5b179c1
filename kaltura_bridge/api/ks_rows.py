"""Every KS that this portal can mint: for whom, what is in it, how long, where it travels.

docs/security.md has these rows as its table (``python -m tests.ks_table`` writes it), and
tests/kaltura_bridge/api/test_ks_rows.py mints each, compares what is in it, and tries at the
local Kaltura what it must not be able to do. Whoever mints another adds its row here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.conf import settings

from kaltura_bridge.api import broadcast_ks, gallery_ks, ks, player_ks, upload_ks
from kaltura_bridge.api.broadcast_ks import Purpose, purpose_user_id


class Reach(StrEnum):
    """What a KS is good for at Kaltura's API. Each stands for several calls in the test."""

    EVERYTHING = "everything that the account may"
    NOTHING = "nothing at the API: `actionslimit:-1`"
    READ_ENTRY = "one kind of call: to read an entry, as any session may (below)"
    READ_ADDRESSES = "one read of the one entry, with its ingest addresses; no other path"
    UPLOAD = "one kind of call: to open an upload, to send a part of an own one, or to look at it"
    PLAY = (
        "looks at entries and plays, as the role allows, and reads the categories that the privacy "
        "context shows; reports entries to the account's moderators; changes, asks and copies "
        "nothing else"
    )
    PREVIEW = "as the player's, and the one entry's preview and ingest addresses"
    PRODUCE = (
        "go live with the one entry, rename it, delete it while it is off air, read its ingest "
        "addresses; what any session and any producer may (below)"
    )
    WATCH_AND_ANSWER = "what any session and any producer may (below)"


_CATEGORY: Final = gallery_ks.GalleryCategory("79", "Ethics", "eventcontext")


@dataclass(frozen=True)
class KsSample:
    """Somebody and something to mint for."""

    visitor: ks.Visitor
    session_uuid: UUID
    entry_id: str
    event_id: str
    life: timedelta
    resource_id: str = "78"
    privacy_context: str = "eventcontext"
    category: gallery_ks.GalleryCategory = _CATEGORY

    @property
    def words(self) -> dict[str, str]:
        """What stands for each word in capitals of a row's privileges."""
        first, last = ks.split_display_name(self.visitor.display_name)
        return {
            "ENTRY": self.entry_id,
            "EVENT": self.event_id,
            "RESOURCE": self.resource_id,
            "PERSON": self.visitor.user_id,
            "PRODUCER": purpose_user_id(Purpose.PRODUCER, self.session_uuid),
            "FIRST": first,
            "LAST": last,
            "0-OR-3": str(int(self.visitor.contextual_role)),
            "0-1-OR-3": str(int(self.visitor.contextual_role)),
            "CATEGORY": self.category.name,
            "CHAT": str(int(self.visitor.chat_moderator)),
            "ROOM": str(int(self.visitor.room_moderator)),
            "LANGUAGE": self.visitor.locale,
            "CONTEXT": self.privacy_context,
            "HOST": player_ks.app_domain(),
        }


@dataclass(frozen=True)
class KsRow:
    """One KS. ``privileges`` in their order, with words in capitals for what changes."""

    name: str
    for_whom: str
    session_type: ks.KsType
    user: str
    privileges: tuple[str, ...]
    life: str
    travels: str
    reach: Reach
    minted_by: Callable[..., str]
    mint: Callable[[KsSample], str]
    user_id: Callable[[KsSample], str]
    life_s: Callable[[KsSample], float]


def _kaf_life(sample: KsSample) -> float:
    return float(settings.KALTURA_KAF_KS_S)


def _server_life(sample: KsSample) -> float:
    return float(settings.KALTURA_SERVER_KS_S)


def _work_life(sample: KsSample) -> float:
    return sample.life.total_seconds()


def _person(sample: KsSample) -> str:
    return sample.visitor.user_id


def _owner(sample: KsSample) -> str:
    return str(settings.KALTURA_USER_ID)


def _user_for(purpose: Purpose) -> Callable[[KsSample], str]:
    return lambda sample: purpose_user_id(purpose, sample.session_uuid)


_KAF_LIFE: Final = "`KALTURA_KAF_KS_S` (300 s)"
_SERVER_LIFE: Final = "`KALTURA_SERVER_KS_S` (600 s)"
_WORK_LIFE: Final = "until an hour after the doors close; 1 to 12 hours"
_TO_PRODUCERS: Final = "until an hour after the doors close, of no cancelled session; noted"
_TO_MODERATORS: Final = (
    "from an hour before the start until an hour after the doors close, of no draft or cancelled "
    "session; noted"
)
_IN_FRAME: Final = (
    "in the address to which `/join/frame/` redirects, inside our frame, or on wish "
    "`/join/tab/`, in the address bar; in no page, cookie or log of ours"
)
_SOMEBODY: Final = (
    "userId:PERSON",
    "entryId:ENTRY",
    "role:viewerRole",
    "userContextualRole:0-OR-3",
    "firstName:FIRST",
    "lastName:LAST",
    "locale:LANGUAGE",
)
_AT_WORK: Final = (
    f"setrole:{ks.PRODUCER_ROLE}",
    "sview:ENTRY",
    "list:ENTRY",
    "download:ENTRY",
)

ROWS: Final[tuple[KsRow, ...]] = (
    KsRow(
        name="sync",
        for_whom="the portal's own calls",
        session_type=ks.KsType.ADMIN,
        user="`KALTURA_USER_ID`",
        privileges=("disableentitlement",),
        life=_SERVER_LIFE,
        travels="in requests to Kaltura's API; worker and commands only, never the web process",
        reach=Reach.EVERYTHING,
        minted_by=ks.sync_admin_ks,
        mint=lambda sample: ks.sync_admin_ks(),
        user_id=_owner,
        life_s=_server_life,
    ),
    KsRow(
        name="entry",
        for_whom="a browser that enters a webcast, simulive or recording (doctor, join test too)",
        session_type=ks.KsType.USER,
        user="the person's opaque id",
        privileges=("actionslimit:-1", *_SOMEBODY),
        life=_KAF_LIFE,
        travels=_IN_FRAME,
        reach=Reach.NOTHING,
        minted_by=ks.kaf_entry_ks,
        mint=lambda sample: ks.kaf_entry_ks(sample.visitor, sample.entry_id),
        user_id=_person,
        life_s=_kaf_life,
    ),
    KsRow(
        name="player",
        for_whom="a browser that watches without KAF (a join test too)",
        session_type=ks.KsType.USER,
        user="the person's opaque id",
        privileges=(
            "setrole:PLAYBACK_BASE_ROLE",
            "sview:ENTRY",
            "enableentitlement",
            "privacycontext:CONTEXT",
            "restrictexplicitliveview:*",
            f"appid:{player_ks.APP_ID}",
            "appdomain:HOST",
            "sessionkey:PERSON",
        ),
        life="until the doors close, or the recording's length and half an hour; 30 min to 6 h",
        travels=(
            "in the JSON of the player's page, which only our frame opens; from there in the "
            "player's requests to Kaltura. As a plain frame: in the address at Kaltura to which "
            "`/join/frame/` redirects"
        ),
        reach=Reach.PLAY,
        minted_by=player_ks.player_ks,
        mint=lambda s: player_ks.player_ks(
            s.visitor.user_id, s.entry_id, s.privacy_context, player_ks.playing_time(s.life)
        ),
        user_id=_person,
        life_s=lambda s: player_ks.playing_time(s.life).total_seconds(),
    ),
    KsRow(
        name="preview",
        for_whom=(
            "a producer who looks at a broadcast on the live desk before viewers see it, "
            f"{_TO_PRODUCERS}"
        ),
        session_type=ks.KsType.USER,
        user="one of its own for the session, who co-edits the entry",
        privileges=(
            "setrole:PLAYBACK_BASE_ROLE",
            "sview:ENTRY",
            "enableentitlement",
            "privacycontext:CONTEXT",
            f"appid:{player_ks.APP_ID}",
            "appdomain:HOST",
            "sessionkey:PRODUCER",
        ),
        life=f"{player_ks.PREVIEW_S} s",
        travels=(
            "in the JSON of the player's page, which only the desk's frame opens; from there in "
            "the player's requests to Kaltura"
        ),
        reach=Reach.PREVIEW,
        minted_by=player_ks.preview_ks,
        mint=lambda s: player_ks.preview_ks(s.session_uuid, s.entry_id, s.privacy_context),
        user_id=_user_for(Purpose.PRODUCER),
        life_s=lambda s: player_ks.PREVIEW_S,
    ),
    KsRow(
        name="download",
        for_whom="somebody who keeps a copy of a published recording, where the event allows it",
        session_type=ks.KsType.USER,
        user="the person's opaque id",
        privileges=(
            "setrole:PLAYBACK_BASE_ROLE",
            "sview:ENTRY",
            "download:ENTRY",
            "enableentitlement",
            "privacycontext:CONTEXT",
        ),
        life=f"{player_ks.DOWNLOAD_S} s",
        travels=(
            "in the address of the file at Kaltura, to which one redirect leads; in no page, "
            "cookie or log of ours"
        ),
        reach=Reach.PLAY,
        minted_by=player_ks.download_ks,
        mint=lambda s: player_ks.download_ks(s.visitor.user_id, s.entry_id, s.privacy_context),
        user_id=_person,
        life_s=lambda s: player_ks.DOWNLOAD_S,
    ),
    KsRow(
        name="upload, opened",
        for_whom="a planner who uploads a video for a session",
        session_type=ks.KsType.USER,
        user="one of its own for the session",
        privileges=(f"urirestrict:{upload_ks.UploadCall.OPEN.path}",),
        life=f"{upload_ks.UPLOAD_S} s",
        travels="in the web process's one request to Kaltura's API; never to a browser",
        reach=Reach.UPLOAD,
        minted_by=upload_ks.upload_ks,
        mint=lambda s: upload_ks.upload_ks(s.session_uuid, upload_ks.UploadCall.OPEN),
        user_id=lambda s: upload_ks.uploader_id(s.session_uuid),
        life_s=lambda s: upload_ks.UPLOAD_S,
    ),
    KsRow(
        name="upload, part",
        for_whom="the same, for each part of the file",
        session_type=ks.KsType.USER,
        user="one of its own for the session",
        privileges=(f"urirestrict:{upload_ks.UploadCall.PART.path}",),
        life=f"{upload_ks.UPLOAD_S} s",
        travels="in the web process's one request to Kaltura's API; never to a browser",
        reach=Reach.UPLOAD,
        minted_by=upload_ks.upload_ks,
        mint=lambda s: upload_ks.upload_ks(s.session_uuid, upload_ks.UploadCall.PART),
        user_id=lambda s: upload_ks.uploader_id(s.session_uuid),
        life_s=lambda s: upload_ks.UPLOAD_S,
    ),
    KsRow(
        name="upload, found",
        for_whom="the same, before an upload is opened: an earlier answer may be lost",
        session_type=ks.KsType.USER,
        user="one of its own for the session",
        privileges=(f"urirestrict:{upload_ks.UploadCall.FIND.path}",),
        life=f"{upload_ks.UPLOAD_S} s",
        travels="in the web process's one request to Kaltura's API; never to a browser",
        reach=Reach.UPLOAD,
        minted_by=upload_ks.upload_ks,
        mint=lambda s: upload_ks.upload_ks(s.session_uuid, upload_ks.UploadCall.FIND),
        user_id=lambda s: upload_ks.uploader_id(s.session_uuid),
        life_s=lambda s: upload_ks.UPLOAD_S,
    ),
    KsRow(
        name="upload, read",
        for_whom="the same, after the answer to a part was lost",
        session_type=ks.KsType.USER,
        user="one of its own for the session",
        privileges=(f"urirestrict:{upload_ks.UploadCall.READ.path}",),
        life=f"{upload_ks.UPLOAD_S} s",
        travels="in the web process's one request to Kaltura's API; never to a browser",
        reach=Reach.UPLOAD,
        minted_by=upload_ks.upload_ks,
        mint=lambda s: upload_ks.upload_ks(s.session_uuid, upload_ks.UploadCall.READ),
        user_id=lambda s: upload_ks.uploader_id(s.session_uuid),
        life_s=lambda s: upload_ks.UPLOAD_S,
    ),
    KsRow(
        name="room",
        for_whom="a browser that enters a room (a join test too)",
        session_type=ks.KsType.USER,
        user="the person's opaque id",
        privileges=("actionslimit:-1", *_SOMEBODY, "chatModerator:CHAT", "roomModerator:ROOM"),
        life=_KAF_LIFE,
        travels=_IN_FRAME,
        reach=Reach.NOTHING,
        minted_by=ks.kaf_room_ks,
        mint=lambda sample: ks.kaf_room_ks(sample.visitor, sample.entry_id),
        user_id=_person,
        life_s=_kaf_life,
    ),
    KsRow(
        name="older room",
        for_whom="a browser that enters a room of the older form",
        session_type=ks.KsType.USER,
        user="the person's opaque id",
        privileges=(
            "actionslimit:-1",
            "eventId:EVENT",
            "role:viewerRole",
            "userContextualRole:0-OR-3",
            "firstName:FIRST",
            "lastName:LAST",
        ),
        life=_KAF_LIFE,
        travels=_IN_FRAME,
        reach=Reach.NOTHING,
        minted_by=ks.kaf_launch_ks,
        mint=lambda sample: ks.kaf_launch_ks(sample.visitor, sample.event_id),
        user_id=_person,
        life_s=_kaf_life,
    ),
    KsRow(
        name="older room, prepared",
        for_whom="a browser of who leads a room of the older form, before its doors open",
        session_type=ks.KsType.USER,
        user="the person's opaque id",
        privileges=(
            "actionslimit:-1",
            "resourceId:RESOURCE",
            "role:viewerRole",
            "userContextualRole:0-OR-3",
            "firstName:FIRST",
            "lastName:LAST",
        ),
        life=_KAF_LIFE,
        travels=_IN_FRAME,
        reach=Reach.NOTHING,
        minted_by=ks.kaf_prepare_ks,
        mint=lambda sample: ks.kaf_prepare_ks(sample.visitor, sample.resource_id),
        user_id=_person,
        life_s=_kaf_life,
    ),
    KsRow(
        name="gallery",
        for_whom="a browser that enters the gallery of an event or track (the look at it too)",
        session_type=ks.KsType.USER,
        user="the person's opaque id",
        privileges=(
            "actionslimit:-1",
            "userId:PERSON",
            "contextId:CATEGORY",
            "role:viewerRole",
            "userContextualRole:0-1-OR-3",
            "firstName:FIRST",
            "lastName:LAST",
            "locale:LANGUAGE",
            # Of an event with a privacy context.
            "enableentitlement:",
            "privacycontext:CONTEXT",
        ),
        life=_KAF_LIFE,
        travels=(
            "in the address to which `/gallery-frame/` redirects, inside our frame; in no page, "
            "cookie or log of ours"
        ),
        reach=Reach.NOTHING,
        minted_by=gallery_ks.kaf_gallery_ks,
        mint=lambda sample: gallery_ks.kaf_gallery_ks(sample.visitor, sample.category),
        user_id=_person,
        life_s=_kaf_life,
    ),
    KsRow(
        name="attendance",
        for_whom="attendance of rooms through KAF",
        session_type=ks.KsType.USER,
        user="`KALTURA_USER_ID`",
        privileges=(
            "actionslimit:-1",
            "eventId:EVENT",
            "role:viewerRole",
            # The whole call, percent-encoded; of a room entry `resourceId:ENTRY` stands first.
            "api:%7B%22method%22%3A%22GET%22%2C%22action%22%3A%22sessions%22%2C%22params%22%3A%7B%7D%7D",
        ),
        life=_SERVER_LIFE,
        travels="in the worker's request to KAF",
        reach=Reach.NOTHING,
        minted_by=ks.newrow_ks,
        mint=lambda sample: ks.newrow_ks(action="sessions", params={}, event_id=sample.event_id),
        user_id=_owner,
        life_s=_server_life,
    ),
    KsRow(
        name="live desk",
        for_whom="a producer who goes live, cuts, shows something else, or sees the audience",
        session_type=ks.KsType.USER,
        user="one of its own for the entry",
        privileges=(f"setrole:{ks.PRODUCER_ROLE}", "edit:ENTRY"),
        life=f"{ks.CONTROL_KS_S} s",
        travels="in the web process's requests to Kaltura's API at one click; never to a browser",
        reach=Reach.PRODUCE,
        minted_by=ks.live_control_ks,
        mint=lambda sample: ks.live_control_ks(sample.entry_id),
        user_id=lambda sample: f"portal-live-{sample.entry_id}",
        life_s=lambda sample: ks.CONTROL_KS_S,
    ),
    KsRow(
        name="look",
        for_whom="a helper who asks why somebody cannot join",
        session_type=ks.KsType.USER,
        user="one of its own, which owns nothing",
        privileges=("sview:ENTRY", f"urirestrict:{ks.READ_ENTRY}"),
        life=f"{ks.LOOK_KS_S} s",
        travels="in the web process's one request to Kaltura's API; never to a browser",
        reach=Reach.READ_ENTRY,
        minted_by=ks.entry_look_ks,
        mint=lambda sample: ks.entry_look_ks(sample.entry_id),
        user_id=lambda sample: ks.LOOKING,
        life_s=lambda sample: ks.LOOK_KS_S,
    ),
    KsRow(
        name="ingest",
        for_whom=f"a producer who asks for the encoder's addresses, {_TO_PRODUCERS}",
        session_type=ks.KsType.USER,
        user="one of its own for the session",
        privileges=("edit:ENTRY", f"urirestrict:{broadcast_ks.READ_STREAM}"),
        life=f"{broadcast_ks.INGEST_S} s",
        travels="in the web process's one request to Kaltura's API; never to a browser",
        reach=Reach.READ_ADDRESSES,
        minted_by=broadcast_ks.ingest_ks,
        mint=lambda sample: broadcast_ks.ingest_ks(sample.session_uuid, sample.entry_id),
        user_id=_user_for(Purpose.INGEST),
        life_s=lambda sample: broadcast_ks.INGEST_S,
    ),
    KsRow(
        name="studio",
        for_whom=f"a producer who opens the Webcasting Studio, {_TO_PRODUCERS}",
        session_type=ks.KsType.USER,
        user="one of its own for the session",
        privileges=(*_AT_WORK, "edit:ENTRY"),
        life=_WORK_LIFE,
        travels=(
            "in the `KalturaWebcast:` address of one redirect, which the browser hands to the "
            "program; in no page, script, cookie or log of ours"
        ),
        reach=Reach.PRODUCE,
        minted_by=broadcast_ks.studio_ks,
        mint=lambda s: broadcast_ks.studio_ks(s.session_uuid, s.entry_id, s.life),
        user_id=_user_for(Purpose.PRODUCER),
        life_s=_work_life,
    ),
    KsRow(
        name="moderator",
        for_whom=f"a moderator who opens Kaltura's page of questions, {_TO_MODERATORS}",
        session_type=ks.KsType.USER,
        user="one of its own for the session",
        privileges=_AT_WORK,
        life=_WORK_LIFE,
        travels=(
            "in the address of Kaltura's page, to which one redirect leads; it stands in the "
            "moderator's address bar there, in nothing of ours"
        ),
        reach=Reach.WATCH_AND_ANSWER,
        minted_by=broadcast_ks.moderator_ks,
        mint=lambda s: broadcast_ks.moderator_ks(s.session_uuid, s.entry_id, s.life),
        user_id=_user_for(Purpose.MODERATOR),
        life_s=_work_life,
    ),
)


def table() -> str:
    """The rows as docs/security.md shows them."""
    lines = [
        "| KS | For | Type, user | Privileges | Life | Where it travels | What it reaches |",
        "|---|---|---|---|---|---|---|",
        *(_line(row) for row in ROWS),
    ]
    return "\n".join(lines) + "\n"


def _line(row: KsRow) -> str:
    privileges = ", ".join(f"`{_short(text)}`" for text in row.privileges)
    who = f"{row.session_type.name}, {row.user}"
    cells = (row.name, row.for_whom, who, privileges, row.life, row.travels, row.reach)
    return f"| {' | '.join(cells)} |"


def _short(privilege: str) -> str:
    """A call inside a privilege is told, not repeated."""
    return "api:CALL" if privilege.startswith("api:") else privilege
