"""What Kaltura holds of ours: one list for each kind, by our keys; then past the index by id.

Kaltura answers lists from a search index that lags seconds behind its database: an object
may be missing, or be shown as it was before. So whatever a list should show and does not,
and what was written within the index delay, by us or as a notification says by someone
else, is read by its id, which goes to the database. (Seen at a running server, 22.19; the
index is plugins/search/providers/sphinx_search of kaltura/server.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils import timezone

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.adapters.base import Lookup, is_deleted
from kaltura_bridge.api.adapters.owned import key_carried
from kaltura_bridge.api.adapters.thumbnails import VERSION as PICTURE_VERSION
from kaltura_bridge.api.adapters.thumbnails import held_picture
from kaltura_bridge.api.client import Kaltura, Request, wire
from kaltura_bridge.api.errors import ABSENT, KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.api.lists import listed
from kaltura_bridge.fields import is_without_wide_characters
from kaltura_bridge.models import Notification, RemoteLink
from kaltura_bridge.specs import Identity, Kind, Observed, Spec, home_of, recorded_id
from kaltura_bridge.sync.lag import INDEXED, index_delay, note_lag

# These are found through the entries, events and categories they belong to.
DEPENDENT = (Kind.METADATA, Kind.CATEGORY_ENTRY, Kind.BOOKING, Kind.CATEGORY_USER)
# Nothing reads these back: what we last wrote stands for what is held, while their entries show
# the version that came of it.
UNREADABLE = frozenset({Kind.THUMBNAIL})


@dataclass
class Observation:
    """Objects found by identity, those certainly gone, and errors of single reads.

    ``ids``: the remote ids that were known or found. ``truncated``: kinds whose list
    counted more than it showed, so that nobody is gone for not being shown. ``written``: the
    fields as we wrote them last, of each object that is known by its id. ``lags_longer``:
    lists lag longer than anybody knew before this reading.
    """

    objects: dict[Identity, list[Observed]] = field(default_factory=dict)
    gone: set[Identity] = field(default_factory=set)
    errors: dict[Identity, KalturaError] = field(default_factory=dict)
    ids: dict[Identity, str] = field(default_factory=dict)
    truncated: set[Kind] = field(default_factory=set)
    written: Mapping[Identity, Mapping[str, str]] = field(default_factory=dict)
    lags_longer: bool = False

    def add(self, observed: Observed) -> None:
        """Take it in; of two readings of one object the later counts."""
        observed = self._with_wide_characters(observed)
        same = self.objects.setdefault((observed.kind, observed.key), [])
        same[:] = [o for o in same if o.remote_id != observed.remote_id]
        same.append(observed)

    def _with_wide_characters(self, observed: Observed) -> Observed:
        """The fields as we wrote them where only characters are missing that cannot be kept."""
        written = self.written.get((observed.kind, observed.remote_id), {})
        kept = {
            name: written[name]
            for name, held in observed.fields.items()
            if "?" in held
            and name in written
            and is_without_wide_characters(observed.kind, name, written[name], held)
        }
        if not kept:
            return observed
        return replace(observed, fields={**observed.fields, **kept}, narrowed=frozenset(kept))


def observe(
    kaltura: Kaltura,
    specs: Iterable[Spec],
    links: Sequence[RemoteLink],
    resources: Resources,
) -> Observation:
    """Read what Kaltura holds for these specs and links.

    Raises KalturaError when a list has no usable answer: then nothing is known.
    """
    specs = list(specs)
    lookup = _lookup_for(specs, links)
    reading = _Reading(
        kaltura, resources, Observation(ids=dict(lookup.ids), written=_written(links))
    )
    reading.read_lists(ADAPTERS, lookup)
    if discovered := _discovered(reading.observation):
        # What hangs on them could not be asked for before their ids were known.
        ids = reading.observation.ids = {**lookup.ids, **discovered}
        reading.read_lists(DEPENDENT, Lookup(lookup.keys, {**discovered, **_categories(ids)}))
        lookup = Lookup(lookup.keys, ids)
    reading.read_past_index(links, lookup)
    reading.read_recordings(_recordings_leaving(specs, links))
    reading.note_lag(links)
    return reading.observation


def _lookup_for(specs: Sequence[Spec], links: Sequence[RemoteLink]) -> Lookup:
    keys: dict[Kind, set[str]] = {}
    for kind, key in [*(s.identity for s in specs), *((Kind(i.kind), i.key) for i in links)]:
        keys.setdefault(kind, set()).add(key)
    ids = {(Kind(i.kind), i.key): i.remote_id for i in links if i.remote_id}
    homes = _homes(links)
    keys.setdefault(Kind.CATEGORY, set()).update(key for _, key in homes)
    # Whoever leaves a category must know its present name, whether a link tells of it or not.
    keys[Kind.CATEGORY].update(home_of(s.key) for s in specs if s.unwanted)
    doubted = frozenset((Kind(link.kind), link.key) for link in links if link.doubts)
    others = {**_ids_of_others(specs, ids), **_recordings(keys.get(Kind.CATEGORY_ENTRY, ()))}
    return Lookup(keys, {**homes, **ids, **others}, doubted)


def _recordings(places: Iterable[str]) -> dict[Identity, str]:
    """The recordings that these places are of: their names hold their ids."""
    named = {place.rpartition("@")[0] for place in places if recorded_id(place)}
    return {(Kind.ENTRY, key): recorded_id(key) for key in named}


def _recordings_leaving(specs: Sequence[Spec], links: Sequence[RemoteLink]) -> set[Identity]:
    """Places of recordings that may be deleted, as nothing wants them."""
    wanted = {spec.identity for spec in specs if not spec.unwanted}
    named = [*(s.identity for s in specs), *((Kind(i.kind), i.key) for i in links)]
    places = {each for each in named if each[0] is Kind.CATEGORY_ENTRY and recorded_id(each[1])}
    return places - wanted


def _homes(links: Sequence[RemoteLink]) -> dict[Identity, str]:
    """The categories of these places: whoever leaves one must know its present full name."""
    places = (link for link in links if link.kind == Kind.CATEGORY_ENTRY and link.remote_id)
    return {(Kind.CATEGORY, home_of(place.key)): _category_of(place) for place in places}


def _category_of(place: RemoteLink) -> str:
    return (place.remote_id or "").partition("|")[0]


def _ids_of_others(specs: Sequence[Spec], ids: Mapping[Identity, str]) -> dict[Identity, str]:
    """Remote ids that the specs refer to and that belong to other targets (a track's category)."""
    keys = {r.key for s in specs for r in s.refs if (r.kind, r.key) not in ids}
    rows = RemoteLink.objects.filter(key__in=keys).exclude(remote_id=None)
    return {(Kind(row.kind), row.key): row.remote_id or "" for row in rows}


def _written(links: Sequence[RemoteLink]) -> dict[Identity, Mapping[str, str]]:
    """What we wrote last, by kind and remote id."""
    return {(Kind(link.kind), link.remote_id): link.pushed for link in links if link.remote_id}


def _categories(ids: Mapping[Identity, str]) -> dict[Identity, str]:
    return {identity: i for identity, i in ids.items() if identity[0] is Kind.CATEGORY}


def _discovered(observation: Observation) -> dict[Identity, str]:
    """Objects with our key whose id we did not know; the oldest of duplicates."""
    unknown = {i: o for i, o in observation.objects.items() if i not in observation.ids}
    return {
        identity: min(objects, key=lambda o: (o.created_at, o.remote_id)).remote_id
        for identity, objects in unknown.items()
    }


@dataclass
class _Reading:
    """One reading of Kaltura on its way."""

    kaltura: Kaltura
    resources: Resources
    observation: Observation
    index_delay: timedelta = field(default_factory=index_delay)
    began: datetime = field(default_factory=timezone.now)
    # What lists showed as deleted, and what they did not show though it is there.
    deleted: set[Identity] = field(default_factory=set)
    unlisted: set[Identity] = field(default_factory=set)

    def read_lists(self, kinds: Iterable[Kind], lookup: Lookup) -> None:
        """All lists in one multirequest. Raises KalturaError when one has no usable answer."""
        asked = [(k, r) for k in kinds for r in ADAPTERS[k].find(lookup, self.resources)]
        answers = self.kaltura.ask([request for _, request in asked])
        for (kind, _), answer in zip(asked, answers, strict=True):
            if isinstance(answer, KalturaError):
                raise answer
            rows = listed(answer)
            if len(rows) < int(wire(getattr(answer, "totalCount", 0)) or 0):
                self.observation.truncated.add(kind)
            for raw in rows:
                if observed := ADAPTERS[kind].read(raw, lookup, self.resources):
                    self.observation.add(observed)
                elif is_deleted(kind, raw):
                    self.deleted.add((kind, key_carried(kind, raw)))

    def note_lag(self, links: Iterable[RemoteLink]) -> None:
        """Learn from our own writes how far lists lag."""
        for link in links:
            identity = (Kind(link.kind), link.key)
            since = link.pushed_at if identity in self.unlisted else None
            if identity in self.deleted and link.remote_id is None:  # a tombstone
                since = link.adding_since
            if since and note_lag(since, self.began):
                self.observation.lags_longer = True

    def read_past_index(self, links: Sequence[RemoteLink], lookup: Lookup) -> None:
        """Read by its id what no list showed in a way to be believed."""
        asked: list[tuple[RemoteLink, Request]] = []
        notified = _recently_notified(self.index_delay)
        for link in links:
            if link.kind in UNREADABLE:
                continue
            if link.remote_id and (link.remote_id in notified or not self._is_shown(link)):
                request = ADAPTERS[Kind(link.kind)].get(link.remote_id)
                if request:
                    asked.append((link, request))
                elif not self._is_shown(link):
                    self._add_unlisted(link)
        homes = self._unlisted_homes(links)
        requests = [*(request for _, request in asked), *homes]
        answers = self.kaltura.ask(requests)
        for (link, _), answer in zip(asked, answers, strict=False):
            self._add_answer(link, answer, lookup)
        for answer in answers[len(asked) :]:
            self._add_home(answer, lookup)
        pictures = self._picture_versions()
        for link in links:
            if link.kind in UNREADABLE:
                self._add_as_written(link, pictures.get(link.remote_id or "", ""))

    def read_recordings(self, places: Iterable[Identity]) -> None:
        """Read of those that stand in their place which names of categories they have.

        Raises KalturaError: without the names nobody knows whether they may leave it.
        """
        held = self.observation.objects
        keys = sorted({key.rpartition("@")[0] for kind, key in places if held.get((kind, key))})
        answers = self.kaltura.ask([entry for key in keys if (entry := _entry(recorded_id(key)))])
        for key, answer in zip(keys, answers, strict=True):
            if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
                continue
            if isinstance(answer, KalturaError):
                raise answer
            names = wire(getattr(answer, "categories", ""))
            seen = Observed(Kind.ENTRY, key, recorded_id(key), {}, category_names=names)
            self.observation.add(seen)

    def _unlisted_homes(self, links: Sequence[RemoteLink]) -> list[Request]:
        """Reads the categories of places that no list shows and that are no link's own."""
        own = {(Kind(link.kind), link.key) for link in links}
        known = own | self.observation.objects.keys()
        missing = {home: i for home, i in _homes(links).items() if home not in known}
        requests = (ADAPTERS[Kind.CATEGORY].get(i) for i in sorted(missing.values()))
        return [request for request in requests if request]

    def _add_home(self, answer: object, lookup: Lookup) -> None:
        if isinstance(answer, KalturaError):
            return  # whoever wants to leave it waits until its name is known
        if found := ADAPTERS[Kind.CATEGORY].read(answer, lookup, self.resources):
            self.observation.add(found)

    def _is_shown(self, link: RemoteLink) -> bool:
        """Whether a list showed the object in a way to be believed.

        Soon after our last write, only when it shows what we wrote: anything else may be older.
        """
        listed_ = self.observation.objects.get((Kind(link.kind), link.key), ())
        found = next((o for o in listed_ if o.remote_id == link.remote_id), None)
        if found is None:
            return False
        if link.pushed_at is None or timezone.now() - link.pushed_at > self.index_delay:
            return True
        as_written = all(found.fields.get(name) == value for name, value in link.pushed.items())
        return as_written or ADAPTERS[Kind(link.kind)].get(link.remote_id or "") is None

    def _is_unlisted(self, link: RemoteLink, answer: object) -> bool:
        """Whether lists that were read to their end do not show what is there with our key."""
        kind = Kind(link.kind)
        if kind not in INDEXED or kind in self.observation.truncated:
            return False
        shown = self.observation.objects.get((kind, link.key), ())
        if any(found.remote_id == link.remote_id for found in shown):
            return False
        return kind is Kind.METADATA or key_carried(kind, answer) == link.key

    def _picture_versions(self) -> dict[str, str]:
        """Which version of its picture each entry shows, by its id."""
        entries = (o for seen in self.observation.objects.values() for o in seen)
        return {o.remote_id: o.fields.get(PICTURE_VERSION, "") for o in entries}

    def _add_as_written(self, link: RemoteLink, version: str) -> None:
        if link.remote_id:
            held = held_picture(link.pushed, link.seen, version)
            self.observation.add(Observed(Kind(link.kind), link.key, link.remote_id, held))

    def _add_unlisted(self, link: RemoteLink) -> None:
        """What can be read in no other way is gone, unless its list lost something on the way."""
        identity = (Kind(link.kind), link.key)
        if identity[0] in self.observation.truncated:
            lost = RemoteUnavailable("a list came without all of its rows", sent=False)
            self.observation.errors[identity] = lost
        else:
            self.observation.gone.add(identity)

    def _add_answer(self, link: RemoteLink, answer: object, lookup: Lookup) -> None:
        identity = (Kind(link.kind), link.key)
        if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
            self.observation.gone.add(identity)
        elif isinstance(answer, KalturaError):
            self.observation.errors[identity] = answer
        elif observed := ADAPTERS[identity[0]].read(answer, lookup, self.resources):
            if self._is_unlisted(link, answer):
                self.unlisted.add(identity)
            self.observation.add(observed)
        else:
            self.observation.gone.add(identity)


def _entry(entry_id: str) -> Request | None:
    return ADAPTERS[Kind.ENTRY].get(entry_id)


def _recently_notified(index_delay: timedelta) -> set[str]:
    """Remote ids of what notifications say was changed since the index was last certain.

    Echoes of our own writes made no target pending and are left out.
    """
    recent = Notification.objects.filter(
        received_at__gt=timezone.now() - index_delay, targets__gt=0
    )
    return set(recent.values_list("remote_id", flat=True))
