"""What each figure and column means: the one place that pages, files and docs quote.

Pages show a term's label and definition beside the figure, a workbook's second sheet lists
the terms of its columns, and docs/attendance.md is written from all of them. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class TermGroup(StrEnum):
    """Where a term is used."""

    COLUMN = "column"
    SESSION = "session"
    EVENT = "event"
    COMPLETENESS = "completeness"


@dataclass(frozen=True)
class Term:
    """A figure or a column.

    ``name`` is what files and APIs call it, ``label`` what pages do. ``source`` says who
    reports what it rests on, ``unit`` what one of it is, ``rounding`` how it is rounded.
    """

    name: str
    group: TermGroup
    label: Text
    definition: Text
    source: Text
    unit: Text
    rounding: Text


AGENDA: Final = _("agenda")
ACCOUNT: Final = _("account here")
REGISTRATIONS: Final = _("registrations")
TEAM: Final = _("team and speakers")
INTERVALS: Final = _("intervals of all sources")
INTERVALS_OR_TOTALS: Final = _("intervals of all sources; webcast report where there are none")
REPORTED: Final = _("as the source reports it")
WEBCAST: Final = _("webcast report")
AUDIENCE: Final = _("Kaltura's reports about the audience")
PULLS: Final = _("record of the pulls")
COMPUTED: Final = _("matching")

NONE: Final = _("none")
TEXT: Final = _("text")
YES_NO: Final = _("yes or no")
MOMENT: Final = _("moment, UTC in files, the event's zone on pages")
PEOPLE: Final = _("people")
MINUTES: Final = _("minutes")
PERCENT: Final = _("percent")
ROWS: Final = _("rows")

EXACT: Final = _("exact")
AS_IT_IS: Final = _("not rounded")
SECONDS: Final = _("to the second")
TWO: Final = _("two decimals, halves up")
ONE: Final = _("one decimal, halves up")


def _column(
    name: str, label: Text, definition: Text, source: Text, unit: Text, rounding: Text = AS_IT_IS
) -> Term:
    return Term(name, TermGroup.COLUMN, label, definition, source, unit, rounding)


def _session(
    name: str, label: Text, definition: Text, source: Text, unit: Text, rounding: Text = EXACT
) -> Term:
    return Term(name, TermGroup.SESSION, label, definition, source, unit, rounding)


def _event(
    name: str, label: Text, definition: Text, source: Text, unit: Text, rounding: Text = EXACT
) -> Term:
    return Term(name, TermGroup.EVENT, label, definition, source, unit, rounding)


def _complete(name: str, label: Text, definition: Text, unit: Text, rounding: Text = EXACT) -> Term:
    return Term(name, TermGroup.COMPLETENESS, label, definition, PULLS, unit, rounding)


COLUMNS: Final = (
    _column("event", _("Event"), _("The event's short name in addresses."), AGENDA, TEXT),
    _column(
        "session_id",
        _("Session id"),
        _("The session's identity, which no edit and no move changes."),
        AGENDA,
        _("UUID"),
    ),
    _column("session_title", _("Session"), _("The session's present title."), AGENDA, TEXT),
    _column("track", _("Track"), _("The session's present track; empty for none."), AGENDA, TEXT),
    _column(
        "session_type",
        _("Type"),
        _("How the session is delivered: webcast, room, webinar, studio or simulive."),
        AGENDA,
        TEXT,
    ),
    _column("scheduled_start_utc", _("Starts"), _("The planned start."), AGENDA, MOMENT, SECONDS),
    _column("scheduled_end_utc", _("Ends"), _("The planned end."), AGENDA, MOMENT, SECONDS),
    _column(
        "event_timezone", _("Time zone"), _("The zone in which the event is planned."), AGENDA, TEXT
    ),
    _column(
        "scheduled_start_local",
        _("Starts, local"),
        _("The planned start on the clocks of the event's zone, with its offset."),
        AGENDA,
        _("moment in the event's zone"),
        SECONDS,
    ),
    _column(
        "attendee_id",
        _("Attendee id"),
        _("The account's identity here; empty for guests."),
        ACCOUNT,
        _("UUID"),
    ),
    _column(
        "attendee_name",
        _("Name"),
        _("The name of the account; for guests the name that the source reports."),
        _("account here, or the source"),
        TEXT,
    ),
    _column(
        "attendee_email",
        _("E-mail address"),
        _("The address of the account; for guests the address that the source reports."),
        _("account here, or the source"),
        TEXT,
    ),
    _column(
        "role",
        _("Role"),
        _("The strongest role in the session: producer, moderator, speaker, attendee or guest."),
        TEAM,
        TEXT,
    ),
    _column(
        "registered",
        _("Registered"),
        _("Whether the person has a place at the event now."),
        REGISTRATIONS,
        YES_NO,
    ),
    _column(
        "attended",
        _("Attended"),
        _("Whether the person was present for any time between doors-open and the overrun's end."),
        INTERVALS_OR_TOTALS,
        YES_NO,
    ),
    _column(
        "first_joined_utc",
        _("First joined"),
        _("When the first stay that touches the session's window began, as reported."),
        INTERVALS,
        MOMENT,
        SECONDS,
    ),
    _column(
        "last_left_utc",
        _("Last left"),
        _("When the last of those stays ended, as reported; empty while one is open."),
        INTERVALS,
        MOMENT,
        SECONDS,
    ),
    _column(
        "join_count",
        _("Joins"),
        _("How many reported stays touch the window; empty when the source has no times."),
        INTERVALS,
        _("joins"),
        EXACT,
    ),
    _column(
        "minutes_present",
        _("Minutes present"),
        _(
            "The length of the union of the person's stays, clipped to doors-open and the "
            "overrun's end; two devices at once count once."
        ),
        INTERVALS_OR_TOTALS,
        MINUTES,
        TWO,
    ),
    _column(
        "scheduled_percent",
        _("Of scheduled time"),
        _(
            "How much of the time between planned start and end the person was present; an "
            "upper bound for webcasts without times."
        ),
        INTERVALS_OR_TOTALS,
        PERCENT,
        ONE,
    ),
    _column(
        "open_interval",
        _("Still there"),
        _("Whether a stay has no reported end, so that minutes are what is known so far."),
        INTERVALS,
        YES_NO,
    ),
    _column(
        "attention_percent",
        _("Attention"),
        _(
            "How long the person had the room in view, or the player in view and audible, each "
            "stay weighted by its length."
        ),
        REPORTED,
        PERCENT,
        ONE,
    ),
    _column(
        "live_minutes",
        _("Live minutes"),
        _("What the webcast report counts as watched live."),
        WEBCAST,
        MINUTES,
        TWO,
    ),
    _column(
        "recording_minutes",
        _("Recording minutes"),
        _("What the webcast report counts as watched of the recording; never attendance."),
        WEBCAST,
        MINUTES,
        TWO,
    ),
    _column(
        "sources",
        _("Sources"),
        _("The sources that report the person in this session, with + between."),
        COMPUTED,
        TEXT,
    ),
    _column(
        "matched_by",
        _("Matched by"),
        _("What ties the reported person to the account; never a name."),
        COMPUTED,
        TEXT,
    ),
    _column(
        "pulled_at_utc",
        _("As of"),
        _("The oldest report that the row rests on."),
        PULLS,
        MOMENT,
        SECONDS,
    ),
    _column(
        "newrow_minutes",
        _("Minutes, room"),
        _("Minutes present as the meeting room alone reports them; empty for people it lacks."),
        REPORTED,
        MINUTES,
        TWO,
    ),
    _column(
        "report_minutes",
        _("Minutes, webcast report"),
        _("Live minutes as the webcast report alone has them, at most the window's."),
        WEBCAST,
        MINUTES,
        TWO,
    ),
    _column(
        "engagement_minutes",
        _("Minutes, live engagement"),
        _("Live minutes as the live engagement report alone has them, at most the window's."),
        REPORTED,
        MINUTES,
        TWO,
    ),
    _column(
        "realtime_minutes",
        _("Minutes, realtime report"),
        _("Live minutes as the realtime report alone has them, at most the window's."),
        REPORTED,
        MINUTES,
        TWO,
    ),
    _column(
        "portal_minutes",
        _("Minutes, join page"),
        _("Minutes present as the portal's own join page alone noted them."),
        REPORTED,
        MINUTES,
        TWO,
    ),
    _column("source", _("Source"), _("Who reports this stay."), REPORTED, TEXT),
    _column(
        "remote_session_id",
        _("Room run"),
        _("The source's own number of the run of the room."),
        REPORTED,
        TEXT,
    ),
    _column(
        "remote_user_id",
        _("Reported person"),
        _("The person as the source names them: our opaque id for people with an account."),
        REPORTED,
        TEXT,
    ),
    _column("joined_utc", _("Joined"), _("When this stay began."), REPORTED, MOMENT, SECONDS),
    _column(
        "left_utc",
        _("Left"),
        _("When this stay ended; empty when no end is reported."),
        REPORTED,
        MOMENT,
        SECONDS,
    ),
    _column(
        "minutes",
        _("Minutes"),
        _("The length of this stay as the source says it, inside the session's window or not."),
        REPORTED,
        MINUTES,
        _("as reported"),
    ),
)

SESSION_FIGURES: Final = (
    _session(
        "registered_people",
        _("Registered"),
        _("People with a place at the event now."),
        REGISTRATIONS,
        PEOPLE,
    ),
    _session(
        "attended_people",
        _("Attended"),
        _(
            "Attendees and guests present for any time between doors-open and the end of the "
            "overrun; team, people on stage and tests are counted apart."
        ),
        INTERVALS_OR_TOTALS,
        PEOPLE,
    ),
    _session(
        "no_show_people",
        _("Registered, did not come"),
        _("People with a place at the event who were not present in this session."),
        _("registrations and all sources"),
        PEOPLE,
    ),
    _session(
        "guest_people",
        _("Guests"),
        _("People who attended without an account here; nobody is matched by name."),
        INTERVALS_OR_TOTALS,
        PEOPLE,
    ),
    _session(
        "staff_people",
        _("Team, stage and tests"),
        _("People who were there and are no audience: in no other figure of this page."),
        TEAM,
        PEOPLE,
    ),
    _session(
        "peak",
        _("Peak attendance"),
        _("The highest number of people present at the same moment."),
        INTERVALS,
        PEOPLE,
    ),
    _session(
        "peak_at",
        _("Moment of the peak"),
        _("The first moment at which that many people were present."),
        INTERVALS,
        MOMENT,
        SECONDS,
    ),
    _session(
        "concurrency",
        _("People present over time"),
        _("The most people present at the same moment within each step of time."),
        INTERVALS,
        PEOPLE,
    ),
    _session(
        "audience_by_minute",
        _("Viewers over time, as Kaltura counts"),
        _(
            "The most viewers of the webcast within one minute of each step of time: its realtime "
            "report 10005, read until some hours after the end."
        ),
        AUDIENCE,
        PEOPLE,
    ),
    _session(
        "attendees_by_minute",
        _("Attendees over time, as Kaltura counts"),
        _(
            "The most people whom Kaltura counts within one minute of each step of time, in the "
            "webcast, room, chat and page together: its report 60014."
        ),
        AUDIENCE,
        PEOPLE,
    ),
    _session(
        "engagement_by_minute",
        _("Engagement over time"),
        _(
            "Of those who watched live, the share that was engaged (player in view, sound on), "
            "averaged over the minutes of each step: Kaltura's report 40011."
        ),
        AUDIENCE,
        PERCENT,
    ),
    _session(
        "viewers_by_device",
        _("Viewers by device"),
        _(
            "How many watched on which kind of device; who used two is counted with both: "
            "Kaltura's realtime report 10004."
        ),
        AUDIENCE,
        PEOPLE,
    ),
    _session(
        "joins_by_minute",
        _("Joins over time"),
        _("How many people were first seen within each step of time."),
        INTERVALS,
        PEOPLE,
    ),
    _session(
        "mean_minutes",
        _("Average minutes present"),
        _(
            "Minutes present, averaged over everyone who attended; for webcasts without join "
            "times, live minutes watched."
        ),
        INTERVALS_OR_TOTALS,
        MINUTES,
        TWO,
    ),
    _session(
        "median_minutes",
        _("Median minutes present"),
        _("Half of those who attended stayed at least this long, half at most."),
        INTERVALS_OR_TOTALS,
        MINUTES,
        TWO,
    ),
    _session(
        "mean_scheduled_percent",
        _("Share of scheduled time"),
        _(
            "How much of the time between scheduled start and end attendees were present, on "
            "average; an upper bound for webcasts without join times."
        ),
        INTERVALS_OR_TOTALS,
        PERCENT,
        ONE,
    ),
    _session(
        "reached_people",
        _("Stayed long enough"),
        _(
            "Attendees who were present for at least 80 percent of the planned minutes, or the "
            "share that the event chose, less five minutes of grace; beside it, how many for 50 "
            "and for 100 percent."
        ),
        INTERVALS_OR_TOTALS,
        PEOPLE,
    ),
    _session(
        "retention",
        _("Retention"),
        _(
            "Of those whose times of joining are known, how many were still there 5, 15 and 30 "
            "minutes after they first came, and within five minutes of the planned end."
        ),
        INTERVALS,
        PERCENT,
        _("whole percent"),
    ),
    _session(
        "mean_attention",
        _("Attention"),
        _(
            "How long attendees had the room in view, or for webcasts the player in view and "
            "audible, averaged over those for whom it is reported."
        ),
        REPORTED,
        PERCENT,
        ONE,
    ),
    _session(
        "attention_bands",
        _("Attention in bands"),
        _("How many of those who attended were attentive for which share of their time."),
        REPORTED,
        PEOPLE,
    ),
    _session(
        "people_by_source",
        _("Sources"),
        _("How many of those who attended each source knows of; one may be known to several."),
        COMPUTED,
        PEOPLE,
    ),
    _session(
        "recording_minutes_watched",
        _("Recording watched"),
        _("Minutes of the recording watched by all people together; not attendance."),
        WEBCAST,
        MINUTES,
        ONE,
    ),
    _session(
        "anonymous_minutes",
        _("Anonymous viewers"),
        _(
            "Live minutes watched by all viewers without a user id; Kaltura does not report how "
            "many people they were."
        ),
        WEBCAST,
        MINUTES,
        ONE,
    ),
)

EVENT_FIGURES: Final = (
    _event(
        "event_registered_people",
        _("Registered"),
        _("People with a place at the event now."),
        REGISTRATIONS,
        PEOPLE,
    ),
    _event(
        "event_registered_came",
        _("Attended"),
        _("Registered people who attended at least one session."),
        INTERVALS_OR_TOTALS,
        PEOPLE,
    ),
    _event(
        "event_no_show_people",
        _("Registered, did not come"),
        _("Registered people who were present in none of the sessions."),
        _("registrations and all sources"),
        PEOPLE,
    ),
    _event(
        "event_account_people",
        _("With an account"),
        _("People with an account here who attended any session, registered or not."),
        INTERVALS_OR_TOTALS,
        PEOPLE,
    ),
    _event(
        "event_visits",
        _("Visits"),
        _("Each person counted once for every session they attended, guests included."),
        INTERVALS_OR_TOTALS,
        _("visits"),
    ),
    _event(
        "event_hours",
        _("Hours attended"),
        _("Minutes present of all people in all sessions, in hours."),
        INTERVALS_OR_TOTALS,
        _("hours"),
        ONE,
    ),
    _event(
        "event_reached_visits",
        _("Visits long enough"),
        _(
            "Visits of at least 80 percent of the session's planned minutes, or the share that "
            "the event chose, less five minutes of grace; beside it, how many of 50 and of 100 "
            "percent."
        ),
        INTERVALS_OR_TOTALS,
        _("visits"),
    ),
    _event(
        "event_mean_minutes",
        _("Average minutes a person"),
        _("Minutes present in all sessions together, averaged over everyone who attended any."),
        INTERVALS_OR_TOTALS,
        MINUTES,
        TWO,
    ),
    _event(
        "event_median_minutes",
        _("Median minutes a person"),
        _("Half of those who attended any session were there at least this long in all."),
        INTERVALS_OR_TOTALS,
        MINUTES,
        TWO,
    ),
    _event(
        "event_peak",
        _("Peak attendance"),
        _(
            "The highest number of people present at the same moment in all sessions together; "
            "who was in two sessions at once counts once."
        ),
        INTERVALS,
        PEOPLE,
    ),
    _event(
        "event_visits_a_person",
        _("Sessions a person"),
        _("Visits divided by how many people attended any session."),
        INTERVALS_OR_TOTALS,
        _("sessions"),
        ONE,
    ),
    _event(
        "person_sessions",
        _("Sessions attended"),
        _("Sessions of the event in which the person was present for any time."),
        INTERVALS_OR_TOTALS,
        _("sessions"),
    ),
    _event(
        "person_reached",
        _("Sessions long enough"),
        _(
            "Sessions in which the person was present for at least 80 percent of the planned "
            "minutes, or the share that the event chose, less five minutes of grace."
        ),
        INTERVALS_OR_TOTALS,
        _("sessions"),
    ),
    _event(
        "person_minutes",
        _("Minutes present in all"),
        _("The person's minutes present, of all sessions together."),
        INTERVALS_OR_TOTALS,
        MINUTES,
        TWO,
    ),
    _event(
        "person_recording_minutes",
        _("Recordings watched"),
        _("Minutes of recordings that the person watched; not attendance."),
        WEBCAST,
        MINUTES,
        TWO,
    ),
    _event(
        "across_people",
        _("Different people"),
        _("People with an account who attended any session of these events, each once."),
        INTERVALS_OR_TOTALS,
        PEOPLE,
    ),
    _event(
        "event_hour_visits",
        _("Heat map of the day"),
        _("The most people present at the same moment within each hour of the day."),
        INTERVALS,
        PEOPLE,
    ),
)

COMPLETENESS: Final = (
    _complete(
        "pulled_at",
        _("Pulled"),
        _("When the source was last read without a failure."),
        MOMENT,
        SECONDS,
    ),
    _complete(
        "attempted_at", _("Last attempt"), _("When it was last asked at all."), MOMENT, SECONDS
    ),
    _complete(
        "rows", _("Rows"), _("How many rows were read, of how many the source counts."), ROWS
    ),
    _complete(
        "runs",
        _("Room runs"),
        _("How many runs of the room were read, of how many the source counts."),
        _("runs"),
    ),
    _complete(
        "rejected_rows",
        _("Rejected rows"),
        _("Rows that were read and could not be understood; each is kept with its reason."),
        ROWS,
    ),
    _complete(
        "open_intervals",
        _("Still open"),
        _("People with a stay that has no reported end, whose minutes are what is known so far."),
        PEOPLE,
    ),
    _complete(
        "missing_sources",
        _("Missing sources"),
        _("Sources that should report this session and were never read."),
        _("sources"),
    ),
)

TERMS: Final[dict[str, Term]] = {
    term.name: term for term in (*COLUMNS, *SESSION_FIGURES, *EVENT_FIGURES, *COMPLETENESS)
}


def terms_of(names: Iterable[str]) -> list[Term]:
    """The terms of these columns or figures, in their order. Raises KeyError for an unknown one."""
    return [TERMS[name] for name in names]
