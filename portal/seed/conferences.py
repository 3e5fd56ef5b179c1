"""The demo's two events, planned from real schedules through the ordinary import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from events.actions import save_planned, set_bookmark
from events.changes import changes
from events.imports import load
from events.imports.apply import apply_plan
from events.imports.diff import new_event, plan_import
from events.imports.rows import agenda_of
from events.imports.schedule import Agenda
from events.models import Event, FramedBy, Session, SessionStatus, SessionType, User
from events.widget.sites import let_frame
from portal.seed.pages import show_pages
from portal.seed.people import make_accounts, make_attendees, register_all, stable_uuid
from portal.seed.shift import kind_of, shift_into_the_middle, shift_to_start, shifted
from portal.seed.translations import CONGRESS, translate
from portal.seed.variety import vary_types
from portal.seed.watching import choose_watching

DATA: Final = Path(__file__).parent.parent / "demo_data"
ZONE: Final = ZoneInfo("Europe/Berlin")
# Of taglines and descriptions below; talks say themselves which they are in.
LANGUAGE: Final = "en"
COMING_IN: Final = timedelta(days=28)
GUESTS: Final = 41


@dataclass(frozen=True)
class Conference:
    """A schedule file, and how the demo presents the event made from it."""

    slug: str
    file: str
    tagline: str
    description: str
    location: str
    accent_color: str


MAIN: Final = Conference(
    slug="congress",
    file="31c3.xml",
    tagline="The real programme of 2014, as if it took place today",
    description=(
        "Four days of talks about technology and society. This is the public schedule of the "
        "31st Chaos Communication Congress, moved to this week so that you can look around: "
        "some sessions are live now, some start soon, some are over."
    ),
    location="Hamburg and online",
    accent_color="#1f6feb",
)
COMING: Final = Conference(
    slug="camp",
    file="camp2019.json",
    tagline="The real programme of 2019, four weeks from now",
    description=(
        "Five days in the open air. This is the public schedule of the Chaos Communication Camp "
        "2019, moved into the future so that you can see an event before it begins."
    ),
    location="Mildenberg and online",
    accent_color="#1a7f37",
)


def seed_conferences(now: datetime) -> list[Event]:
    """Plan both events and their people. Existing events stay as they are."""
    known = {e.slug: e for e in Event.objects.filter(slug__in=[MAIN.slug, COMING.slug])}
    with changes():
        main = known.get(MAIN.slug) or _plan(MAIN, _main_agenda(now))
        coming = known.get(COMING.slug) or _plan(COMING, _coming_agenda(now))
        accounts = make_accounts([main, coming])
        if not known:
            _fill(main, coming, accounts, now)
    return [main, coming]


def _agenda(conference: Conference) -> Agenda:
    return agenda_of(load(DATA / conference.file), ZONE)


def _main_agenda(now: datetime) -> Agenda:
    agenda = _agenda(MAIN)
    return shifted(agenda, shift_into_the_middle(agenda.talks, ZONE, now), ZONE)


def _coming_agenda(now: datetime) -> Agenda:
    agenda = _agenda(COMING)
    first_day = (now + COMING_IN).astimezone(ZONE).date()
    return shifted(agenda, shift_to_start(agenda.talks, ZONE, first_day), ZONE)


def _plan(conference: Conference, agenda: Agenda) -> Event:
    """Import the schedule, each talk as a session type that suits it."""
    event = new_event(conference.slug, ZONE.key)
    event.uuid = stable_uuid("event", conference.slug)
    event.tagline, event.description = conference.tagline, conference.description
    event.location, event.accent_color = conference.location, conference.accent_color
    event.language = LANGUAGE
    plan = plan_import(agenda, event, SessionType.WEBCAST)
    kinds = {talk.external_id: kind_of(talk) for talk in agenda.talks}
    for planned in plan.sessions:
        session = planned.session
        session.session_type = kinds[session.external_id]
        session.uuid = stable_uuid("session", conference.slug, session.external_id)
    return apply_plan(plan)


def _fill(main: Event, coming: Event, accounts: list[User], now: datetime) -> None:
    """Add attendees, bookmarks, a speaker with an account, and the rarer session types."""
    attendee = next(user for user in accounts if user.email.startswith("attendee@"))
    guests = make_attendees(GUESTS)
    register_all(main, [attendee, *guests])
    register_all(coming, guests[::3])
    for session in next_sessions(main, now, 5):
        set_bookmark(attendee, session, kept=True)
    _put_on_stage(main, guests[0], now)
    vary_types(main, now)
    choose_watching(main, now)
    let_frame(main, FramedBy.EVERYBODY, [])
    show_pages(main, guests, now)
    translate(main, CONGRESS)


def _put_on_stage(main: Event, user: User, now: datetime) -> None:
    """Let one attendee speak in a session that is live, to see the room as speakers do."""
    live = main.sessions.filter(
        session_type=SessionType.INTERACTIVE, starts_at__lte=now, ends_at__gt=now
    )
    session = live.filter(speakers__isnull=False).first()
    if session and (speaker := session.speakers.first()):
        speaker.user = user
        save_planned(speaker, ["user", "updated_at"])


def next_sessions(event: Event, now: datetime, count: int) -> list[Session]:
    """The sessions that are live now, then those that come next."""
    open_ones = event.sessions.filter(ends_at__gt=now, status=SessionStatus.PUBLISHED)
    return list(open_ones.order_by("starts_at")[:count])


def is_over(events: list[Event], now: datetime) -> bool:
    """Whether the main event has ended, so that nothing is live any more."""
    return any(e.slug == MAIN.slug and now.astimezone(e.zone).date() > e.ends_on for e in events)
