"""How complete figures are: pulled when, from what, and how that compares with the source.

A figure is only as good as the worst of what it rests on. So a session carries the worst
state of its sources, an event that of its sessions. Each state has words; colour only
underlines them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from django.conf import settings
from django.db.models import CharField, OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from analytics.match import ROOMS, shared_ids
from analytics.models import Coverage, Source
from events.models import Session
from kaltura_bridge.models import RemoteLink, TargetKind
from kaltura_bridge.specs import Kind

# A scheduled pull looks every few minutes; who was not read by then is missing, not late.
LATE_AFTER: Final = timedelta(hours=1)


class Tone(Enum):
    """How a badge looks."""

    GOOD = "good"
    PLAIN = "plain"
    WARNING = "warning"
    BAD = "bad"


class CompletenessState(Enum):
    """How complete something is, from best to worst. The order is the rank."""

    NOTHING = ("nothing", _("Nothing expected"), Tone.PLAIN)
    COMPLETE = ("complete", _("Complete"), Tone.GOOD)
    OPEN = ("open", _("Still open"), Tone.WARNING)
    SHARED = ("shared", _("Of several sessions"), Tone.WARNING)
    WAITING = ("waiting", _("Not pulled yet"), Tone.WARNING)
    REJECTED = ("rejected", _("Rows rejected"), Tone.BAD)
    FAILED = ("failed", _("Last pull failed"), Tone.BAD)
    MISSING = ("missing", _("Source missing"), Tone.BAD)
    DISAGREES = ("disagrees", _("Totals disagree"), Tone.BAD)

    def __init__(self, key: str, label: str | Promise, tone: Tone) -> None:
        self.key = key
        self.label = label
        self.tone = tone
        #: 0 is best.
        self.rank = len(type(self).__members__)

    @property
    def is_good(self) -> bool:
        return self.tone in (Tone.GOOD, Tone.PLAIN)


def worst_of(states: Iterable[CompletenessState]) -> CompletenessState:
    """The state that a sum of these parts carries; NOTHING for no parts."""
    return max(states, key=lambda state: state.rank, default=CompletenessState.NOTHING)


@dataclass(frozen=True)
class SourceCompleteness:
    """One source of one session: what was read of it, against what it counts itself.

    ``coverage`` is None when the source should report the session and was never asked.
    """

    source: Source
    state: CompletenessState
    coverage: Coverage | None = None

    @property
    def label(self) -> str:
        return str(self.source.label)

    @property
    def has_runs(self) -> bool:
        """Whether the source reports runs of a room at all."""
        return bool(self.coverage and (self.coverage.expected_runs or self.coverage.pulled_runs))

    @property
    def reason(self) -> str | Promise:
        """In a sentence, what is wrong; empty when nothing is."""
        coverage = self.coverage
        if coverage is None:
            if self.state is CompletenessState.WAITING:
                return _("It has not been read yet.")
            return _("It should report this session and was never read.")
        if self.state is CompletenessState.DISAGREES:
            return _disagreement(coverage)
        if self.state is CompletenessState.FAILED:
            return coverage.error
        if self.state is CompletenessState.REJECTED:
            return ngettext_lazy(
                "%(number)d row could not be understood.",
                "%(number)d rows could not be understood.",
                "number",
            ) % {"number": coverage.rejected_rows}
        if self.state is CompletenessState.SHARED:
            return _(
                "Something that it says belongs to several sessions together, "
                "and counts at none of them."
            )
        return ""


def _disagreement(coverage: Coverage) -> str | Promise:
    """Which of the source's own totals is not what was read."""
    if coverage.pulled_runs != coverage.expected_runs:
        return _("%(got)d of %(expected)d runs of the room were read.") % {
            "got": coverage.pulled_runs,
            "expected": coverage.expected_runs,
        }
    if coverage.pulled_rows == coverage.expected_rows:
        return coverage.disagreement
    return _("%(got)d rows were read, the source counts %(expected)d.") % {
        "got": coverage.pulled_rows,
        "expected": coverage.expected_rows,
    }


@dataclass(frozen=True)
class SessionCompleteness:
    """How complete one session's figures are, and since when.

    ``has_place``: whether it has a room or webcast at Kaltura, which sources report.
    """

    sources: Sequence[SourceCompleteness] = ()
    open_people: int = 0
    as_of: datetime | None = None
    has_place: bool = False
    state: CompletenessState = field(init=False)

    def __post_init__(self) -> None:
        states = [source.state for source in self.sources]
        if self.open_people:
            states.append(CompletenessState.OPEN)
        object.__setattr__(self, "state", worst_of(states))

    @property
    def missing(self) -> list[SourceCompleteness]:
        """The sources that were never read."""
        return [source for source in self.sources if source.coverage is None]

    @property
    def reasons(self) -> list[str]:
        """A sentence for each source that is not complete."""
        said = [f"{source.label}: {source.reason}" for source in self.sources if source.reason]
        if self.open_people:
            still_open = ngettext_lazy(
                "%(number)d person has a stay without a reported end.",
                "%(number)d people have a stay without a reported end.",
                "number",
            )
            said.append(str(still_open % {"number": self.open_people}))
        return said


@dataclass(frozen=True)
class TotalCompleteness:
    """How complete a sum over sessions is: as its worst part."""

    state: CompletenessState
    parts: int
    incomplete: int
    oldest: datetime | None
    newest: datetime | None


def total_of(parts: Iterable[SessionCompleteness]) -> TotalCompleteness:
    """The completeness of a sum over these sessions."""
    each = list(parts)
    moments = [part.as_of for part in each if part.as_of]
    return TotalCompleteness(
        state=worst_of(part.state for part in each),
        parts=len(each),
        incomplete=sum(not part.state.is_good for part in each),
        oldest=min(moments, default=None),
        newest=max(moments, default=None),
    )


def state_of(coverage: Coverage) -> CompletenessState:
    """What one source's coverage amounts to.

    The counts are those of the last pull that worked, so a failure afterwards hides no
    disagreement that was there before.
    """
    if coverage.pulled_at is None:
        return CompletenessState.FAILED
    if (coverage.pulled_runs, coverage.pulled_rows) != (
        coverage.expected_runs,
        coverage.expected_rows,
    ) or coverage.disagreement:
        return CompletenessState.DISAGREES
    if coverage.error:
        return CompletenessState.FAILED
    if coverage.rejected_rows:
        return CompletenessState.REJECTED
    return CompletenessState.SHARED if coverage.is_shared else CompletenessState.COMPLETE


def completeness_of(
    sessions: Sequence[Session], now: datetime, open_people: Mapping[int, int]
) -> dict[int, SessionCompleteness]:
    """The completeness of each of ``sessions`` by its primary key, in two queries.

    Needs each session's event. ``open_people`` says how many people of each session have an
    open stay.
    """
    read: dict[int, list[Coverage]] = defaultdict(list)
    # By their events, which are few: there may be more sessions than a statement takes values.
    events = {session.event_id for session in sessions}
    for coverage in Coverage.objects.filter(session__event__in=events).order_by("source"):
        read[coverage.session_id].append(coverage)
    expected = expected_sources(sessions)
    return {
        session.pk: session_completeness(
            session,
            read[session.pk],
            expected.get(session.pk, set()),
            open_people.get(session.pk, 0),
            now,
        )
        for session in sessions
    }


def session_completeness(
    session: Session,
    read: Sequence[Coverage],
    expected: Set[Source],
    open_people: int,
    now: datetime,
) -> SessionCompleteness:
    """The completeness of one session: what was read of it, and what should have been."""
    parts = [SourceCompleteness(Source(row.source), state_of(row), row) for row in read]
    if session.doors_open_at <= now:
        # One that alone was not read is missing at once; all of them may just be due.
        late = bool(read) or session.doors_close_at + LATE_AFTER < now
        state = CompletenessState.MISSING if late else CompletenessState.WAITING
        unread = expected - {part.source for part in parts}
        parts += [SourceCompleteness(source, state) for source in Source if source in unread]
    moments = [row.pulled_at for row in read if row.pulled_at]
    return SessionCompleteness(
        sources=parts,
        open_people=open_people,
        as_of=min(moments, default=None),
        has_place=bool(expected),
    )


def expected_sources(sessions: Sequence[Session]) -> dict[int, set[Source]]:
    """Which sources should report each session: by the rooms and webcasts it has at Kaltura."""
    pks = {session.uuid: session.pk for session in sessions}
    found: dict[int, set[Source]] = defaultdict(set)
    uuids = Session.objects.filter(event__in={session.event_id for session in sessions})
    links = links_of_places().filter(target__object_uuid__in=uuids.values("uuid"))
    for uuid, kind in links.order_by().values_list("target__object_uuid", "kind"):
        if uuid in pks:
            found[pks[uuid]] |= sources_of(kind != Kind.ENTRY, kind == Kind.ENTRY)
    for pk in shared_ids([s for s in sessions if s.pk not in found], ROOMS):
        found[pk] |= sources_of(has_room=True, has_webcast=False)
    return dict(found)


def sources_of(has_room: bool, has_webcast: bool) -> set[Source]:
    """Which sources should report a session that has these places at Kaltura.

    The realtime report is not among them: it is asked for a few hours only, and is then
    what the webcast report knows better.
    """
    expected = {Source.NEWROW} if has_room else set()
    expected |= {Source.REPORT} if has_webcast else set()
    if expected and Source.ENGAGEMENT in settings.KALTURA_FURTHER_REPORTS:
        expected.add(Source.ENGAGEMENT)
    return expected


def rooms_of_tracks() -> QuerySet[RemoteLink]:
    """The room that an outer query's session shares with the others of its track."""
    return RemoteLink.objects.filter(
        kind__in=ROOMS,
        remote_id__isnull=False,
        target__kind=TargetKind.TRACK,
        target__object_uuid=OuterRef("track__uuid"),
        key__endswith=Concat(Value("/"), OuterRef("session_type"), output_field=CharField()),
    )


def links_of_places() -> QuerySet[RemoteLink]:
    """The rooms and webcasts of all sessions at Kaltura."""
    return RemoteLink.objects.filter(
        kind__in=[*ROOMS, Kind.ENTRY],
        remote_id__isnull=False,
        target__kind=TargetKind.SESSION,
    )
