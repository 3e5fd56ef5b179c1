"""The rows of a control room for one person, and what they may do about each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from events.access import Phase, phase_of, timeline_of
from events.models import Event, Session
from events.permissions import PLANNERS, roles_of
from kaltura_bridge.control_room.cells import CELLS, CellLevel, CellSource, ControlCell
from kaltura_bridge.control_room.hours import MOST, WatchedSession, sessions_around, watched
from kaltura_bridge.control_room.people import people_of
from kaltura_bridge.live.moderator import ASKED
from kaltura_bridge.live.state import LiveState, live_states

# From an hour before the start on somebody wants to know whether it is on air.
_QUIET: Final = frozenset({Phase.DRAFT, Phase.CANCELLED, Phase.PLANNED})
_GOES_ON: Final = frozenset({Phase.PLANNED, Phase.SOON, Phase.OPEN, Phase.LIVE, Phase.OVERRUN})


@dataclass(frozen=True)
class RowAction:
    """A button of a row. ``is_posted``: it does something at once, so it needs a form."""

    label: str
    url: str
    is_posted: bool = False


@dataclass(frozen=True)
class ControlRow:
    """One session: its cells, how serious the worst of them is, and what can be done."""

    session: Session
    phase: Phase
    cells: Sequence[ControlCell]
    actions: Sequence[RowAction]

    @property
    def level(self) -> CellLevel:
        """The worst of its cells."""
        return max(cell.level for cell in self.cells)

    @property
    def key(self) -> str:
        """Its name in the page."""
        return str(self.session.pk)


@dataclass(frozen=True)
class ControlRoom:
    """All rows of one look; ``is_cut``: there are more than one page shows."""

    rows: Sequence[ControlRow]
    is_cut: bool

    def count(self, level: CellLevel) -> int:
        return sum(row.level is level for row in self.rows)


def control_room(events: QuerySet[Event], user: Any, now: datetime) -> ControlRoom:
    """What stands around ``now`` in these events, for this person. Asks Kaltura for nobody alone:
    how broadcasts stand and who watches is what all desks and control rooms share.
    """
    sessions = sessions_around(events, now)
    rows = watched(sessions[:MOST])
    phases = {r.session.pk: phase_of(r.session, timeline_of(r.session), now) for r in rows}
    live = live_states(_broadcasts(rows, phases))
    people = people_of(rows, phases, now)
    plans = _planned_by(user)
    made = []
    for row in rows:
        pk = row.session.pk
        state = live.get(row.entry_id, LiveState())
        is_planner = plans is None or row.session.event_id in plans
        about = CellSource(row, phases[pk], people[pk], state, now, is_planner)
        cells = [make(about) for make in CELLS]
        made.append(ControlRow(row.session, phases[pk], cells, list(_actions(about))))
    return ControlRoom(made, len(sessions) > MOST)


def _broadcasts(rows: Iterable[WatchedSession], phases: Mapping[int, Phase]) -> list[str]:
    return [r.entry_id for r in rows if r.entry_id and phases[r.session.pk] not in _QUIET]


def _planned_by(user: Any) -> frozenset[int] | None:
    """The events that the person plans; None: all."""
    if user.is_superuser:
        return None
    return frozenset(pk for pk, role in roles_of(user).items() if role in PLANNERS)


def _actions(about: CellSource) -> Iterator[RowAction]:
    """Doors that are there already, each for whom it opens."""
    session = about.session
    slugs = [session.event.slug, session.slug]
    yield RowAction(_("Live desk"), reverse("kaltura:live_desk", args=slugs))
    if session.session_type in ASKED and about.phase in _GOES_ON:
        yield RowAction(_("Moderate"), reverse("kaltura:live_moderator", args=slugs))
    if about.phase in _GOES_ON:
        url = reverse("admin:kaltura_bridge_join_test", args=[session.pk])
        yield RowAction(_("Test joining"), url, is_posted=True)
    if not about.plans:
        return
    if about.phase in _GOES_ON:
        yield RowAction(_("Extend"), reverse("kaltura:live_extend", args=slugs))
    if not about.row.is_room and about.phase in _GOES_ON:
        yield RowAction(_("Swap source"), reverse("kaltura:live_swap", args=slugs))
    if session.sync_pk:
        url = reverse("admin:kaltura_bridge_retry", args=[session.sync_pk])
        yield RowAction(_("Retry"), url, is_posted=True)
