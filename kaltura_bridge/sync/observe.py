"""What Kaltura holds of ours: one list for each kind, by our keys; then past the index by id.

Lists lag seconds behind writes and may still show an older version, so whatever a list
should show and does not, or was written within the index delay, by us or as a notification
says by someone else, is read by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.adapters.base import Wanted
from kaltura_bridge.api.client import Kaltura, Request, wire
from kaltura_bridge.api.errors import ABSENT, KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.api.lists import listed
from kaltura_bridge.models import Notification, RemoteLink
from kaltura_bridge.specs import Identity, Kind, Observed, Spec

# These are found through the entries and events they belong to.
DEPENDENT = (Kind.METADATA, Kind.CATEGORY_ENTRY, Kind.BOOKING)
# Nothing reads these back: what we last wrote stands for what is held.
UNREADABLE = frozenset({Kind.THUMBNAIL})


@dataclass
class Observation:
    """Objects found by identity, those certainly gone, and errors of single reads.

    ``short``: kinds whose list counted more than it showed, so that nobody is gone for that.
    """

    objects: dict[Identity, list[Observed]] = field(default_factory=dict)
    gone: set[Identity] = field(default_factory=set)
    errors: dict[Identity, KalturaError] = field(default_factory=dict)
    ids: dict[Identity, str] = field(default_factory=dict)
    short: set[Kind] = field(default_factory=set)

    def add(self, observed: Observed) -> None:
        same = self.objects.setdefault((observed.kind, observed.key), [])
        same[:] = [o for o in same if o.remote_id != observed.remote_id]
        same.append(observed)


def index_delay() -> timedelta:
    return timedelta(seconds=settings.KALTURA_INDEX_DELAY_S)


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
    wanted = _wanted(specs, links)
    observation = Observation(ids=wanted.ids)
    _look_up(kaltura, ADAPTERS, wanted, resources, observation)
    discovered = _discovered(observation)
    if discovered:
        wanted.ids |= discovered
        fresh = Wanted(wanted.keys, {**discovered, **_categories(wanted.ids)})
        _look_up(kaltura, DEPENDENT, fresh, resources, observation)
    _read_past_index(kaltura, links, wanted, resources, observation)
    return observation


def _wanted(specs: Sequence[Spec], links: Sequence[RemoteLink]) -> Wanted:
    wanted = Wanted()
    for kind, key in [s.identity for s in specs] + [(Kind(i.kind), i.key) for i in links]:
        wanted.keys.setdefault(kind, set()).add(key)
    wanted.ids |= {(Kind(i.kind), i.key): i.remote_id for i in links if i.remote_id}
    wanted.ids |= _ids_of_others(specs, wanted)
    return wanted


def _ids_of_others(specs: Sequence[Spec], wanted: Wanted) -> dict[Identity, str]:
    """Remote ids that the specs refer to and that belong to other targets (a track's category)."""
    keys = {r.key for s in specs for r in s.refs if (r.kind, r.key) not in wanted.ids}
    rows = RemoteLink.objects.filter(key__in=keys).exclude(remote_id=None)
    return {(Kind(row.kind), row.key): row.remote_id or "" for row in rows}


def _categories(ids: dict[Identity, str]) -> dict[Identity, str]:
    return {identity: i for identity, i in ids.items() if identity[0] is Kind.CATEGORY}


def _look_up(
    kaltura: Kaltura,
    kinds: Iterable[Kind],
    wanted: Wanted,
    resources: Resources,
    observation: Observation,
) -> None:
    asked = [(ADAPTERS[k], r) for k in kinds for r in ADAPTERS[k].lookups(wanted, resources)]
    for (adapter, _), answer in zip(asked, kaltura.ask([r for _, r in asked]), strict=True):
        if isinstance(answer, KalturaError):
            raise answer
        rows = listed(answer)
        if len(rows) < int(wire(getattr(answer, "totalCount", 0)) or 0):
            observation.short.add(adapter.kind)
        for raw in rows:
            observed = adapter.read(raw, wanted, resources)
            if observed is not None:
                observation.add(observed)


def _discovered(observation: Observation) -> dict[Identity, str]:
    """Objects with our key whose id we did not know; the oldest of doubles."""
    unknown = {i: o for i, o in observation.objects.items() if i not in observation.ids}
    return {
        identity: min(objects, key=lambda o: (o.created_at, o.remote_id)).remote_id
        for identity, objects in unknown.items()
    }


def _read_past_index(
    kaltura: Kaltura,
    links: Sequence[RemoteLink],
    wanted: Wanted,
    resources: Resources,
    observation: Observation,
) -> None:
    asked: list[tuple[RemoteLink, Request]] = []
    told = _told_of()
    for link in links:
        if link.kind in UNREADABLE:
            _take_on_trust(link, observation)
        elif link.remote_id and (link.remote_id in told or not _shown(link, observation)):
            request = ADAPTERS[Kind(link.kind)].get(link.remote_id)
            if request:
                asked.append((link, request))
            elif not _shown(link, observation):
                _note_not_listed(link, observation)
    for (link, _), answer in zip(asked, kaltura.ask([r for _, r in asked]), strict=True):
        _note_read(link, answer, wanted, resources, observation)


def _note_not_listed(link: RemoteLink, observation: Observation) -> None:
    """What can be read in no other way is gone, unless its list lost something on the way."""
    identity = (Kind(link.kind), link.key)
    if identity[0] in observation.short:
        lost = RemoteUnavailable("a list came without all of its rows", sent=False)
        observation.errors[identity] = lost
    else:
        observation.gone.add(identity)


def _told_of() -> set[str]:
    """Remote ids of what notifications say was changed since the index was last certain.

    Echoes of our own writes called nobody up and are left out.
    """
    recent = Notification.objects.filter(
        received_at__gt=timezone.now() - index_delay(), targets__gt=0
    )
    return set(recent.values_list("remote_id", flat=True))


def _shown(link: RemoteLink, observation: Observation) -> bool:
    """Whether a list showed the object in a way to be believed.

    Soon after our last write, only when it shows what we wrote: anything else may be older.
    """
    listed_ = observation.objects.get((Kind(link.kind), link.key), ())
    found = next((o for o in listed_ if o.remote_id == link.remote_id), None)
    if found is None:
        return False
    pushed_at: datetime | None = link.pushed_at
    if pushed_at is None or timezone.now() - pushed_at > index_delay():
        return True
    as_written = all(found.fields.get(name) == value for name, value in link.pushed.items())
    return as_written or ADAPTERS[Kind(link.kind)].get(link.remote_id or "") is None


def _take_on_trust(link: RemoteLink, observation: Observation) -> None:
    if link.remote_id:
        observation.add(Observed(Kind(link.kind), link.key, link.remote_id, link.pushed))


def _note_read(
    link: RemoteLink,
    answer: object,
    wanted: Wanted,
    resources: Resources,
    observation: Observation,
) -> None:
    identity = (Kind(link.kind), link.key)
    if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
        observation.gone.add(identity)
    elif isinstance(answer, KalturaError):
        observation.errors[identity] = answer
    else:
        observed = ADAPTERS[identity[0]].read(answer, wanted, resources)
        if observed is None:
            observation.gone.add(identity)
        else:
            observation.add(observed)
