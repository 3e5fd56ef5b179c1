"""Every situation in which somebody may stand before a session, and the rules in other words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

from events.access import SessionAccess, access_to
from events.models import (
    Event,
    EventStatus,
    Session,
    SessionSpeaker,
    SessionStatus,
    SpeakerRole,
    TeamRole,
)
from events.remote import RecordingState, RemoteState, RoomState
from events.roles import EventMembership, StageRole

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
LENGTH = timedelta(minutes=45)
READY = RemoteState(RoomState.READY)
# The number of a speaker profile at the event, and of the session.
PROFILE, SESSION = 1, 1
SIGNED_IN = EventMembership(is_signed_in=True)
REGISTERED = replace(SIGNED_IN, is_registered=True)


@dataclass(frozen=True)
class Somebody:
    """Who asks: what they are to the event, and on the stage of the session."""

    name: str
    membership: EventMembership
    stage: SpeakerRole | None = None

    def enter(self, session: Session) -> StageRole:
        """Put the person, and nobody else, on the stage of ``session``; their role there."""
        appearance = SessionSpeaker(speaker_id=PROFILE, role=self.stage or "")
        session.on_stage = [appearance] if self.stage else []
        return self.membership.role_in(session)


def _team(role: TeamRole) -> EventMembership:
    return replace(SIGNED_IN, team_role=role)


def _speaker(membership: EventMembership) -> EventMembership:
    return replace(membership, speaker_ids=frozenset({PROFILE}))


NOBODY = Somebody("nobody", EventMembership())
STRANGER = Somebody("stranger", SIGNED_IN)
ATTENDEE = Somebody("attendee", REGISTERED)
SPEAKER = Somebody("speaker", _speaker(SIGNED_IN), SpeakerRole.SPEAKER)
STAGE_MODERATOR = Somebody("stage moderator", _speaker(SIGNED_IN), SpeakerRole.MODERATOR)
MODERATOR = Somebody("moderator", _team(TeamRole.MODERATOR))
ANALYST = Somebody("analyst", _team(TeamRole.ANALYST))
PRODUCER = Somebody("owner", _team(TeamRole.OWNER))
WAITING = Somebody("waiting", replace(SIGNED_IN, is_waiting=True))
SEATED = Somebody("seated", replace(REGISTERED, places=frozenset({SESSION})))
IN_LINE = Somebody("in line", replace(REGISTERED, awaited=frozenset({SESSION})))
PEOPLE = (
    NOBODY,
    STRANGER,
    WAITING,
    SEATED,
    IN_LINE,
    Somebody("waiting speaker", _speaker(WAITING.membership), SpeakerRole.SPEAKER),
    Somebody("speaker elsewhere", _speaker(SIGNED_IN)),
    ATTENDEE,
    SPEAKER,
    Somebody("registered speaker", _speaker(REGISTERED), SpeakerRole.SPEAKER),
    STAGE_MODERATOR,
    MODERATOR,
    ANALYST,
    Somebody("speaking analyst", _speaker(ANALYST.membership), SpeakerRole.SPEAKER),
    PRODUCER,
    Somebody("manager", _team(TeamRole.MANAGER)),
)
# Doors and overrun in minutes: as usual, none at all, and doors that open before "soon".
HOURS = ((15, 30), (0, 0), (120, 30))
REMOTES = tuple(RemoteState(*both) for both in product(RoomState, RecordingState))


def a_session(doors: int = 15, overrun: int = 30, **fields: object) -> Session:
    """45 minutes, published, of a published event; not saved. ``event_...`` goes to the event."""
    event = Event(
        title="Congress",
        slug="congress",
        timezone="Europe/Berlin",
        starts_on=date(2030, 5, 6),
        ends_on=date(2030, 5, 8),
        status=EventStatus.PUBLISHED,
        doors_open_minutes=doors,
        overrun_minutes=overrun,
    )
    session = Session(pk=SESSION, event=event, title="Opening", slug="opening", starts_at=START)
    session.status, session.ends_at = SessionStatus.PUBLISHED, START + LENGTH
    for name, value in fields.items():
        owner = event if name.startswith("event_") else session
        setattr(owner, name.removeprefix("event_"), value)
    return session


def moments_of(session: Session, instant: timedelta = timedelta(microseconds=1)) -> list[datetime]:
    """Every moment at which anything might change, the instant before it, and far from all."""
    turns = {
        session.starts_at - timedelta(hours=1),
        session.doors_open_at,
        session.starts_at,
        session.ends_at,
        session.doors_close_at,
    }
    far = {session.starts_at - timedelta(days=3), session.ends_at + timedelta(days=1)}
    return sorted(turns | {turn - instant for turn in turns} | far)


@dataclass(frozen=True)
class Situation:
    """Somebody before a session at a moment."""

    who: Somebody
    session: Session
    now: datetime
    remote: RemoteState

    @property
    def access(self) -> SessionAccess:
        """The domain's answer, asked as the session's page does."""
        role = self.who.enter(self.session)
        return access_to(self.session, self.who.membership, role, self.now, lambda: self.remote)

    @property
    def is_visible(self) -> bool:
        """Whether the person may know of the session at all."""
        event, membership = self.session.event, self.who.membership
        if membership.team_role:
            return True
        inside = membership.is_registered or membership.speaker_ids
        invited = event.visibility == "invited" and membership.is_waiting
        belongs = inside or invited or event.visibility in ("public", "unlisted")
        return bool(belongs) and "draft" not in (self.session.status, event.status)

    @property
    def outcome(self) -> str:
        """What the rules say, written a second time and in another way.

        The reason why not; "in", "early" or "recording" for those who may enter.
        """
        session, event, now = self.session, self.session.event, self.now
        over = now >= session.ends_at + timedelta(minutes=event.overrun_minutes)
        doors = session.starts_at - timedelta(minutes=event.doors_open_minutes)
        team, stage = self.who.membership.team_role, self.who.stage
        opens = doors
        if stage or team == "moderator":
            opens = min(doors, session.starts_at - timedelta(minutes=60))
        if team in ("owner", "manager"):
            opens = now
        has_place = self.who.membership.is_registered or team or stage
        lacks_place = session.capacity and not (over or team or stage)
        reasons = {
            "cancelled": "cancelled" in (session.status, event.status),
            "draft": "draft" in (session.status, event.status),
            "over": over and self.remote.recording == "none",
            "processing": over and self.remote.recording == "processing",
            "sign_in": not self.who.membership.is_signed_in,
            "waiting": not has_place and self.who.membership.is_waiting,
            "register": not has_place and event.registration_open,
            "closed": not has_place,
            "place_awaited": lacks_place and bool(self.who.membership.awaited),
            "no_place": lacks_place and not self.who.membership.places,
            "too_early": now < opens,
            "not_configured": self.remote.room == "not_configured",
            "refused": self.remote.room == "failed",
            "preparing": self.remote.room == "preparing",
            "recording": over,
            "early": now < doors,
        }
        return next((reason for reason, holds in reasons.items() if holds), "in")


def sessions() -> Iterator[Session]:
    """Sessions in every state, of events in every state; and some with few places."""
    states = product(HOURS, EventStatus, SessionStatus, (True, False))
    for (doors, overrun), event_status, status, is_open in states:
        about_event = {"event_status": event_status, "event_registration_open": is_open}
        yield a_session(doors, overrun, status=status, **about_event)
    for doors, overrun in HOURS:
        yield a_session(doors, overrun, capacity=30)


def situations() -> Iterator[Situation]:
    """The whole product: who, session, moment and room."""
    for session in sessions():
        for who, now, remote in product(PEOPLE, moments_of(session), REMOTES):
            yield Situation(who, session, now, remote)
