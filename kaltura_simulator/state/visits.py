"""Visits: every stay of a person in a room or on the page of a webcast.

A visit lasts from joining to leaving. An open page sends heartbeats; a visit ends when
the person leaves, when the same person joins again (rooms only, as in Kaltura's rooms),
or when no heartbeat came for a while, and then it ended with the last one.

Times are those of the simulator's clock; silence is measured in real time. So moving
the clock makes people stay longer, it does not throw them out.

The visits of a room form runs: presence without a gap, which Kaltura's meeting
analytics call a session. The visits of a webcast keep what was played and when, which
is what Kaltura's reports count.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from kaltura_simulator.state.clock import Clock
from kaltura_simulator.state.store import Data, Store

#: Present visits are few and read with every heartbeat; past ones are many.
PRESENT = "visit_present"
OVER = "visit_over"
RUN = "room_run"
FIRST_VISIT_ID = 70_001
FIRST_RUN_ID = 4_200_001

#: Settings kept in the store, changed through ``/_control/visits/settings``.
#: ``silence_s`` is longer than a minute: browsers slow the timers of hidden pages to that.
DEFAULTS: dict[str, float] = {"silence_s": 75.0, "run_gap_s": 60.0, "beat_s": 4.0}

#: What is being played: entry id and ``live`` or ``vod``.
Playing = tuple[str, str]


@dataclass(frozen=True)
class VisitingUser:
    """A person as the KS or a seeded row describes them."""

    user_id: str
    name: str
    email: str = ""
    user_type: str = "user"
    role: str = "attendee"


class Visits:
    """The visits of one partner."""

    def __init__(self, store: Store, clock: Clock, partner: int) -> None:
        self._store, self._clock, self._partner = store, clock, partner

    # ----------------------------------------------------------------- settings
    def setting(self, name: str) -> float:
        """One of DEFAULTS, as it is set now."""
        return float(self._store.setting(f"visits.{name}", DEFAULTS[name]))

    # ------------------------------------------------------------------ reading
    def all(self) -> list[Data]:
        """Every visit, oldest first, after silent ones were closed."""
        self.close_silent()
        return sorted(self._every(), key=lambda visit: int(visit["id"]))

    def of_run(self, run_id: str) -> list[Data]:
        """The visits that make up a run, by time of joining."""
        self.close_silent()
        return sorted((v for v in self._every() if v["run"] == run_id), key=_order)

    def present(self, place: str = "") -> list[Data]:
        """The present visits of one place, or of all, by time of joining."""
        self.close_silent()
        present = self._store.all(self._partner, PRESENT)
        return sorted((v for v in present if place in ("", v["place"])), key=_order)

    def runs(self) -> list[Data]:
        """Every run of every room, by start."""
        self.close_silent()
        return sorted(self._store.all(self._partner, RUN), key=lambda r: (r["started"], r["id"]))

    def by_token(self, token: str) -> Data | None:
        """The visit with a page's token, present or past."""
        number = token.partition("-")[0]
        for kind in (PRESENT, OVER):
            visit = self._store.get(self._partner, kind, number)
            if visit and secrets.compare_digest(visit["token"].encode(), token.encode()):
                return visit
        return None

    def _every(self) -> list[Data]:
        kinds = (OVER, PRESENT)
        return [visit for kind in kinds for visit in self._store.all(self._partner, kind)]

    # ----------------------------------------------------------------- page calls
    def join(
        self, place: str, kind: str, who: VisitingUser, playing: Playing | None = None
    ) -> Data:
        """A person joins a place: the id of an entry or of a schedule resource.

        ``kind`` is ``room`` or ``webcast``.
        """
        with self._store.transaction():
            if kind == "room":
                self._replace(place, who.user_id)
            visit = self._new(place, kind, who, self._clock.now(), None)
            visit["token"] = f"{visit['id']}-{secrets.token_urlsafe(18)}"
            visit["heard_at"] = time.time()
            visit |= _view_fields([], playing, visit["joined"])
            if kind == "room":
                visit["run"] = self._running(place, visit["joined"])["id"]
            return self._store.put(self._partner, PRESENT, visit["id"], visit)

    def beat(self, token: str, *, attentive: bool, playing: Playing | None = None) -> Data | None:
        """The heartbeat of an open page; returns the visit, which may be over already."""
        with self._store.transaction():
            self.close_silent()
            visit = self.by_token(token)
            if visit is None or not is_open(visit):
                return visit
            now = max(self._clock.now(), visit["seen_at"])
            seen = self._seen(visit, now)
            seen |= _view_fields(seen["views"], playing, now)
            return self._change(visit, **seen, heard_at=time.time(), attentive=attentive)

    def leave(self, token: str) -> Data | None:
        """The person left; a visit that is over already stays as it is."""
        with self._store.transaction():
            self.close_silent()
            visit = self.by_token(token)
            if visit is None or not is_open(visit):
                return visit
            return self._close(visit, self._clock.now(), "left")

    def close_silent(self) -> None:
        """End visits without a heartbeat for ``silence_s``, at their last one."""
        limit = time.time() - self.setting("silence_s")
        with self._store.transaction():
            for visit in self._store.all(self._partner, PRESENT):
                if visit["heard_at"] is not None and visit["heard_at"] < limit:
                    self._close(visit, visit["seen_at"], "silent")

    # ------------------------------------------------------------------ seeding
    def add(self, rows: Iterable[Data]) -> list[str]:
        """Add whole visits, past or present; returns their ids.

        A row holds what :meth:`_new` takes, already checked. The runs of the
        rooms they touch are computed again; a run that grew keeps its id.
        """
        with self._store.transaction():
            visits = [self._seeded(row) for row in rows]
            for visit in visits:
                kind = PRESENT if is_open(visit) else OVER
                self._store.put(self._partner, kind, visit["id"], visit)
            self._rebuild_runs({v["place"] for v in visits if v["kind"] == "room"})
            return [visit["id"] for visit in visits]

    def _seeded(self, row: Data) -> Data:
        who = VisitingUser(**row["who"])
        visit = self._new(row["place"], row["kind"], who, row["joined"], row["left"])
        visit["token"] = f"{visit['id']}-{secrets.token_urlsafe(18)}"
        visit["attention"] = row["attention"]
        visit["device"] = row.get("device", "")
        end = visit["joined"] if visit["left"] is None else visit["left"]
        visit["views"] = [[*row["playing"], visit["joined"], end]] if row["playing"] else []
        return visit

    def clear(self) -> None:
        """Delete all visits and runs."""
        with self._store.transaction():
            for kind in (PRESENT, OVER, RUN):
                for row in self._store.all(self._partner, kind):
                    self._store.delete(self._partner, kind, row["id"])

    # --------------------------------------------------------------------- runs
    def _rebuild_runs(self, places: set[str]) -> None:
        """Compute the runs of some rooms from their visits."""
        visits, runs = _by_place(self._every()), _by_place(self._store.all(self._partner, RUN))
        for place in sorted(places):
            self._rebuild(place, visits[place], {run["id"] for run in runs[place]})

    def _rebuild(self, place: str, visits: list[Data], spare: set[str]) -> None:
        for group in _without_gap(sorted(visits, key=_order), self.setting("run_gap_s")):
            known = sorted({visit["run"] for visit in group} & spare)
            run_id = known[0] if known else self._run_id()
            spare.discard(run_id)
            self._write_run(run_id, place, group)
            for visit in group:
                if visit["run"] != run_id:
                    self._change(visit, run=run_id)
        for run_id in spare:
            self._store.delete(self._partner, RUN, run_id)

    def _running(self, place: str, at: int) -> Data:
        """The run that a person joins at ``at``: the last one, or a new one after a gap."""
        runs = [r for r in self._store.all(self._partner, RUN) if r["place"] == place]
        last = max(runs, key=lambda r: r["started"], default=None)
        continues = last and (
            last["ended"] is None or last["ended"] + self.setting("run_gap_s") >= at
        )
        if last and continues:
            return self._store.change(self._partner, RUN, last["id"], ended=None)
        run_id = self._run_id()
        run = {"id": run_id, "place": place, "started": at, "ended": None, "last_left": at}
        return self._store.put(self._partner, RUN, run_id, run)

    def _run_id(self) -> str:
        return str(self._store.next_id(RUN, FIRST_RUN_ID))

    def _write_run(self, run_id: str, place: str, visits: list[Data]) -> None:
        started = visits[0]["joined"]
        last = max((v["left"] for v in visits if not is_open(v)), default=started)
        ended = None if any(is_open(v) for v in visits) else last
        run = {"place": place, "started": started, "ended": ended, "last_left": last}
        self._store.put(self._partner, RUN, run_id, {"id": run_id, **run})

    # ------------------------------------------------------------------ writing
    def _new(self, place: str, kind: str, who: VisitingUser, joined: int, left: int | None) -> Data:
        number = str(self._store.next_id("visit", FIRST_VISIT_ID))
        times = {"joined": joined, "left": left, "seen_at": joined if left is None else left}
        state = {"heard_at": None, "attentive": True, "attentive_s": 0, "attention": None}
        rest: Data = {"ended_by": "", "run": "", "views": [], "playing": None, "token": ""}
        return {"id": number, "place": place, "kind": kind, **asdict(who), **times, **state, **rest}

    def _change(self, visit: Data, **fields: Any) -> Data:
        kind = PRESENT if is_open(visit) else OVER
        return self._store.change(self._partner, kind, visit["id"], **fields)

    def _seen(self, visit: Data, now: int) -> Data:
        """What changes when a visit is known to have lasted until ``now``."""
        attentive_s = visit["attentive_s"] + (now - visit["seen_at"] if visit["attentive"] else 0)
        views = [list(view) for view in visit["views"]]
        if views and visit["playing"]:
            views[-1][3] = now
        return {"seen_at": now, "attentive_s": attentive_s, "views": views}

    def _close(self, visit: Data, at: int, why: str) -> Data:
        at = max(at, visit["seen_at"])
        closed = visit | self._seen(visit, at) | {"left": at, "ended_by": why}
        self._store.delete(self._partner, PRESENT, visit["id"])
        self._store.put(self._partner, OVER, visit["id"], closed)
        if visit["run"]:
            self._left_run(visit["run"], at)
        return closed

    def _left_run(self, run_id: str, at: int) -> None:
        """A person left a run; it ends with the last one."""
        run = self._store.get(self._partner, RUN, run_id)
        if run is None:
            return
        last = max(run["last_left"], at)
        present = self._store.all(self._partner, PRESENT)
        ended = None if any(visit["run"] == run_id for visit in present) else last
        self._store.change(self._partner, RUN, run_id, last_left=last, ended=ended)

    def _replace(self, place: str, user_id: str) -> None:
        """End the same person's earlier visit of a room."""
        for visit in self.present(place):
            if visit["user_id"] == user_id:
                self._close(visit, self._clock.now(), "replaced")


def is_open(visit: Data) -> bool:
    """Whether the person is still there."""
    return visit["left"] is None


def attention_percent(visit: Data) -> int | None:
    """How much of the stay the page was in view, 0 to 100; None when not known."""
    if visit["attention"] is not None:
        return int(visit["attention"])
    seconds = visit["seen_at"] - visit["joined"]
    if visit["heard_at"] is None or seconds <= 0:
        return None
    return min(100, int(100 * visit["attentive_s"] / seconds + 0.5))


def _order(visit: Data) -> tuple[int, int]:
    return visit["joined"], int(visit["id"])


def _by_place(rows: list[Data]) -> dict[str, list[Data]]:
    found: dict[str, list[Data]] = defaultdict(list)
    for row in rows:
        found[row["place"]].append(row)
    return found


def _view_fields(views: list[list[Any]], playing: Playing | None, now: int) -> Data:
    """The fields of a visit on whose page ``playing`` plays from ``now`` on.

    A view is entry, live or vod, from, to; the last one grows while it plays on.
    """
    goes_on = bool(views) and views[-1][3] == now and playing == tuple(views[-1][:2])
    if playing is not None and not goes_on:
        views = [*views, [*playing, now, now]]
    return {"views": views, "playing": list(playing) if playing else None}


def _without_gap(visits: list[Data], gap_s: float) -> list[list[Data]]:
    """Visits by time of joining, cut where nobody was there for longer than ``gap_s``."""
    groups: list[list[Data]] = []
    end = float("-inf")
    for visit in visits:
        if not groups or visit["joined"] > end + gap_s:
            groups.append([])
            end = float("-inf")
        groups[-1].append(visit)
        end = max(end, float("inf") if is_open(visit) else visit["left"])
    return groups
