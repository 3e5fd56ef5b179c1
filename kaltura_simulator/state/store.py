"""The objects of all accounts, by (partner, kind, id), in one SQLite file.

All objects live in memory and every change goes to the file in the same
transaction, so reads cost a dictionary look-up and ``kill -9`` loses nothing that
was answered. One process owns the file; its threads share one lock.

Kaltura's lists read a search index that lags behind writes. So each row knows since
when lists may show it: ``get`` and ``all`` see a change at once, ``listed`` keeps
showing the version before until the index delay is over.

Objects are plain JSON dictionaries. What ``get``, ``all`` and ``listed`` return is
shared: never change it in place, write with ``put`` or ``change``.
"""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
import string
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

Data = dict[str, Any]
Version = tuple[float, Data | None]
Key = tuple[int, str, str]

#: How long to wait for a simulator that is just ending to release the file.
LOCK_S = 3.0
#: Kinds whose lists read the search index; every other kind is listed at once.
INDEXED_KINDS = frozenset(
    {"entry", "category", "schedule_event", "category_user", "metadata", "vendor_task"}
)
#: The indexed property of a kind, by which ``where`` looks up its objects.
LOOKUPS = {
    "metadata": "objectId",
    "schedule_event": "templateEntryId",
    "category_entry": "entryId",
    "category_user": "categoryId",
}
#: Where the ids of each kind start.
FIRST_IDS = {
    "category": 100_000_001,
    "metadata": 200_000_001,
    "metadata_profile": 300_000_001,
    "schedule_event": 400_000_001,
    "schedule_resource": 500_000_001,
    "ui_conf": 600_000_001,
    "access_control": 700_000_001,
    "vendor_task": 800_000_001,
    "reach_profile": 820_000_001,
    "vendor_catalog_item": 840_000_001,
    "notification_template": 860_000_001,
    "notification_job": 870_000_001,
    "virtual_event": 880_000_001,
    "response_profile": 800_000_001,
}

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    partner INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL,
    data TEXT, older TEXT NOT NULL, visible_at REAL NOT NULL,
    PRIMARY KEY (partner, kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_ALPHABET = string.digits + string.ascii_lowercase


class ObjectChange(NamedTuple):
    """A transaction's change of one object; ``before`` or ``after`` is None for new and deleted."""

    partner: int
    kind: str
    key: str
    before: Data | None
    after: Data | None


class StoreInUse(RuntimeError):
    """Another process has the file open; each would overwrite what the other one wrote."""


class StoredObject:
    """One object: what it is now, and the versions that lists may still show."""

    __slots__ = ("data", "older", "seq", "visible_at")

    def __init__(self, seq: int, data: Data | None, older: list[Version], visible_at: float):
        self.seq, self.data, self.older, self.visible_at = seq, data, older, visible_at

    def shown(self, steady: float) -> Data | None:
        """The version that the search index knows at ``steady``."""
        if self.visible_at <= steady:
            return self.data
        for since, data in reversed(self.older):
            if since <= steady:
                return data
        return None

    def versions_needed(self, steady: float) -> list[Version]:
        """The versions that lists still need once this one is replaced."""
        versions = [*self.older, (self.visible_at, self.data)]
        known = [i for i, (since, _) in enumerate(versions) if since <= steady]
        return versions[known[-1] :] if known else versions


class Store:
    """The objects of all partners, stored in the file ``path``."""

    def __init__(self, path: str, steady: Callable[[], float], index_delay_s: float = 0.0):
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._steady = steady
        self.index_delay_s = index_delay_s
        self._lock = threading.RLock()
        self._depth = 0
        self._tables: dict[tuple[int, str], dict[str, StoredObject]] = {}
        # Keys by every value that the property ever had; ``where`` checks the present one.
        self._lookups: dict[tuple[int, str, Any], dict[str, None]] = {}
        self._counters: dict[str, int] = {}
        self._settings: dict[str, Any] = {}
        self._undo: list[Callable[[], None]] = []
        self._dirty: dict[Key, StoredObject | None] = {}
        self._before: dict[Key, Data | None] = {}
        #: Called with a transaction's changes before it is saved; it may make further changes.
        self.listener: Callable[[list[ObjectChange]], None] | None = None
        self._random = random.SystemRandom()
        self._db = sqlite3.connect(
            path, timeout=LOCK_S, check_same_thread=False, isolation_level=None
        )
        self._open()

    def _open(self) -> None:
        """Lock the file and read everything from it."""
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.executescript(f"BEGIN EXCLUSIVE; {_SCHEMA} COMMIT;")
        except sqlite3.OperationalError as problem:
            self._db.close()
            raise StoreInUse(f"{self.path} is in use by another simulator.") from problem
        self._db.execute("PRAGMA synchronous=NORMAL")
        query = "SELECT partner, kind, id, seq, data, older, visible_at FROM object ORDER BY seq"
        for partner, kind, key, seq, data, older, visible_at in self._db.execute(query):
            versions = [(since, version) for since, version in json.loads(older)]
            row = StoredObject(seq, json.loads(data) if data else None, versions, visible_at)
            self._table(partner, kind)[key] = row
            for _, version in [*versions, (visible_at, row.data)]:
                self._index(partner, kind, key, version)
        self._counters = dict(self._db.execute("SELECT name, value FROM counter").fetchall())
        settings = self._db.execute("SELECT name, value FROM setting").fetchall()
        self._settings = {name: json.loads(value) for name, value in settings}

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    # ------------------------------------------------------------ transactions
    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside happen together or not at all; may be nested; locks the store."""
        with self._lock:
            self._depth += 1
            mark = len(self._undo)
            try:
                yield
                if self._depth == 1 and self._undo:
                    self._call_listener()
            except BaseException:
                while len(self._undo) > mark:
                    self._undo.pop()()
                raise
            else:
                if self._depth == 1 and self._undo:
                    self._save()
            finally:
                self._depth -= 1
                if not self._depth:
                    self._undo.clear()
                    self._dirty.clear()
                    self._before.clear()

    def _call_listener(self) -> None:
        """Call the listener with what changed."""
        if self.listener is not None:
            changes = list(self._before.items())
            self.listener([ObjectChange(*key, before, self.get(*key)) for key, before in changes])

    def _save(self) -> None:
        """Write this transaction's changes to the file."""
        upsert = "INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?)"
        rows = [(*key, *self._columns(self._row(*key))) for key in self._dirty if self._row(*key)]
        gone = [key for key in self._dirty if self._row(*key) is None]
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany(upsert, rows)
            self._db.executemany("DELETE FROM object WHERE partner=? AND kind=? AND id=?", gone)
            self._db.executemany(
                "INSERT OR REPLACE INTO counter VALUES (?, ?)", self._counters.items()
            )
            settings = [(name, json.dumps(value)) for name, value in self._settings.items()]
            self._db.executemany("INSERT OR REPLACE INTO setting VALUES (?, ?)", settings)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @staticmethod
    def _columns(row: StoredObject | None) -> tuple[int, str | None, str, float]:
        if row is None:  # pragma: no cover - callers filter these out
            raise LookupError("no such row")
        data = json.dumps(row.data) if row.data is not None else None
        return row.seq, data, json.dumps(row.older), row.visible_at

    # ------------------------------------------------------------------ reading
    def _table(self, partner: int, kind: str) -> dict[str, StoredObject]:
        table = self._tables.get((partner, kind))
        if table is None:
            table = self._tables[(partner, kind)] = {}
        return table

    def _row(self, partner: int, kind: str, key: str) -> StoredObject | None:
        return self._table(partner, kind).get(key)

    def get(self, partner: int, kind: str, key: str | int) -> Data | None:
        """The object as it is now, or None."""
        row = self._table(partner, kind).get(str(key))
        return row.data if row else None

    def has_any(self, partner: int, kind: str) -> bool:
        """Whether this partner ever had an object of a kind."""
        return bool(self._tables.get((partner, kind)))

    def all(self, partner: int, kind: str) -> list[Data]:
        """Every object of a kind as it is now, oldest first."""
        with self._lock:
            rows = self._table(partner, kind).values()
            return [row.data for row in rows if row.data is not None]

    def listed(self, partner: int, kind: str) -> list[Data]:
        """Every object of a kind as the search index shows it, oldest first."""
        steady = self._steady()
        with self._lock:
            shown = [row.shown(steady) for row in self._table(partner, kind).values()]
        return [data for data in shown if data is not None]

    def where(self, partner: int, kind: str, value: Any, listed: bool = False) -> list[Data]:
        """The objects whose LOOKUPS property has a value: as they are, or as lists show them."""
        field, steady = LOOKUPS[kind], self._steady()
        with self._lock:
            table = self._table(partner, kind)
            keys = self._lookups.get((partner, kind, value), {})
            rows = [table[key] for key in keys if key in table]
            found = [row.shown(steady) if listed else row.data for row in rows]
        return [data for data in found if data is not None and data.get(field) == value]

    def _index(self, partner: int, kind: str, key: str, data: Data | None) -> None:
        """Add an object to the index of its LOOKUPS property."""
        if data is not None and kind in LOOKUPS:
            value = data.get(LOOKUPS[kind])
            self._lookups.setdefault((partner, kind, value), {})[key] = None

    def kinds(self, partner: int) -> list[str]:
        """The kinds of which this partner has objects."""
        with self._lock:
            return sorted(k for (p, k), table in self._tables.items() if p == partner and table)

    def partners(self) -> list[int]:
        """The ids of all partners that hold anything."""
        with self._lock:
            return sorted({partner for (partner, _), table in self._tables.items() if table})

    # ------------------------------------------------------------------ writing
    def put(self, partner: int, kind: str, key: str | int, data: Data) -> Data:
        """Write an object whole; returns it."""
        self._write(partner, kind, str(key), data)
        return data

    def change(self, partner: int, kind: str, key: str | int, **fields: Any) -> Data:
        """Write some fields of an object that exists; returns the new object."""
        with self.transaction():
            row = self._row(partner, kind, str(key))
            if row is None or row.data is None:
                raise LookupError(f"no {kind} {key} to change")
            return self.put(partner, kind, key, row.data | fields)

    def delete(self, partner: int, kind: str, key: str | int) -> None:
        """Delete an object; indexed lists show it until the index has caught up."""
        with self.transaction():
            if self._row(partner, kind, str(key)) is not None:
                self._write(partner, kind, str(key), None)

    def _write(self, partner: int, kind: str, key: str, data: Data | None) -> None:
        with self.transaction():
            table = self._table(partner, kind)
            old = table.get(key)
            steady = self._steady()
            delay = self.index_delay_s if kind in INDEXED_KINDS else 0.0
            older = old.versions_needed(steady) if old and delay else []
            seq = old.seq if old else self._count("seq")
            table[key] = StoredObject(seq, data, older, steady + delay if delay else 0.0)
            self._index(partner, kind, key, data)
            self._dirty[(partner, kind, key)] = table[key]
            self._before.setdefault((partner, kind, key), old.data if old else None)
            self._undo.append(lambda: self._restore(table, key, old))

    @staticmethod
    def _restore(table: dict[str, StoredObject], key: str, old: StoredObject | None) -> None:
        if old is None:
            table.pop(key, None)
        else:
            table[key] = old

    # --------------------------------------------------------------------- ids
    def _count(self, name: str) -> int:
        """The next number of a counter; a number once given is never given again."""
        value = self._counters.get(name, 0) + 1
        self._counters[name] = value
        return value

    def next_id(self, kind: str, first: int | None = None) -> int:
        """An id that no object of this kind, of any partner, ever had.

        Each kind counts in a range of its own, so that an id given to the wrong
        action is not found rather than found by chance; ``first`` starts another one.
        """
        start = first if first is not None else FIRST_IDS.get(kind, 900_000_001)
        with self.transaction():
            value = start + self._count(f"id:{kind}") - 1
            self._undo.append(lambda: None)  # so that the transaction is saved
            return value

    def entry_id(self) -> str:
        """A new entry id: data centre, underscore, eight lower-case letters or digits."""
        with self._lock:
            while True:
                key = "0_" + "".join(self._random.choices(_ALPHABET, k=8))
                taken = (
                    key in table for (_, kind), table in self._tables.items() if kind == "entry"
                )
                if not any(taken):
                    return key

    # ---------------------------------------------------------- settings, index
    def setting(self, name: str, default: Any = None) -> Any:
        """A value kept beside the objects."""
        return self._settings.get(name, default)

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a JSON value beside the objects."""
        with self.transaction():
            self._settings[name] = value
            self._undo.append(lambda: None)

    def set_index_delay(self, seconds: float) -> None:
        """From now on lists lag this far behind; a shorter lag also applies to earlier writes."""
        with self.transaction():
            self.index_delay_s = seconds
            latest = self._steady() + seconds
            for table in self._tables.values():
                for row in table.values():
                    row.visible_at = min(row.visible_at, latest)
            self.set_setting("index_delay_s", seconds)

    def clear(self) -> None:
        """Forget everything, in memory and in the file."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            for table in ("object", "counter", "setting"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
            self._db.execute("COMMIT")
            self._tables.clear()
            self._lookups.clear()
            self._counters.clear()
            self._settings.clear()
            self._dirty.clear()
            self._before.clear()
            self._undo.clear()
