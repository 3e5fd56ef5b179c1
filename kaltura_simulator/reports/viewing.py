"""Visits as reports see them: what was played during each, and the totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from kaltura_simulator.api.call import Call
from kaltura_simulator.reports.query import ReportQuery
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.visits import Visits, attention_percent

UNKNOWN_USER = "Unknown"
WEBCAST, ROOM = "webcast", "room"
LIVE, DVR = "live", "dvr"
#: On which device somebody watches, unless the visit says otherwise.
DEVICE = "Computer"
_QUESTION, _DELETED = "KalturaAnnotation", 2
#: Under which kind KAF's pages keep what people write in the chat.
MESSAGE = "chat_message"


@dataclass(frozen=True)
class ViewedSpan:
    """Some seconds of an entry, from ``start`` on, live or on demand."""

    entry: str
    playback: str
    start: int
    seconds: int


@dataclass(frozen=True)
class ViewingVisit:
    """One visit as reports see it. ``attention`` is a ratio from 0 to 1."""

    user_id: str
    name: str
    email: str
    place: str
    kind: str
    joined: int
    attention: float
    views: tuple[ViewedSpan, ...]
    device: str = DEVICE


def visits_for(call: Call, query: ReportQuery, *kinds: str) -> Iterator[ViewingVisit]:
    """The visits that opened or watched what the query is about."""
    wanted = _wanted_entry(call, query)
    for visit in Visits(call.store, call.clock, call.partner).all():
        if visit["kind"] not in (kinds or (WEBCAST,)):
            continue
        user = visit["user_id"] if visit["user_type"] == "user" else ""
        user = user or UNKNOWN_USER
        if query.users and user not in query.users:
            continue
        views = tuple(_views(call, visit, query, wanted))
        if views or _only_opened(visit, query, wanted):
            yield _stay(user, visit, views)


def _stay(user: str, visit: Data, views: tuple[ViewedSpan, ...]) -> ViewingVisit:
    known = user != UNKNOWN_USER
    name = visit["name"] if known else UNKNOWN_USER
    attention = (attention_percent(visit) or 0) / 100
    email = str(visit.get("email") or "") if known else ""
    return ViewingVisit(
        user,
        name,
        email,
        visit["place"],
        visit["kind"],
        visit["joined"],
        attention,
        views,
        str(visit.get("device") or DEVICE),
    )


def questions_to(call: Call, entry: str) -> list[Data]:
    """What viewers asked about a stream: notes that are no answers to others."""
    return [
        note
        for note in call.store.all(call.partner, "cue_point")
        if (note["entryId"], note["objectType"]) == (entry, _QUESTION)
        and note["status"] != _DELETED
        and not note.get("parentId")
    ]


def _wanted_entry(call: Call, query: ReportQuery) -> Callable[[str], bool]:
    def wanted(entry_id: str) -> bool:
        if not query.entries and not query.roots:
            return True
        entry = call.get("entry", entry_id) or {}
        return entry_id in query.entries or entry.get("rootEntryId") in query.roots

    return wanted


def _views(
    call: Call, visit: Data, query: ReportQuery, wanted: Callable[[str], bool]
) -> Iterator[ViewedSpan]:
    """The visit's views inside the window; presence in a room counts as live."""
    played = visit["views"]
    if visit["kind"] == ROOM:
        end = visit["left"] if visit["left"] is not None else call.clock.now()
        played = [[visit["place"], LIVE, visit["joined"], end]]
    for entry, playback, start, end in played:
        counts = not query.playback or playback in query.playback
        if wanted(entry) and counts and start <= query.until and end >= query.since:
            since = max(start, query.since)
            yield ViewedSpan(entry, playback, since, min(end, query.until) - since)


def _only_opened(visit: Data, query: ReportQuery, wanted: Callable[[str], bool]) -> bool:
    """Whether the page was opened while nothing played yet: a load without a play."""
    inside = query.since <= visit["joined"] <= query.until
    return inside and not visit["views"] and not query.playback and wanted(visit["place"])


@dataclass
class ViewingTotals:
    """The totals of one person or one entry; times in seconds."""

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

    def count(self, call: Call, visit: ViewingVisit, views: Iterable[ViewedSpan]) -> None:
        """Add one visit."""
        views = list(views)
        self.loads += 1
        self.plays += bool(views)
        self.users.add(visit.user_id)
        for view in views:
            self._count_view(call, view, visit.attention)

    def _count_view(self, call: Call, view: ViewedSpan, attention: float) -> None:
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
        """The mean ratio of a recording that was watched."""
        return sum(self.completion) / len(self.completion) if self.completion else 0.0

    @property
    def engaged(self) -> float:
        """The ratio of the time with attention."""
        return self.engaged_s / self.watched_s if self.watched_s else 0.0

    @property
    def engaged_live(self) -> float:
        """The same, for live views only."""
        return self.engaged_live_s / self.live_s if self.live_s else 0.0


def by_person(call: Call, found: Iterable[ViewingVisit]) -> list[ViewingTotals]:
    """The totals by person; unknown ones are one person."""
    sums: dict[str, ViewingTotals] = {}
    for visit in found:
        one = sums.setdefault(visit.user_id, ViewingTotals(visit.user_id))
        one.name, one.email = visit.name, visit.email or one.email
        one.count(call, visit, visit.views)
    return list(sums.values())


def by_entry(call: Call, found: Iterable[ViewingVisit]) -> list[ViewingTotals]:
    """The totals by entry that was opened or played."""
    sums: dict[str, ViewingTotals] = {}
    for visit in found:
        for key in dict.fromkeys(view.entry for view in visit.views) or {visit.place: None}:
            name = str((call.get("entry", key) or {}).get("name") or "")
            one = sums.setdefault(key, ViewingTotals(key, name))
            one.count(call, visit, (view for view in visit.views if view.entry == key))
    return list(sums.values())
