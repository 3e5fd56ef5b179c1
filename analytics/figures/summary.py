"""The figures of sessions and events: as they were last computed, and anew where they moved."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, F, QuerySet, Sum

from analytics.figures.computing import event_figures_in, session_figures_in
from analytics.figures.minutes import Curve, CurveOf, curves_of
from analytics.figures.parallel import can_split, side_by_side
from analytics.figures.values import EventFigures, SessionFigures
from analytics.match import in_batches
from analytics.models import StoredEventFigures, StoredFigures
from events.models import Event, Registration, Session

# Sessions whose figures and curves are computed in one go.
AT_ONCE: Final = 250
# Up to here sessions are named one by one; of more, their events are.
FEW: Final = 5

__all__ = [
    "EventFigures",
    "SessionFigures",
    "event_figures_of",
    "figures_of",
    "figures_of_events",
]


def figures_of(sessions: Iterable[Session]) -> dict[int, SessionFigures]:
    """Session pk -> its figures; without any row, figures of nothing.

    Two statements, and a few more where something moved since the figures were computed.
    """
    wanted = list(sessions)
    events = {session.event_id for session in wanted}
    registered = registered_at(events)
    if len(wanted) > FEW:
        rows = _renewed(list(_without_curves().filter(session__event__in=events)))
    else:
        rows = current((session.pk for session in wanted), with_curves=False)
    stored = {row.pk: row for row in rows}
    return {
        session.pk: SessionFigures.from_json(
            stored[session.pk].figures if session.pk in stored else {},
            registered[session.event_id],
        )
        for session in wanted
    }


def figures_at(event: Event, registered: int) -> tuple[Mapping[int, SessionFigures], str]:
    """The figures of each of the event's sessions by its pk, and the stamp that they make."""
    rows = _renewed(list(_without_curves().filter(session__event=event)))
    figures = defaultdict(lambda: SessionFigures(registered=registered))
    for row in rows:
        figures[row.pk] = SessionFigures.from_json(row.figures, registered)
    return figures, _stamp_of(rows)


def event_figures_of(event: Event) -> EventFigures:
    """The event's figures over all its sessions. As with figures_of."""
    stored = current_event(event)
    return EventFigures.from_json(stored.figures, registered_at([event.pk])[event.pk])


def figures_of_events(events: Iterable[Event]) -> dict[int, EventFigures]:
    """Event pk -> its figures: three statements, and a few more for each that moved."""
    wanted = list(events)
    pks = [event.pk for event in wanted]
    stored = StoredEventFigures.objects.defer("curve").in_bulk(pks)
    stamps = _stamps(StoredFigures.objects.filter(session__event__in=pks))
    registered = registered_at(pks)
    found = {}
    for event in wanted:
        row = stored.get(event.pk)
        if row is None or row.stamp != stamps.get(event.pk, _NO_SESSIONS):
            row = current_event(event)
        found[event.pk] = EventFigures.from_json(row.figures, registered[event.pk])
    return found


def registered_at(event_pks: Iterable[int]) -> Counter[int]:
    """Event pk -> how many people have a place there now."""
    rows = Registration.objects.filter(event__in=set(event_pks), withdrawn_at=None)
    return Counter(dict(rows.order_by().values_list("event").annotate(people=Count("pk"))))


def current(session_pks: Iterable[int], *, with_curves: bool = True) -> list[StoredFigures]:
    """The stored figures of those sessions that have any, computed again where they moved.

    Curves are most of what is stored; without ``with_curves`` they stay in the database.
    """
    stored = StoredFigures.objects.all() if with_curves else _without_curves()
    rows: list[StoredFigures] = []
    for batch in in_batches(sorted(set(session_pks))):
        rows += stored.filter(pk__in=batch)
    return _renewed(rows)


def _without_curves() -> QuerySet[StoredFigures]:
    return StoredFigures.objects.defer("curve")


def _renewed(rows: list[StoredFigures]) -> list[StoredFigures]:
    """The same rows, those that moved computed again."""
    compute([row for row in rows if row.figures_version != row.attendance_version])
    return rows


def compute(rows: Sequence[StoredFigures]) -> None:
    """Compute the figures and curves of these sessions, and keep them.

    Somebody may change the sessions meanwhile: what is kept then names the older version,
    and is computed again by whoever reads it next.
    """
    # Rows are filled in here, so their pieces may be computed by several at a time.
    side_by_side(_compute, [list(batch) for batch in in_batches(rows, AT_ONCE)])


def _compute(rows: Sequence[StoredFigures]) -> None:
    pks = [row.pk for row in rows]
    figures = session_figures_in(pks)
    several = [pk for pk, found in figures.items() if len(found.sources) > 1]
    curves = curves_of(pks, CurveOf.SESSION, by_source=several)
    with transaction.atomic():
        for row in rows:
            curve = curves.get(row.pk, Curve())
            found = figures.get(row.pk, SessionFigures())
            row.curve = curve.as_json()
            row.figures = replace(found, peak=curve.peak, peak_at=curve.peak_at).as_json()
            row.figures_version = row.attendance_version
        StoredFigures.objects.bulk_update(
            rows, ["curve", "figures", "figures_version"], batch_size=100
        )


def current_event(event: Event, stamp: str = "") -> StoredEventFigures:
    """The event's stored figures, computed again when any session of it has moved.

    ``stamp``: that of its sessions, where it is known. Curves are read when they are asked for.
    """
    if stored := _stored_event(event, stamp):
        return stored
    if connection.vendor != "postgresql":
        return _compute_event(event)
    # The transaction holds the lock, and writes nothing before the figures are there.
    split = can_split()
    with transaction.atomic():
        # Whoever comes while somebody computes waits for the result. SQLite locks no rows,
        # and would let nobody write meanwhile.
        StoredEventFigures.objects.bulk_create(
            [StoredEventFigures(event=event)], ignore_conflicts=True
        )
        StoredEventFigures.objects.select_for_update().get(pk=event.pk)
        return _stored_event(event) or _compute_event(event, split=split)


def _stored_event(event: Event, stamp: str = "") -> StoredEventFigures | None:
    """What is stored, if it is of the sessions as they are now."""
    stored = StoredEventFigures.objects.filter(pk=event.pk, stamp=stamp or _stamp(event))
    return stored.defer("curve").first()


def _compute_event(event: Event, *, split: bool = False) -> StoredEventFigures:
    stamp = _stamp(event)
    sessions = StoredFigures.objects.filter(session__event=event)
    pks = list(sessions.order_by().values_list("pk", flat=True))
    both = [CurveOf.EVENT, CurveOf.TRACK]
    curves, tracks = side_by_side(lambda group: curves_of(pks, group), both, split=split)
    curve = curves.get(event.pk, Curve())
    found = replace(event_figures_in(pks), peak=curve.peak, peak_at=curve.peak_at)
    own = {
        "stamp": stamp,
        "figures": found.as_json(),
        "curve": {
            "event": curve.as_json(),
            "tracks": {str(key): track.as_json() for key, track in tracks.items()},
        },
    }
    stored, _ = StoredEventFigures.objects.update_or_create(event=event, defaults=own)
    return stored


def events_of(session_pks: Iterable[int]) -> set[int]:
    """The pks of these sessions' events."""
    pks: set[int] = set()
    for batch in in_batches(sorted(set(session_pks))):
        pks.update(Session.objects.filter(pk__in=batch).values_list("event_id", flat=True))
    return pks


def compute_ahead(event_pks: Iterable[int]) -> None:
    """Compute whatever moved of these events and their sessions, so that no page has to.

    For workers: after a pull, after people were counted. Costs a look where nothing moved.
    Where other sessions of an event are still to be counted, whoever counts the last of them
    makes the event's figures: an edit that concerns hundreds comes in many messages.
    """
    for event in Event.objects.filter(pk__in=set(event_pks)):
        sessions = StoredFigures.objects.filter(session__event=event)
        moved = sessions.exclude(figures_version=F("attendance_version"))
        compute(list(moved.order_by("pk").defer("figures", "curve")))
        if not sessions.exclude(attendance_version=F("version")).exists():
            current_event(event)


# What an event is made from of which no session has figures.
_NO_SESSIONS: Final = "0/None/None"


def _stamp(event: Event) -> str:
    """Changes whenever a session is renewed, added or deleted."""
    return _stamps(StoredFigures.objects.filter(session__event=event)).get(event.pk, _NO_SESSIONS)


def _stamp_of(rows: Sequence[StoredFigures]) -> str:
    """The same of all rows of an event that are read already."""
    if not rows:
        return _NO_SESSIONS
    versions = [(row.attendance_version, row.pk) for row in rows]
    sums = len(rows), sum(version for version, _ in versions), sum(v * pk for v, pk in versions)
    return "/".join(map(str, sums))


def _stamps(sessions: QuerySet[StoredFigures]) -> dict[int, str]:
    """Event pk -> its stamp, of those events that have any of these rows."""
    sums = (
        sessions.order_by()
        .values_list("session__event")
        .annotate(
            sessions=Count("pk"),
            versions=Sum("attendance_version"),
            weighted=Sum(F("attendance_version") * F("session_id")),
        )
    )
    return {event: "/".join(str(value) for value in values) for event, *values in sums}
