"""The visits that a question is about, and what was played during each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from kaltura_simulator.api.call import Call
from kaltura_simulator.reports.question import Question
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.visits import Visits, attention_percent

UNKNOWN_USER = "Unknown"
WEBCAST, ROOM = "webcast", "room"
LIVE, DVR = "live", "dvr"


@dataclass(frozen=True)
class View:
    """So many seconds of an entry, from ``start`` on, live or later."""

    entry: str
    playback: str
    start: int
    seconds: int


@dataclass(frozen=True)
class Stay:
    """One visit as reports see it. ``attention`` is a share of 0 to 1."""

    user_id: str
    name: str
    email: str
    place: str
    kind: str
    joined: int
    attention: float
    views: tuple[View, ...]


def stays(call: Call, asked: Question, *kinds: str) -> Iterator[Stay]:
    """The visits that opened or watched what the question is about."""
    wanted = _wanted_entry(call, asked)
    for visit in Visits(call.store, call.clock, call.partner).all():
        if visit["kind"] not in (kinds or (WEBCAST,)):
            continue
        user = visit["user_id"] if visit["user_type"] == "user" else ""
        user = user or UNKNOWN_USER
        if asked.users and user not in asked.users:
            continue
        views = tuple(_views(call, visit, asked, wanted))
        if views or _only_opened(visit, asked, wanted):
            yield _stay(user, visit, views)


def _stay(user: str, visit: Data, views: tuple[View, ...]) -> Stay:
    known = user != UNKNOWN_USER
    name = visit["name"] if known else UNKNOWN_USER
    attention = (attention_percent(visit) or 0) / 100
    email = str(visit.get("email") or "") if known else ""
    return Stay(user, name, email, visit["place"], visit["kind"], visit["joined"], attention, views)


def _wanted_entry(call: Call, asked: Question) -> Callable[[str], bool]:
    def wanted(entry_id: str) -> bool:
        if not asked.entries and not asked.roots:
            return True
        entry = call.get("entry", entry_id) or {}
        return entry_id in asked.entries or entry.get("rootEntryId") in asked.roots

    return wanted


def _views(
    call: Call, visit: Data, asked: Question, wanted: Callable[[str], bool]
) -> Iterator[View]:
    """The visit's views inside the window; being in a room is watching it live."""
    played = visit["views"]
    if visit["kind"] == ROOM:
        end = visit["left"] if visit["left"] is not None else call.clock.now()
        played = [[visit["place"], LIVE, visit["joined"], end]]
    for entry, playback, start, end in played:
        counts = not asked.playback or playback in asked.playback
        if wanted(entry) and counts and start <= asked.until and end >= asked.since:
            since = max(start, asked.since)
            yield View(entry, playback, since, min(end, asked.until) - since)


def _only_opened(visit: Data, asked: Question, wanted: Callable[[str], bool]) -> bool:
    """Whether the page was opened while nothing played yet: a load without a play."""
    inside = asked.since <= visit["joined"] <= asked.until
    return inside and not visit["views"] and not asked.playback and wanted(visit["place"])


@dataclass
class Sums:
    """What one person, or one entry, adds up to; in seconds."""

    key: str
    name: str = ""
    email: str = ""
    loads: int = 0
    plays: int = 0
    watched_s: int = 0
    live_s: int = 0
    dvr_s: int = 0
    engaged_s: float = 0.0
    engaged_live_s: float = 0.0
    completion: list[float] = field(default_factory=list)
    users: set[str] = field(default_factory=set)

    def count(self, call: Call, stay: Stay, views: Iterable[View]) -> None:
        """Add one visit."""
        views = list(views)
        self.loads += 1
        self.plays += bool(views)
        self.users.add(stay.user_id)
        for view in views:
            self._count_view(call, view, stay.attention)

    def _count_view(self, call: Call, view: View, attention: float) -> None:
        self.watched_s += view.seconds
        self.engaged_s += view.seconds * attention
        if view.playback == LIVE:
            self.live_s += view.seconds
            self.engaged_live_s += view.seconds * attention
            return
        self.dvr_s += view.seconds if view.playback == DVR else 0
        length = int((call.get("entry", view.entry) or {}).get("duration") or 0)
        if length:
            self.completion.append(view.seconds / length)

    @property
    def completed(self) -> float:
        """The mean share of a recording that was seen."""
        return sum(self.completion) / len(self.completion) if self.completion else 0.0

    @property
    def engaged(self) -> float:
        """The share of the time with an eye on the page."""
        return self.engaged_s / self.watched_s if self.watched_s else 0.0

    @property
    def engaged_live(self) -> float:
        """The same, of what was live."""
        return self.engaged_live_s / self.live_s if self.live_s else 0.0


def by_person(call: Call, found: Iterable[Stay]) -> list[Sums]:
    """One sum for each person; those nobody knows are one."""
    sums: dict[str, Sums] = {}
    for stay in found:
        one = sums.setdefault(stay.user_id, Sums(stay.user_id))
        one.name, one.email = stay.name, stay.email or one.email
        one.count(call, stay, stay.views)
    return list(sums.values())


def by_entry(call: Call, found: Iterable[Stay]) -> list[Sums]:
    """One sum for each entry that was opened or played."""
    sums: dict[str, Sums] = {}
    for stay in found:
        for key in dict.fromkeys(view.entry for view in stay.views) or {stay.place: None}:
            name = str((call.get("entry", key) or {}).get("name") or "")
            one = sums.setdefault(key, Sums(key, name))
            one.count(call, stay, (view for view in stay.views if view.entry == key))
    return list(sums.values())
