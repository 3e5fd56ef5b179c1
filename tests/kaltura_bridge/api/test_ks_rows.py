"""Every KS the portal can mint is a row: what is in it, how long, and what it cannot do."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from events.roles import StageRole
from kaltura_bridge.api import broadcast_ks, ks
from kaltura_bridge.api.client import new
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.api.ks_rows import ROWS, KsRow, KsSample, Reach
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.join.roles import permissions_for
from tests import ks_table
from tests.kaltura_bridge.api.test_ks import decode
from tests.kaltura_bridge.support.at_kaltura import at_kaltura

SESSION = UUID(int=7)
HOURS = timedelta(hours=3)
# The rows by which somebody enters a page of KAF.
DOORS = ("entry", "room", "older room", "older room, prepared")
# What each role is in a room, as contextual role, chat moderator and room moderator.
IN_ROOM = {
    StageRole.ATTENDEE: ("3", "0", "0"),
    StageRole.SPEAKER: ("0", "0", "0"),
    StageRole.MODERATOR: ("0", "1", "1"),
    StageRole.PRODUCER: ("0", "1", "1"),
}
rows = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])


def visitor_of(role: StageRole) -> ks.Visitor:
    allowed = permissions_for(role)
    return ks.Visitor(
        user_id=f"portal-{UUID(int=9).hex}",
        display_name="Jane Doe",
        role=allowed.role,
        contextual_role=allowed.contextual_role,
        chat_moderator=allowed.chat_moderator,
        room_moderator=allowed.room_moderator,
    )


def sample(visitor: ks.Visitor, entry_id: str = "1_abcd2345") -> KsSample:
    return KsSample(visitor, SESSION, entry_id, event_id="77", life=HOURS)


def words_put_in(privilege: str, words: dict[str, str]) -> tuple[str, str]:
    """Name and value of a row's privilege, with what its word in capitals stands for."""
    name, _, value = privilege.partition(":")
    return name, words.get(value, value)


def expected(row: KsRow, given: KsSample) -> dict[str, str]:
    told = dict(words_put_in(privilege, given.words) for privilege in row.privileges)
    return told | {"_t": str(int(row.session_type)), "_u": row.user_id(given)}


def assert_as_told(row: KsRow, given: KsSample, settings: Any) -> dict[str, str]:
    before = timezone.now().timestamp()

    fields = decode(row.mint(given), settings.KALTURA_ADMIN_SECRET)

    expiry = int(fields.pop("_e")) - before - ks.CLOCK_SKEW_S
    assert row.life_s(given) - 1 <= expiry <= row.life_s(given) + 2
    assert fields == expected(row, given)
    return fields


@rows
def test_a_ks_holds_what_its_row_says_and_nothing_else(row, settings):
    assert_as_told(row, sample(visitor_of(StageRole.ATTENDEE)), settings)


@pytest.mark.parametrize("role", list(StageRole))
@pytest.mark.parametrize("door", DOORS)
def test_each_role_holds_what_the_row_says_at_each_door(door, role, settings):
    row = next(row for row in ROWS if row.name == door)

    fields = assert_as_told(row, sample(visitor_of(role)), settings)

    contextual, *flags = IN_ROOM[role]
    assert (fields["role"], fields["userContextualRole"]) == ("viewerRole", contextual)
    if door == "room":
        assert [fields["chatModerator"], fields["roomModerator"]] == flags


def test_whoever_mints_has_a_row():
    folder = Path(ks.__file__).parent.parent
    found = set()
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for function in re.split(r"^(?=def )", text, flags=re.MULTILINE):
            named = re.match(r"def (\w+)\(", function)
            if named and re.search(r"(?<!def )\b_?mint(?:_here)?\(", function):
                found.add(named[1])

    assert found - {"mint_here", "mint"} == {row.minted_by.__name__ for row in ROWS}


def test_a_ks_for_work_ends_with_the_work():
    now = timezone.now()
    hours = lambda number: timedelta(hours=number)  # noqa: E731

    lives = [broadcast_ks.working_time(now + hours(number), now) for number in (-5, 2, 30)]

    assert lives == [hours(1), hours(3), hours(12)]


def test_the_page_has_the_rows():
    written = ks_table.PATH.read_text(encoding="utf-8")

    assert written == ks_table.page(written), "Run: python -m tests.ks_table"


# ------------------------------------------------------- what it can do at Kaltura's API
NAME = {"objectType": "KalturaLiveStreamEntry", "name": "Renamed"}
LEAD = {"objectType": "KalturaLiveStreamEntry", "redirectEntryId": "1_elsewher"}
OPEN = {"objectType": "KalturaLiveStreamEntry", "viewMode": "1"}
ADDRESSES = "primaryBroadcastingUrl"


class AtWork:
    """Two webcasts and a room of the portal's, and what somebody with a KS makes of them."""

    def __init__(self) -> None:
        producer = broadcast_ks.purpose_user_id(broadcast_ks.Purpose.PRODUCER, SESSION)
        self.own = self._webcast("Own", entitledUsersEdit=producer)
        self.other = self._webcast("Other")
        room = new("KalturaRoomEntry", name="Room", roomType=1)
        self.room = str(at_kaltura(lambda client: client.room.room.add(room)).id)
        note = {"objectType": "KalturaAnnotation", "entryId": self.other, "text": "Whose?"}
        made = LightCall("cuepoint_cuepoint", "add", {"cuePoint": note}, ks.sync_admin_ks())
        self.question = str(call(made)["id"])

    @staticmethod
    def _webcast(name: str, **more: str) -> str:
        own = {"name": name, "mediaType": 201, "explicitLive": True, **more}
        entry = new("KalturaLiveStreamEntry", **own)
        return str(at_kaltura(lambda client: client.liveStream.add(entry, "32")).id)

    def calls(self) -> dict[str, LightCall]:
        """Deeds by name; of deletions each comes last."""
        question = {"objectType": "KalturaAnnotation", "entryId": self.other, "text": "Why?"}
        report = {"objectType": "KalturaEndUserReportInputFilter", "entryIdIn": self.other}
        picture = {"url": "https://pictures.example/any.jpg"}
        room = {"objectType": "KalturaRoomEntry", "name": "x", "roomType": "1"}
        caption = {"objectType": "KalturaCaptionAsset", "language": "English"}
        event = {
            "objectType": "KalturaRecordScheduleEvent",
            "summary": "x",
            "recurrenceType": "0",
            "startDate": "2000000000",
            "endDate": "2000003600",
        }
        flag = {
            "objectType": "KalturaModerationFlag",
            "flaggedEntryId": self.other,
            "flagType": "1",
        }
        ready = {"objectType": "KalturaBaseEntryFilter", "statusIn": "2,7"}
        token = {"objectType": "KalturaAppToken", "hashType": "SHA1", "sessionUserId": "x"}
        return {
            "read its addresses": LightCall("livestream", "get", {"entryId": self.own}),
            "rename it": self._entry("update", self.own, baseEntry=NAME),
            "go live with it": self._stream(self.own),
            "read another's addresses": LightCall("livestream", "get", {"entryId": self.other}),
            "rename another": self._entry("update", self.other, baseEntry=NAME),
            "go live with another": self._stream(self.other),
            "lead another elsewhere": self._entry("update", self.other, baseEntry=LEAD),
            "new addresses for another": LightCall(
                "livestream", "regenerateStreamToken", {"entryId": self.other}
            ),
            "read another": self._entry("get", self.other),
            "list categories": LightCall("category", "list", {}),
            "report another": LightCall("baseentry", "flag", {"moderationFlag": flag}),
            "list all": LightCall("baseentry", "list", {"filter": ready}),
            "plan": LightCall("schedule_scheduleevent", "add", {"scheduleEvent": event}),
            "make a category": LightCall(
                "category", "add", {"category": {"objectType": "KalturaCategory", "name": "x"}}
            ),
            "see other sessions": LightCall("session", "get", {}),
            "make app tokens": LightCall("apptoken", "add", {"appToken": token}),
            "enter another account": self._entry("get", self.own, partnerId="102"),
            "ask": LightCall("cuepoint_cuepoint", "add", {"cuePoint": question}),
            "delete a question": LightCall("cuepoint_cuepoint", "delete", {"id": self.question}),
            "another's picture": self._entry("updateThumbnailFromUrl", self.other, **picture),
            "make a room": LightCall("room_room", "add", {"entry": room}),
            "caption another": LightCall(
                "caption_captionasset", "add", {"entryId": self.other, "captionAsset": caption}
            ),
            "read reports": LightCall(
                "report", "getTotal", {"reportType": "40001", "reportInputFilter": report}
            ),
            "copy another": self._entry("clone", self.other),
            "rename a room": LightCall(
                "room_room",
                "update",
                {"roomId": self.room, "room": {"objectType": "KalturaRoomEntry", "name": "x"}},
            ),
            "delete a room": LightCall("room_room", "delete", {"roomId": self.room}),
            "delete another": self._entry("delete", self.other),
            "delete it": self._entry("delete", self.own),
        }

    @staticmethod
    def _entry(action: str, entry_id: str, **more: Any) -> LightCall:
        return LightCall("baseentry", action, {"entryId": entry_id, **more})

    @staticmethod
    def _stream(entry_id: str) -> LightCall:
        return LightCall("livestream", "update", {"entryId": entry_id, "liveStreamEntry": OPEN})

    def done_with(self, signed: str) -> set[str]:
        """What of all this succeeds with this KS."""
        return {name for name, deed in self.calls().items() if self._succeeds(name, deed, signed)}

    def _succeeds(self, name: str, deed: LightCall, signed: str) -> bool:
        try:
            answer = call(LightCall(deed.service, deed.action, deed.params, signed))
        except KalturaError:
            return False
        if "addresses" in name:
            return bool(answer.get(ADDRESSES))
        if name == "list all":
            return self.other in {row["id"] for row in answer["objects"]}
        return True


ANY_SESSION = {"ask", "copy another", "another's picture", "read another"}
ANY_SESSION |= {"list categories", "report another"}
ANY_SESSION |= {"make a room", "rename a room", "delete a room"}
PRODUCERS_ROLE = {"read reports"}
PRODUCING = {"read its addresses", "rename it", "go live with it", "delete it"}
MAY = {
    Reach.NOTHING: set(),
    Reach.READ_ENTRY: {"read another"},
    Reach.UPLOAD: set(),
    Reach.PLAY: {"read another", "list categories", "report another"},
    Reach.PREVIEW: {"read another", "list categories", "report another", "read its addresses"},
    Reach.READ_ADDRESSES: {"read its addresses"},
    Reach.WATCH_AND_ANSWER: ANY_SESSION | PRODUCERS_ROLE,
    Reach.PRODUCE: ANY_SESSION | PRODUCERS_ROLE | PRODUCING,
}


@pytest.mark.django_db
@rows
def test_a_ks_does_at_kaltura_what_its_row_says_and_no_more(row, simulator):
    work = AtWork()
    visitor = visitor_of(StageRole.PRODUCER)
    # A stream has no captions, whoever adds them.
    everything = set(work.calls()) - {"enter another account", "caption another"}

    done = work.done_with(row.mint(sample(visitor, work.own)))

    assert done == MAY.get(row.reach, everything)


@pytest.mark.django_db
def test_a_read_of_addresses_is_good_for_no_other_path(simulator):
    work = AtWork()
    signed = broadcast_ks.ingest_ks(SESSION, work.own)

    assert call(LightCall("livestream", "get", {"entryId": work.own}, signed))[ADDRESSES]
    with pytest.raises(KalturaError, match="EXCEEDED_RESTRICTED_URI"):
        call(LightCall("livestream", "getDetails", {"id": work.own}, signed))
