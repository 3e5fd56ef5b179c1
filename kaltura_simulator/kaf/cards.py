"""Entries as the list pages show them: kind, state, time and link of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kaltura_simulator.api import ks
from kaltura_simulator.kaf.access import is_in_channels
from kaltura_simulator.kaf.paths import VIEW_ENTRY
from kaltura_simulator.kaf.player import event_of, player_state
from kaltura_simulator.kaf.users import KafUser
from kaltura_simulator.rules import entry_types
from kaltura_simulator.rules.entry_types import is_deleted, is_live_stream, is_ready, is_room
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import MAX_UNIX, format_time
from kaltura_simulator.state.visits import Visits
from kaltura_simulator.state.world import World

#: What a clip is called, by its ``mediaType``.
_MEDIA_LABELS = {"1": "Video", "2": "Image", "5": "Audio"}
#: At Kaltura a cookie keeps a user signed in after their session is over; here each link
#: of a list has a session of its own.
_LINK_SESSION_S = 3600
#: The privileges that the sessions of these links take over.
_PASSED_ON = (
    "role",
    "userContextualRole",
    "firstName",
    "lastName",
    "email",
    "locale",
    "enableentitlement",
    "privacycontext",
)
_DAY, _CLOCK = "%a %-d %b %Y", "%H:%M"


@dataclass(frozen=True)
class EntryCard:
    """One entry in a list; ``start`` is a Unix time, 0 without a schedule."""

    entry: Data
    kind: str
    kind_label: str
    state: str
    state_label: str
    start: int
    when: str
    #: Empty for an entry that the pages would not open.
    link: str = ""
    #: Whether it waits for moderation.
    is_pending: bool = False

    @property
    def id(self) -> str:
        """The entry's id."""
        return str(self.entry["id"])

    @property
    def name(self) -> str:
        """The entry's name."""
        return str(self.entry.get("name") or self.id)


def cards_for(
    world: World, user: KafUser, entries: Iterable[Data], pending: frozenset[str] = frozenset()
) -> list[EntryCard]:
    """Cards by scheduled time; those without one come last, by name."""
    found = [_card(world, user, entry, entry["id"] in pending) for entry in entries]
    return sorted(found, key=lambda item: (item.start or MAX_UNIX, item.name.casefold(), item.id))


def is_listed(entry: Data) -> bool:
    """Whether an audience sees an entry in lists: rooms, streams, and clips that are ready."""
    if is_room(entry) or is_live_stream(entry):
        return not is_deleted(entry)
    return is_ready(entry)


def _card(world: World, user: KafUser, entry: Data, is_pending: bool) -> EntryCard:
    event = event_of(world, user.partner, entry["id"])
    kind, kind_label = _kind(entry)
    state, state_label = _state(world, user.partner, entry, event)
    opens = not is_pending and is_in_channels(world, user.partner, entry["id"])
    return EntryCard(
        entry=entry,
        kind=kind,
        kind_label=kind_label,
        state=state,
        state_label=state_label,
        start=int(event["startDate"]) if event else 0,
        when=_when(entry, event),
        link=link_for(world, user, entry["id"]) if opens else "",
        is_pending=is_pending,
    )


def _kind(entry: Data) -> tuple[str, str]:
    if is_room(entry):
        return "room", "Room"
    if is_live_stream(entry):
        return "live", "Webcast"
    if str(entry.get("sourceType")) == entry_types.RECORDED_LIVE:
        return "vod", "Recording"
    if entry.get("type") == entry_types.MEDIA:
        return "vod", _MEDIA_LABELS.get(str(entry.get("mediaType")), "Media")
    return "vod", "Document"


def _state(world: World, partner: int, entry: Data, event: Data | None) -> tuple[str, str]:
    if is_room(entry):
        return _room_state(world, partner, entry, event)
    if is_live_stream(entry):
        player = player_state(world, partner, entry)
        return player.stage, player.label
    if not is_ready(entry):
        return "processing", "Not ready yet"
    return "ready", length_of(entry) or "Ready"


def _room_state(world: World, partner: int, entry: Data, event: Data | None) -> tuple[str, str]:
    here = len(Visits(world.store, world.clock, partner).present(entry["id"]))
    if here:
        return "live", f"{here} {'person' if here == 1 else 'people'} here"
    now = world.clock.now()
    if event and now < int(event["startDate"]):
        return "upcoming", "Not started"
    if event and now >= int(event["endDate"]):
        return "ended", "Ended"
    return "waiting", "Open, nobody here"


def length_of(entry: Data) -> str:
    """``45:00`` or ``1:05:30``; empty when the length is not known."""
    minutes, seconds = divmod(int(entry.get("duration") or 0), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}" if minutes or seconds else ""


def _when(entry: Data, event: Data | None) -> str:
    """The time of the scheduled event, or the day on which a clip was added."""
    if event is None:
        made = int(entry.get("createdAt") or 0)
        return f"Added {format_time(made, _DAY)}" if _kind(entry)[0] == "vod" and made else ""
    start, end = int(event["startDate"]), int(event["endDate"])
    day, last_day = format_time(start, _DAY), format_time(end, _DAY)
    until = (
        format_time(end, _CLOCK) if day == last_day else f"{last_day}, {format_time(end, _CLOCK)}"
    )
    return f"{day}, {format_time(start, _CLOCK)}\N{EN DASH}{until} UTC"


def link_for(world: World, user: KafUser, entry_id: str) -> str:
    """The link that opens an entry for a user, with a session of its own."""
    passed_on = {n: v for n, v in user.privileges.items() if n in _PASSED_ON}
    session = ks.mint(
        world.secrets(user.partner)[0],
        user.partner,
        user=user.user_id,
        expiry=world.clock.now() + _LINK_SESSION_S,
        privileges=passed_on | {"actionslimit": "-1", "userId": user.user_id, "entryId": entry_id},
    )
    return VIEW_ENTRY + session
