"""Compares a parsed schedule with what the portal has, and plans the difference.

Reads the database and writes nothing: the plan holds changed and new objects in memory,
which ``apply`` saves. Only what the file carries is compared: the type, the status, a
track's colour, a speaker's biography and role belong to the manager. A talk is the same
session as long as its id in the file (``external_id``) is the same, whatever its title.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from events.imports.plan import ChangeKind, FieldChange, ImportPlan, SessionPlan
from events.imports.schedule import Agenda, BrokenFile, RejectedTalk, SchedulePerson, Talk
from events.models import (
    Event,
    EventStatus,
    Session,
    SessionSpeaker,
    SessionStatus,
    Speaker,
    Track,
)

# The fields that talks and sessions have under the same names; tracks and people are
# objects of their own and compared apart.
COMPARED = (
    "title",
    "subtitle",
    "abstract",
    "description",
    "starts_at",
    "ends_at",
    "location",
    "language",
)
# For new tracks: easily told apart, and dark enough for white text. Managers choose others.
TRACK_COLORS = (
    "#1f6feb",
    "#8250df",
    "#bf3989",
    "#cf222e",
    "#bc4c00",
    "#7d5c00",
    "#1a7f37",
    "#0f766e",
    "#0969a2",
    "#57606a",
)


def plan_import(agenda: Agenda, event: Event, session_type: str) -> ImportPlan:
    """Compare the schedule with ``event``, which is unsaved when it does not exist yet.

    Raises BrokenFile when the file belongs to another event or has no usable header.
    """
    plan = ImportPlan(event=event, rejected=list(agenda.rejected))
    known = _imported_sessions(event)
    _read_tracks(plan, event)
    _read_speakers(plan, agenda, event)
    for talk in agenda.talks:
        try:
            plan.sessions.append(_plan_talk(plan, talk, known.get(talk.external_id), session_type))
        except ValidationError as error:
            plan.rejected += _rejections(talk, error)
    _plan_removals(plan, known)
    _plan_event(plan, agenda)
    return plan


def new_event(slug: str, timezone: str) -> Event:
    """What a schedule without an event becomes: a released schedule is public."""
    return Event(slug=slug, timezone=timezone, status=EventStatus.PUBLISHED)


def _imported_sessions(event: Event) -> dict[str, Session]:
    if event.pk is None:
        return {}
    sessions = event.sessions.exclude(external_id="").select_related("event", "track")
    found = {s.external_id: s for s in sessions.prefetch_related("appearances__speaker")}
    for session in found.values():
        session.event = event
    return found


def _read_tracks(plan: ImportPlan, event: Event) -> None:
    """Tracks by the name a file calls them: the one they were imported under wins."""
    tracks = list(event.tracks.all()) if event.pk else []
    plan.tracks = {track.name: track for track in tracks}
    plan.tracks |= {track.external_id: track for track in tracks if track.external_id}


def _read_speakers(plan: ImportPlan, agenda: Agenda, event: Event) -> None:
    if event.pk:
        speakers = event.speakers.exclude(external_id="")
        plan.speakers = {speaker.external_id: speaker for speaker in speakers}
    names: dict[str, str] = {}
    for talk in agenda.talks:
        for person in talk.people or ():
            first = names.setdefault(person.external_id, person.name)
            if first != person.name:
                plan.warnings.append(
                    f"Person {person.external_id} is called “{first}” and “{person.name}”; "
                    "the first is used."
                )
    for external_id, name in names.items():
        speaker = plan.speakers.get(external_id)
        if speaker and speaker.name != name:
            plan.renamed.append((speaker, FieldChange("name", speaker.name, name)))
            speaker.name = name


def _plan_talk(
    plan: ImportPlan, talk: Talk, session: Session | None, session_type: str
) -> SessionPlan:
    """Raises ValidationError when the database would refuse the values."""
    if session is None:
        return _plan_new(plan, talk, session_type)
    found = SessionPlan(ChangeKind.UNCHANGED, session, track=session.track, people=talk.people)
    zone = plan.event.zone
    for name in COMPARED:
        old, new = getattr(session, name), getattr(talk, name)
        if new is not None and new != old:
            found.note(name, _as_text(old, zone), _as_text(new, zone))
            found.fields.append(name)
            setattr(session, name, new)
    _compare_track(plan, found, talk)
    _compare_people(plan, found)
    _restore_removed(found)
    _check(session)
    return found


def _plan_new(plan: ImportPlan, talk: Talk, session_type: str) -> SessionPlan:
    carried = {name: getattr(talk, name) for name in COMPARED if getattr(talk, name) is not None}
    session = Session(
        event=plan.event,
        external_id=talk.external_id,
        session_type=session_type,
        status=SessionStatus.PUBLISHED,
        **carried,
    )
    _check(session)
    _check_people(plan, talk.people or ())
    track = _track_called(plan, talk.track) if talk.track else None
    return SessionPlan(ChangeKind.NEW, session, track=track, people=talk.people)


def _compare_track(plan: ImportPlan, found: SessionPlan, talk: Talk) -> None:
    if talk.track is None:
        return
    track = _track_called(plan, talk.track) if talk.track else None
    # Both may be unsaved or one absent, so identity and key are both asked.
    same = track is found.track or (track and found.track and track == found.track)
    if not same:
        found.note("track", found.track or "", track or "")
        found.fields.append("track")
        found.track = track


def _track_called(plan: ImportPlan, name: str) -> Track:
    if name not in plan.tracks:
        number = len({id(track) for track in plan.tracks.values()})
        track = Track(
            name=name,
            external_id=name,
            position=number,
            color=TRACK_COLORS[number % len(TRACK_COLORS)],
        )
        _check(track, "track")
        plan.tracks[name] = track
    return plan.tracks[name]


def imported_appearances(session: Session) -> list[SessionSpeaker]:
    """Who the schedules put on stage; people added by hand are not theirs to remove."""
    return [a for a in session.appearances.all() if a.speaker.external_id]


def _compare_people(plan: ImportPlan, found: SessionPlan) -> None:
    if found.people is None:
        return
    _check_people(plan, found.people)
    before = [a.speaker for a in imported_appearances(found.session)]
    if [s.external_id for s in before] != [p.external_id for p in found.people]:
        old, new = (", ".join(x.name for x in group) for group in (before, found.people))
        found.note("speakers", old, new)


def _check_people(plan: ImportPlan, people: tuple[SchedulePerson, ...]) -> None:
    for person in people:
        if person.external_id not in plan.speakers:
            speaker = Speaker(name=person.name, external_id=person.external_id)
            _check(speaker, "persons")
            plan.speakers[person.external_id] = speaker


def _restore_removed(found: SessionPlan) -> None:
    """A session that an import cancelled lives again; what a person cancelled stays so."""
    session = found.session
    if not session.status_before_removal:
        return
    if session.status == SessionStatus.CANCELLED:
        found.note("status", session.status, session.status_before_removal)
        found.fields.append("status")
        session.status = session.status_before_removal
    else:
        found.note("missing from the schedule", "yes", "no")
    found.fields.append("status_before_removal")
    session.status_before_removal = ""


def _check(thing: Session | Speaker | Track, as_field: str = "") -> None:
    """Raises ValidationError by field; ``as_field`` is where the talk has a track or person."""
    try:
        # Events and tracks may be new as well, and have no rows to point to yet.
        thing.clean_fields(exclude=["event", "track"])
    except ValidationError as error:
        raise (ValidationError({as_field: error.messages}) if as_field else error) from error


def _rejections(talk: Talk, error: ValidationError) -> list[RejectedTalk]:
    return [
        RejectedTalk(talk.name, name, " ".join(dict.fromkeys(messages)), talk.external_id)
        for name, messages in error.message_dict.items()
    ]


def _plan_removals(plan: ImportPlan, known: dict[str, Session]) -> None:
    """Cancel, never delete: people may have attended, and links to it are out there."""
    if known and any(not row.external_id for row in plan.rejected):
        plan.warnings.append("A rejected row has no id, so no session counts as removed.")
        return
    mentioned = {p.session.external_id for p in plan.sessions}
    mentioned |= {row.external_id for row in plan.rejected}
    for external_id, session in known.items():
        gone = external_id not in mentioned
        if gone and session.status != SessionStatus.CANCELLED and not session.status_before_removal:
            change = FieldChange("status", session.status, SessionStatus.CANCELLED.value)
            fields = ["status", "status_before_removal"]
            found = SessionPlan(ChangeKind.REMOVED, session, [change], fields)
            session.status_before_removal = session.status
            session.status = SessionStatus.CANCELLED
            plan.sessions.append(found)


def _plan_event(plan: ImportPlan, agenda: Agenda) -> None:
    """Name a new event; widen an old one so that every talk falls on one of its days."""
    event, header = plan.event, agenda.header
    days = _days(plan, agenda)
    if plan.is_new_event:
        event.title = header.title or header.acronym
        event.external_id = header.acronym
        event.starts_on, event.ends_on = min(days), max(days)
        _check_event(event)
        return
    if event.external_id and header.acronym and event.external_id != header.acronym:
        raise BrokenFile(
            f"The file is the schedule of “{header.acronym}”, but {event.slug} was imported "
            f"from “{event.external_id}”. Choose the right file, or another EVENT."
        )
    wanted = {
        "external_id": event.external_id or header.acronym,
        "starts_on": min([event.starts_on, *days]),
        "ends_on": max([event.ends_on, *days]),
    }
    for name, new in wanted.items():
        if (old := getattr(event, name)) != new:
            plan.event_changes.append(FieldChange(name, str(old), str(new)))
            setattr(event, name, new)
    _check_event(event)


def _days(plan: ImportPlan, agenda: Agenda) -> list[date]:
    """The local dates on which something happens; a new event has the file's days too."""
    zone = plan.event.zone
    days = [
        p.session.starts_at.astimezone(zone).date()
        for p in plan.sessions
        if p.kind is not ChangeKind.REMOVED
    ]
    if plan.is_new_event:
        texts = [day.date for day in agenda.days]
        written = [text for text in texts if text] or [agenda.header.start, agenda.header.end]
        days += [day for text in written if (day := _date_or_none(text))]
        if not days:
            raise BrokenFile("The file names no day on which the event takes place.")
    return days


def _date_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _check_event(event: Event) -> None:
    try:
        event.clean_fields()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise BrokenFile(f"The conference's {name} cannot be used: {messages[0]}") from error
    if event.ends_on - event.starts_on > timedelta(days=366):
        raise BrokenFile(
            f"The event would reach from {event.starts_on} to {event.ends_on}, more than a year. "
            "Check the dates in the file."
        )


def _as_text(value: object, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
    return str(value)
