"""Compares a parsed schedule with what the portal has, and plans the difference.

Reads the database and writes nothing: the plan holds changed and new objects in memory,
which ``apply`` saves. Only what the file carries is compared: the type, the status, a
track's colour, a speaker's biography and role belong to the manager. A talk is the same
session as long as its id in the file (``guid``) is the same, whatever its title.

What was made by hand has no id of a file. It stands in our exports under its own, by which it
is found again here: exported and imported, an event is what it was. It gets no other id by
that, so a later schedule without it cancels nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from events.exports.schedule import whole_minutes
from events.imports.beside import BesideTalks, plan_pictures
from events.imports.event import is_export_of, plan_event
from events.imports.people import PeopleIndex
from events.imports.plan import ChangeKind, FieldChange, ImportPlan, SessionPlan
from events.imports.schedule import (
    Agenda,
    BrokenFile,
    RejectedTalk,
    SchedulePerson,
    Talk,
    fold_name,
)
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


def plan_import(
    agenda: Agenda, event: Event, session_type: str, *, other_schedule: bool = False
) -> ImportPlan:
    """Compare the schedule with ``event``, which is unsaved when it does not exist yet.

    Raises BrokenFile when the file has no usable header, or seems to be the schedule of
    another event; ``other_schedule``: a person has said that it is meant.
    """
    plan = ImportPlan(event=event, rejected=list(agenda.rejected), warnings=agenda.warnings)
    known = _known_sessions(event)
    imported = {guid: session for guid, session in known.items() if session.is_imported}
    if not other_schedule:
        _check_identity(event, agenda, imported)
    _read_tracks(plan, event)
    _read_speakers(plan, agenda, event)
    beside = BesideTalks(event)
    for talk in agenda.talks:
        try:
            planned = _plan_talk(plan, talk, known.get(talk.external_id), session_type)
        except ValidationError as error:
            plan.rejected += _rejections(talk, error)
        else:
            beside.plan(planned, talk)
            plan.sessions.append(planned)
    plan_pictures(plan, agenda)
    _plan_removals(plan, imported)
    is_our_own = is_export_of(event, agenda, known)
    plan_event(plan, agenda, is_our_own=is_our_own)
    _note_recognised(plan)
    return plan


def new_event(slug: str, timezone: str) -> Event:
    """What a schedule without an event becomes: a released schedule is public."""
    return Event(slug=slug, timezone=timezone, status=EventStatus.PUBLISHED)


def _known_sessions(event: Event) -> dict[str, Session]:
    """All sessions of the event by their ids in files."""
    if event.pk is None:
        return {}
    # Imported ones last: who imported an export before may have both under one id.
    sessions = sorted(event.sessions.select_related("event", "track"), key=lambda s: s.is_imported)
    found = {session.guid: session for session in sessions}
    by_session: dict[int, list[SessionSpeaker]] = {}
    # By the event, not by the sessions' keys: a query with a value for each of a thousand
    # people is more than SQLite takes. See https://www.sqlite.org/limits.html
    rows = SessionSpeaker.objects.filter(session__event=event).select_related("speaker")
    for appearance in rows.order_by("position", "pk"):
        by_session.setdefault(appearance.session_id, []).append(appearance)
    for session in found.values():
        session.event = event
        session.__dict__["_prefetched_objects_cache"] = {
            "appearances": by_session.get(session.pk, [])
        }
    return found


def _check_identity(event: Event, agenda: Agenda, known: dict[str, Session]) -> None:
    """Refuse what would cancel all of an event because the wrong file was chosen."""
    header = agenda.header
    if event.external_id and header.acronym:
        if event.external_id != header.acronym:
            raise BrokenFile(
                f"The file is the schedule of “{header.acronym}”, but {event.slug} was imported "
                f"from “{event.external_id}”. Choose the right file, or another EVENT."
            )
        return
    ids = {talk.external_id for talk in agenda.talks}
    ids |= {row.external_id for row in agenda.rejected}
    same_title = fold_name(header.title) == fold_name(event.title)
    if known and not same_title and not ids & known.keys():
        raise BrokenFile(
            f"The file is the schedule of “{header.title}”, has no talk in common with "
            f"“{event.title}” and would cancel all of its {len(known)} imported sessions. "
            "Choose the right file, or add --other-schedule if it is meant."
        )


def _read_tracks(plan: ImportPlan, event: Event) -> None:
    """Tracks by the name a file calls them: the one they were imported under wins."""
    tracks = list(event.tracks.all()) if event.pk else []
    plan.tracks = {track.name: track for track in tracks}
    plan.tracks |= {track.external_id: track for track in tracks if track.external_id}


def _read_speakers(plan: ImportPlan, agenda: Agenda, event: Event) -> None:
    # Imported ones last, as with sessions.
    known = sorted(event.speakers.all(), key=lambda s: s.is_imported) if event.pk else []
    plan.people = PeopleIndex(agenda.talks, known)
    plan.people.warn(plan.warnings)
    for person in dict.fromkeys(p for talk in agenda.talks for p in talk.people or ()):
        speaker = plan.people.find(person)
        if speaker and speaker.name != person.name and speaker not in dict(plan.renamed):
            plan.renamed.append((speaker, FieldChange("name", speaker.name, person.name)))
    for speaker, change in plan.renamed:
        speaker.name = change.new


def _plan_talk(
    plan: ImportPlan, talk: Talk, session: Session | None, session_type: str
) -> SessionPlan:
    """Raises ValidationError when the database would refuse the values."""
    if session is None:
        return _plan_new(plan, talk, session_type)
    people = _on_stage(plan, talk)
    found = SessionPlan(ChangeKind.UNCHANGED, session, track=session.track, people=people)
    zone = plan.event.zone
    for name in _differing(session, talk):
        old, new = getattr(session, name), getattr(talk, name)
        found.note(name, _as_text(old, zone), _as_text(new, zone))
        found.fields.append(name)
        setattr(session, name, new)
    _compare_track(plan, found, talk)
    _compare_people(found)
    _restore_removed(found)
    if found.fields:
        _check(session)
    return found


def _differing(session: Session, talk: Talk) -> list[str]:
    """The fields of which the file says something else."""
    pairs = {name: (getattr(session, name), getattr(talk, name)) for name in COMPARED}
    # Files tell how long it takes in whole minutes, so half of one is no change.
    written_end = session.starts_at + timedelta(minutes=whole_minutes(session.duration))
    if talk.ends_at == written_end and talk.starts_at == session.starts_at:
        del pairs["ends_at"]
    return [name for name, (old, new) in pairs.items() if new is not None and _stripped(old) != new]


def _stripped(value: object) -> object:
    """As it is read from a file, without the space around a text."""
    return value.strip() if isinstance(value, str) else value


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
    track = _track_called(plan, talk.track) if talk.track else None
    return SessionPlan(ChangeKind.NEW, session, track=track, people=_on_stage(plan, talk))


def _compare_track(plan: ImportPlan, found: SessionPlan, talk: Talk) -> None:
    if talk.track is None:
        return
    track = _track_called(plan, talk.track) if talk.track else None
    # Both may be unsaved or one absent, so identity and key are both asked.
    same = track is found.track or (track and found.track and track == found.track)
    # Our exports say what a track is called, not what another was called in a schedule.
    if found.track and not found.session.is_imported:
        same = same or found.track.name == talk.track
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


def appearances_in_files(session: Session, people: Iterable[Speaker]) -> list[SessionSpeaker]:
    """Who of those on stage is the file's to keep, order or remove; it names ``people``.

    All of a session that was made by hand, for such a file was exported from it. Of an imported
    one those who were imported: people whom managers added count where the file names them.
    """
    named = {speaker.guid for speaker in people}
    return [
        appearance
        for appearance in session.appearances.all()
        if not session.is_imported
        or appearance.speaker.is_imported
        or appearance.speaker.guid in named
    ]


def _compare_people(found: SessionPlan) -> None:
    if found.people is None:
        return
    counted = appearances_in_files(found.session, found.people)
    before = [appearance.speaker for appearance in counted]
    if [speaker.guid for speaker in before] != [speaker.guid for speaker in found.people]:
        old, new = (", ".join(s.name for s in group) for group in (before, found.people))
        found.note("speakers", old, new)


def _on_stage(plan: ImportPlan, talk: Talk) -> tuple[Speaker, ...] | None:
    """The talk's people in the file's order, each once; None when the file has none."""
    if talk.people is None:
        return None
    speakers = [plan.people.find(person) or _new_speaker(plan, person) for person in talk.people]
    return tuple({speaker.guid: speaker for speaker in speakers}.values())


def _new_speaker(plan: ImportPlan, person: SchedulePerson) -> Speaker:
    speaker = plan.people.add(person)
    _check(speaker, "persons")
    return speaker


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
        thing.clean()
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
        plan.warnings.note("A rejected row has no id, so no session counts as removed.")
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


def _note_recognised(plan: ImportPlan) -> None:
    old = [p for p in plan.sessions if p.session.pk and not p.session.is_imported]
    plan.recognised.sessions = [planned.session for planned in old]
    people = {s.pk: s for p in plan.sessions for s in p.people or () if s.pk and not s.is_imported}
    plan.recognised.speakers = list(people.values())


def _as_text(value: object, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
    return str(value)
