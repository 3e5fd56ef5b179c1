"""What a row of the control room says: a word, how serious that is, and where it is mended.

Pure. No text depends on how long ago something was, so a row changes only when something does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.access import Phase, status_of
from events.i18n.languages import Words
from events.models import SessionStatus, SessionType
from kaltura_bridge.control_room.hours import WatchedSession
from kaltura_bridge.control_room.people import PeopleCount
from kaltura_bridge.delivery.options import options_for
from kaltura_bridge.live.state import BroadcastState, LiveState
from kaltura_bridge.models import ErrorKind, JoinTest, RecordingMode, SyncState

_TEXT_CHARS: Final = 200


class CellLevel(IntEnum):
    """How serious a cell is; the worst of them is that of its row."""

    OFF = 0  # says nothing, for now
    GOOD = 1
    WAIT = 2  # on its way, or worth a look
    BAD = 3  # somebody has to do something

    @property
    def icon(self) -> str:
        """Beside the colour, for whoever does not see it."""
        return {CellLevel.GOOD: "✓", CellLevel.WAIT: "…", CellLevel.BAD: "✗"}.get(self, "–")


@dataclass(frozen=True)
class ControlCell:
    """One thing about one session: ``url`` is where to see to it."""

    name: str
    title: Words
    level: CellLevel
    text: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True)
class CellSource:
    """What cells are made of. ``plans``: the reader may open the pages of the sync."""

    row: WatchedSession
    phase: Phase
    people: PeopleCount
    live: LiveState
    now: datetime
    plans: bool

    @property
    def session(self) -> Any:
        """With the annotations of ``sessions_around``."""
        return self.row.session

    def clock(self, moment: datetime, form: str = "%H:%M") -> str:
        return f"{moment.astimezone(self.session.event.zone):{form}}"

    @property
    def target_url(self) -> str:
        pk = self.session.sync_pk if self.plans else None
        return reverse("admin:kaltura_bridge_synctarget_change", args=[pk]) if pk else ""


_ON: Final = frozenset({Phase.LIVE})
_BEFORE: Final = frozenset({Phase.PLANNED, Phase.SOON, Phase.OPEN})
_OPEN: Final = frozenset({Phase.OPEN, Phase.LIVE, Phase.OVERRUN})
_NOT_PLANNED: Final = frozenset({Phase.DRAFT, Phase.CANCELLED})


def published_cell(about: CellSource) -> ControlCell:
    """Whether attendees see it at all."""
    title = gettext_lazy("Published")
    status = status_of(about.session)
    if status == SessionStatus.PUBLISHED:
        return ControlCell("published", title, CellLevel.GOOD, _("Published"))
    if status == SessionStatus.CANCELLED:
        return ControlCell("published", title, CellLevel.OFF, _("Cancelled"))
    url = reverse("admin:events_session_change", args=[about.session.pk])
    level = CellLevel.BAD if about.now < about.session.ends_at else CellLevel.OFF
    text = _("Attendees do not see it.")
    return ControlCell("published", title, level, _("Draft"), text, url)


def kaltura_cell(about: CellSource) -> ControlCell:
    """Whether what Kaltura holds of it is what is planned."""
    title = gettext_lazy("At Kaltura")
    level, text = _sync(about)
    return ControlCell("kaltura", title, level, text, url=about.target_url)


def _sync(about: CellSource) -> tuple[CellLevel, str]:
    session = about.session
    state, kind = session.sync_state, session.sync_error_kind
    reason = str(ErrorKind(kind).label) if kind else ""
    if state == SyncState.FAILED:
        return CellLevel.BAD, _("Failed: %(reason)s") % {"reason": reason}
    if state == SyncState.PENDING and reason:
        return CellLevel.WAIT, _("Waiting: %(reason)s") % {"reason": reason}
    if state != SyncState.SYNCED:
        return CellLevel.WAIT, _("On its way")
    if session.sync_changed_there:
        changed = _("Changed there: %(fields)s") % {"fields": session.sync_changed_there}
        return CellLevel.WAIT, changed
    if not about.row.has_place and about.phase not in _NOT_PLANNED:
        return CellLevel.BAD, _("Nothing to enter")
    return CellLevel.GOOD, _("In sync")


def times_cell(about: CellSource) -> ControlCell:
    """The portal's times against those that were last read of its calendar event at Kaltura."""
    title = gettext_lazy("Times")
    if about.phase in _NOT_PLANNED:
        return ControlCell("times", title, CellLevel.OFF, _("Not planned"))
    starts, ends = _moment(about.row.starts_unix), _moment(about.row.ends_unix)
    if starts is None or ends is None:
        return ControlCell("times", title, CellLevel.WAIT, _("Not read yet"))
    session = about.session
    planned = session.starts_at.replace(microsecond=0), session.ends_at.replace(microsecond=0)
    if (starts, ends) == planned:
        return ControlCell("times", title, CellLevel.GOOD, _("Agree"))
    is_on_its_way = session.sync_state in (SyncState.PENDING, SyncState.SENDING)
    days = {moment.astimezone(session.event.zone).date() for moment in (starts, session.starts_at)}
    form = "%H:%M" if len(days) == 1 else "%Y-%m-%d %H:%M"
    text = _("Kaltura: %(starts)s–%(ends)s") % {
        "starts": about.clock(starts, form),
        "ends": about.clock(ends),
    }
    level = CellLevel.WAIT if is_on_its_way else CellLevel.BAD
    return ControlCell("times", title, level, text, url=about.target_url)


def _moment(unix: str) -> datetime | None:
    return datetime.fromtimestamp(int(unix), UTC) if unix.isdecimal() else None


def air_cell(about: CellSource) -> ControlCell:
    """Whether it is on air; of a room, whether it is in use."""
    level, text, detail = _room(about) if about.row.is_room else _broadcast(about)
    return ControlCell("air", gettext_lazy("On air"), level, text, detail)


def _room(about: CellSource) -> tuple[CellLevel, str, str]:
    if about.phase not in _OPEN:
        return CellLevel.OFF, _("Closed"), ""
    if about.people.came_in == 0:
        level = CellLevel.WAIT if about.phase is Phase.LIVE else CellLevel.OFF
        return level, _("Nobody yet"), ""
    return CellLevel.GOOD, _("In use"), ""


def _broadcast(about: CellSource) -> tuple[CellLevel, str, str]:
    phase, live = about.phase, about.live
    if phase in _NOT_PLANNED or phase is Phase.PLANNED:
        return CellLevel.OFF, _("Not yet"), ""
    if live.broadcast is BroadcastState.UNKNOWN:
        return CellLevel.WAIT, _("Not known"), live.trouble
    detail = _silent(about) if live.trouble else ""
    if live.is_on_air:
        is_late = phase is Phase.OVER
        return (CellLevel.WAIT, _("Still live"), detail) if is_late else _live(detail)
    if live.broadcast is BroadcastState.PREVIEW:
        level = CellLevel.BAD if phase in _ON else CellLevel.GOOD
        return level, _("Preview"), detail or _("Viewers do not see it.")
    if phase in _ON:
        return CellLevel.BAD, _("Off air"), detail
    waits = phase is Phase.OPEN and about.session.session_type != SessionType.SIMULIVE
    return CellLevel.WAIT if waits else CellLevel.OFF, _("Off air"), detail


def _live(detail: str) -> tuple[CellLevel, str, str]:
    return CellLevel.GOOD, _("Live"), detail


def _silent(about: CellSource) -> str:
    as_of = about.live.as_of
    assert as_of
    return _("Kaltura has said no more since %(time)s (%(reason)s).") % {
        "time": about.clock(as_of, "%H:%M:%S"),
        "reason": about.live.trouble,
    }


def people_cell(about: CellSource) -> ControlCell:
    """Who is there now against who is expected, and who was turned away."""
    people, title = about.people, gettext_lazy("People")
    level, text = CellLevel.OFF, "–"
    if about.phase in _OPEN:
        text = _("%(now)s of %(expected)s") % {
            "now": _number(people.now if people.now is not None else people.came_in),
            "expected": _number(people.expected),
        }
        level = CellLevel.GOOD
    elif about.phase in _BEFORE:
        text = _("%(expected)s expected") % {"expected": _number(people.expected)}
    details = list(_sources(about))
    if people.denials:
        level = max(level, CellLevel.WAIT)
        refused = ngettext("%(n)d not let in", "%(n)d not let in", people.denials)
        details.append(refused % {"n": people.denials})
    url = ""
    if people.denials:
        url = reverse("admin:kaltura_bridge_joining", args=[about.session.pk])
    return ControlCell("people", title, level, text, ", ".join(details), url)


def _sources(about: CellSource) -> list[str]:
    """Who counted: so nobody takes one number for another."""
    people = about.people
    if about.phase not in _OPEN:
        return []
    said = []
    if people.watching is not None:
        said.append(_("watching, by Kaltura"))
    elif people.on_page is not None:
        said.append(_("on the page"))
    elif people.came_in is not None:
        said.append(_("came in"))
    if people.is_withheld:
        said.append(_("small numbers are kept back"))
    return said


def _number(count: int | None) -> str:
    return "?" if count is None else str(count)


_RECORDINGS: Final[dict[str, Words]] = {
    RecordingMode.NONE: gettext_lazy("Off"),
    RecordingMode.APPENDED: gettext_lazy("On"),
    RecordingMode.PER_SESSION: gettext_lazy("On, one each"),
}


def recording_cell(about: CellSource) -> ControlCell:
    """Whether it is recorded, as planned; rooms are recorded by whoever leads them."""
    title = gettext_lazy("Recording")
    if about.row.is_room:
        return ControlCell("recording", title, CellLevel.OFF, _("In the room"))
    if about.session.session_type == SessionType.SIMULIVE:
        return ControlCell("recording", title, CellLevel.OFF, _("Plays a video"))
    mode = options_for(about.session).recording
    level = CellLevel.OFF if mode == RecordingMode.NONE else CellLevel.GOOD
    return ControlCell("recording", title, level, str(_RECORDINGS[mode]))


def error_cell(about: CellSource) -> ControlCell:
    """What went wrong last, within a day."""
    title, session = gettext_lazy("Last error"), about.session
    if session.sync_error:
        is_failed = session.sync_state == SyncState.FAILED
        level = CellLevel.BAD if is_failed else CellLevel.WAIT
        text = _("Now")
        return ControlCell("error", title, level, text, _short(session.sync_error))
    if session.failed_at:
        text = about.clock(session.failed_at)
        return ControlCell("error", title, CellLevel.OFF, text, _short(session.failed_with))
    return ControlCell("error", title, CellLevel.OFF, _("None"))


def join_test_cell(about: CellSource) -> ControlCell:
    """How a made-up viewer fared (join_tests/)."""
    title = gettext_lazy("Join test")
    test: JoinTest | None = getattr(about.session, "join_test", None)
    if test is None or test.looked_at is None:
        return ControlCell("join-test", title, CellLevel.OFF, _("Not yet"))
    at = about.clock(test.looked_at)
    if not test.fault:
        return ControlCell("join-test", title, CellLevel.GOOD, _("Well at %(time)s") % {"time": at})
    level = CellLevel.BAD if about.phase is not Phase.OVER else CellLevel.OFF
    # Found once it may have been nothing; the second look is on its way.
    level = level if test.told else min(level, CellLevel.WAIT)
    text = _("%(fault)s at %(time)s") % {"fault": test.get_fault_display(), "time": at}
    return ControlCell("join-test", title, level, text, test.detail)


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_CHARS else f"{text[:_TEXT_CHARS]}…"


MakeCell = Callable[[CellSource], ControlCell]
CELLS: Final[tuple[MakeCell, ...]] = (
    published_cell,
    kaltura_cell,
    times_cell,
    air_cell,
    people_cell,
    recording_cell,
    join_test_cell,
    error_cell,
)
