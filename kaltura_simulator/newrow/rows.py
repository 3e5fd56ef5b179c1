"""The rows of the analytics, computed from visits. Every value is text, also ids and times."""

from __future__ import annotations

import json
from collections.abc import Iterable

from kaltura_simulator.kaf import chat
from kaltura_simulator.kaf.access import ON_STAGE
from kaltura_simulator.newrow import options
from kaltura_simulator.rules.entry_types import is_room
from kaltura_simulator.state.store import Data, Store
from kaltura_simulator.state.visits import Visits, attention_percent
from kaltura_simulator.state.world import World

Row = dict[str, str]
ALIAS_DOMAIN = "lti-newrow.com"
_PERSON = "newrow_person"
_ROOM = "newrow_room"
_FIRST = {_PERSON: 9_100_001, _ROOM: 310_001}


class Analytics:
    """The analytics of one partner, limited to some rooms (``places``) unless None."""

    def __init__(self, world: World, partner: int, places: set[str] | None = None) -> None:
        self._world, self._partner, self._places = world, partner, places
        self._store: Store = world.store
        self._now = world.clock.now()
        self._options = options.current(world.store)
        self._visits = Visits(world.store, world.clock, partner)

    # ----------------------------------------------------------------- sessions
    def sessions(self, place: str | None, since: int | None, until: int | None) -> list[Row]:
        """The runs of the rooms that started in a window, oldest first."""
        runs = [
            run
            for run in self._visits.runs()
            if self._visible(run["place"])
            and place in (None, run["place"])
            and (since is None or run["started"] >= since)
            and (until is None or run["started"] <= until)
        ]
        visits = self._by_run({run["id"] for run in runs})
        people = self._people(visit for run in runs for visit in visits[run["id"]])
        rooms = self._numbers(_ROOM, [run["place"] for run in runs])
        return [self._session(run, visits[run["id"]], people, rooms) for run in runs]

    def _by_run(self, run_ids: set[str]) -> dict[str, list[Data]]:
        found: dict[str, list[Data]] = {run_id: [] for run_id in run_ids}
        for visit in self._visits.all():
            if visit["run"] in found:
                found[visit["run"]].append(visit)
        return found

    def _session(self, run: Data, visits: list[Data], people: Row, rooms: Row) -> Row:
        return {
            "id": run["id"],
            "room_id": rooms[run["place"]],
            "third_party_room_id": run["place"],
            "room_name": self._room_name(run["place"]),
            **self._dates(run),
            "duration": self._minutes(run["started"], run["ended"]),
            "type": "room",
            "instructors": _instructors(visits, people),
            "participants_count": str(len({people[_person_key(v)] for v in visits})),
        }

    def _dates(self, run: Data) -> Row:
        """Start and end, in each spelling that the options name."""
        dates = {"start": self._moment(run["started"]), "end": self._end(run["ended"])}
        chosen = self._options.spelling
        forms = {"date_start": "date_{}", "start_date": "{}_date"}
        return {
            form.format(edge): value
            for name, form in forms.items()
            if chosen in ("both", name)
            for edge, value in dates.items()
        }

    # ---------------------------------------------------------------- attendees
    def run(self, run_id: str) -> Data | None:
        """A run of a visible room."""
        found = self._store.get(self._partner, "room_run", run_id)
        return found if found and self._visible(found["place"]) else None

    def attendees(
        self, run_id: str, since: int | None, until: int | None, *, third_party: bool
    ) -> list[Row]:
        """The visits of a run by time of joining; a person who came back has several."""
        visits = [
            visit
            for visit in self._visits.of_run(run_id)
            if (since is None or visit["joined"] >= since)
            and (until is None or visit["joined"] <= until)
        ]
        people = self._people(visits)
        return [self._attendee(visit, people, third_party) for visit in visits]

    def _attendee(self, visit: Data, people: Row, third_party: bool) -> Row:
        number = people[_person_key(visit)]
        attention = attention_percent(visit)
        row = {
            "session_id": visit["run"],
            "user_id": number,
            "user_type": visit["user_type"],
            "user_name": visit["name"],
            "user_email": f"{number}@{ALIAS_DOMAIN}",
            "time_joined": self._moment(visit["joined"]),
            "time_left": self._end(visit["left"]),
            "duration": self._minutes(visit["joined"], visit["left"]),
            "attention": "" if attention is None else f"{attention}%",
        }
        if third_party:
            known = visit["user_type"] == "user"
            row["lti_user_id"] = visit["user_id"] if known else ""
            row["lti_user_email"] = visit["email"] if known else ""
        return row

    # ------------------------------------------------- rooms, people, messages
    def rooms(self) -> list[Row]:
        """All rooms, visited or not."""
        entries = [e for e in self._store.all(self._partner, "entry") if is_room(e)]
        resources = self._store.all(self._partner, "schedule_resource")
        places = {str(row["id"]): str(row["name"]) for row in [*entries, *resources]}
        shown = {place: name for place, name in places.items() if self._visible(place)}
        numbers = self._numbers(_ROOM, shown)
        return [{"id": numbers[p], "third_party_id": p, "name": n} for p, n in shown.items()]

    def users(self) -> list[Row]:
        """All people who were in a room, by first visit."""
        rooms = (v for v in self._visits.all() if v["kind"] == "room")
        visits = [v for v in rooms if self._visible(v["place"])]
        people = self._people(visits)
        rows = {people[_person_key(v)]: _user(v, people[_person_key(v)]) for v in visits}
        return list(rows.values())

    def messages(self, place: str, kind: str) -> list[Row]:
        """The messages of a room's public chat; the other two chats are empty here."""
        if kind != "public" or not self._visible(place):
            return []
        return [
            {
                "id": str(message["id"]),
                "third_party_user_id": message["user_id"],
                "user_name": message["name"],
                "message": message["text"],
                "time": self._moment(message["at"]),
            }
            for message in chat.messages(self._world, self._partner, place, 0)
        ]

    # ------------------------------------------------------------------ helpers
    def _visible(self, place: str) -> bool:
        return self._places is None or place in self._places

    def _room_name(self, place: str) -> str:
        for kind in ("entry", "schedule_resource"):
            found = self._store.get(self._partner, kind, place)
            if found:
                return str(found.get("name") or "")
        return ""

    def _moment(self, unix: int) -> str:
        return str(unix * 1000 if self._options.milliseconds else unix)

    def _end(self, unix: int | None) -> str:
        """The end of a session or stay; one that goes on has no reliable end."""
        if unix is not None:
            return self._moment(unix)
        values = {"empty": "", "zero": "0", "moving": self._moment(self._now)}
        return values[self._options.running_end]

    def _minutes(self, start: int, end: int | None) -> str:
        """Minutes with four decimals: 1498 seconds are 24.9667."""
        if end is None and self._options.running_end == "empty":
            return ""
        if end is None:
            end = self._now if self._options.running_end == "moving" else start
        return f"{max(0, end - start) / 60:.4f}"

    def _people(self, visits: Iterable[Data]) -> Row:
        return self._numbers(_PERSON, [_person_key(visit) for visit in visits])

    def _numbers(self, kind: str, keys: Iterable[str]) -> Row:
        """The analytics' own number of each person or room, assigned at first sight."""
        with self._store.transaction():
            return {key: self._number(kind, key) for key in dict.fromkeys(keys)}

    def _number(self, kind: str, key: str) -> str:
        known = self._store.get(self._partner, kind, key)
        if known is None:
            number = str(self._store.next_id(kind, _FIRST[kind]))
            known = self._store.put(self._partner, kind, key, {"id": number, "key": key})
        return str(known["id"])


def _person_key(visit: Data) -> str:
    """The identity of a person across visits; every guest is a new person."""
    return f"u:{visit['user_id']}" if visit["user_type"] == "user" else f"g:{visit['id']}"


def _instructors(visits: list[Data], people: Row) -> str:
    """The hosts by their number, as JSON inside the text."""
    hosts = {
        people[_person_key(visit)]: {"role": "instructor", "name": visit["name"]}
        for visit in visits
        if visit["role"] in ON_STAGE
    }
    return json.dumps(hosts)


def _user(visit: Data, number: str) -> Row:
    first, _, last = visit["name"].partition(" ")
    known = visit["user_type"] == "user"
    return {
        "id": number,
        "third_party_id": visit["user_id"] if known else "",
        "email": f"{number}@{ALIAS_DOMAIN}",
        "first_name": first,
        "last_name": last,
        "role": "instructor" if visit["role"] in ON_STAGE else "student",
    }
