"""Everything that a run goes through once it is stored, or once something about it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q

from analytics.aggregate import rebuild_all
from analytics.figures.versions import note_changed
from analytics.match import ROOMS, in_batches, match_people, match_runs, remote_ids
from analytics.matching.parts import renew_parts
from analytics.matching.people import match_further, stays_at, totals_at
from analytics.models import RoomRun, Source, Stay, ViewerTotal
from events.models import Session


@transaction.atomic
def settle_runs(runs: Sequence[RoomRun]) -> set[int]:
    """Match runs and their people. Returns the pks of the sessions that this concerns.

    The runs are held meanwhile: a decision that somebody makes at the same moment comes
    before or after it, never in between. The given objects are brought up to date.
    """
    held = {run.pk: run for run in _held(runs)}
    touched = match_runs(held.values())
    match_people(Stay.objects.filter(run__in=held))
    further: set[int] = set()
    for event in _events_of(held):
        further |= match_further(event, [(stays_at(event).filter(run__in=held), "run__session")])
    # Afterwards, for parts take over whom the stays of the whole are matched to.
    further |= renew_parts(held.values())
    note_changed(further)
    touched |= further
    for run in runs:
        if now := held.get(run.pk):
            run.session_id, run.matched_by = now.session_id, now.matched_by
            run.is_split = now.is_split
    return touched


def _held(runs: Sequence[RoomRun]) -> list[RoomRun]:
    """The runs as they are now, in one order for all who hold several."""
    rows = RoomRun.objects.select_for_update(of=("self",)).order_by("pk")
    return [
        run for batch in in_batches([run.pk for run in runs]) for run in rows.filter(pk__in=batch)
    ]


@transaction.atomic
def settle_totals(session: Session) -> set[int]:
    """Match the people of what was watched of a session."""
    match_people(ViewerTotal.objects.filter(session=session))
    own = totals_at(session.event_id).filter(session=session)
    further = match_further(session.event_id, [(own, "session")])
    note_changed(further)
    return further | {session.pk}


@transaction.atomic
def settle_events(events: Iterable[int]) -> set[int]:
    """Match all that is left over in these events: an address may have been verified since.

    Returns the pks of the sessions that this concerns.
    """
    touched: set[int] = set()
    for event in sorted(set(events)):
        touched |= match_further(event)
    note_changed(touched)
    return touched


def settle_again(runs: Iterable[RoomRun]) -> None:
    """Match runs again, as after a decision, and compute what changed."""
    rebuild_all(settle_runs([run for run in runs if run.source != Source.PORTAL]))


def rematch(session: Session) -> set[int]:
    """Match a session's people and its room's runs again, as after it was moved.

    Returns the pks of the sessions whose attendance this changes, its own included.
    """
    rooms = remote_ids([session], *ROOMS).values()
    # What was decided about a run of another room brought it here; it is looked at, too.
    of_session = Q(room_remote_id__in=rooms) | Q(session=session)
    runs = RoomRun.objects.filter(of_session, part_of=None).exclude(source=Source.PORTAL)
    touched = settle_runs(list(runs))
    match_people(Stay.objects.filter(run__session=session))
    return touched | settle_totals(session)


def _events_of(runs: Iterable[int]) -> set[int]:
    """The events in whose reports these runs' people may stand."""
    owners = RoomRun.objects.filter(pk__in=list(runs)).order_by()
    found = owners.values_list("session__event", "event")
    return {pk for session, room in found if (pk := session or room)}
