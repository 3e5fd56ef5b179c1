"""Notes what attendees see change, in the transaction that changes it.

This is the one place where a version goes up. Pages and feeds keep what they rendered
under a version, calendars learn from ``sequence`` that a session is not what it was, and
the change log tells people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from django.db import models
from django.db.models import F
from django.dispatch import receiver
from django.utils import timezone

from events.bulk import NewRows, update_columns
from events.models import (
    AnnouncedSession,
    Event,
    EventNotice,
    EventStatus,
    EventTranslation,
    ProgrammeChange,
    ProgrammeVersion,
    Session,
    SessionStatus,
    SessionTranslation,
    TrackTranslation,
)
from events.signals import programme_changed

# SQLite takes some thousand values in a statement: https://www.sqlite.org/limits.html
BATCH: Final = 500
SEEN: Final = ("title", "starts_at", "ends_at", "location")
_COMPARED: Final = (*SEEN, "is_cancelled", "is_shown")


@receiver(programme_changed)
def record_programme_change(
    sender: object,
    changed: Collection[models.Model],
    removed: Collection[models.Model],
    using: str,
    **_: Any,
) -> None:
    """Raise the version of every event that changed, and log what its attendees saw change."""
    gone = {thing.pk for thing in removed if isinstance(thing, Event)}
    for event, things in _by_event([*changed, *removed]):
        if event.pk not in gone:
            _Recorder(event, using).record(things, removed)


def _by_event(things: Iterable[models.Model]) -> list[tuple[Event, list[models.Model]]]:
    owned = sorted(((_event_of(thing), thing) for thing in things), key=lambda pair: pair[0].pk)
    groups = groupby(owned, key=lambda pair: pair[0].pk)
    return [
        (pairs[0][0], [thing for _, thing in pairs])
        for pairs in (list(group) for _, group in groups)
    ]


def _event_of(thing: Any) -> Event:
    return thing if isinstance(thing, Event) else thing.event


def raise_version(event_id: int, using: str, *, first: bool = True) -> None:
    """For what stands on an event's pages beside its programme: nobody else is told of it.

    ``first``: give a version to an event that has none; not to one that is being deleted.
    """
    rows = ProgrammeVersion.objects.using(using)
    now = timezone.now()
    raised = rows.filter(event=event_id).update(number=F("number") + 1, changed_at=now)
    if not raised and first:
        version = ProgrammeVersion(event_id=event_id, number=1, changed_at=now)
        rows.bulk_create([version], ignore_conflicts=True)


def note_translations(event_id: int, using: str, *, first: bool = True) -> None:
    """A translation came, changed or went: raise the version, and say which languages there are."""
    # The version's row is locked from here on, so of two that write at once the second sees both.
    raise_version(event_id, using, first=first)
    of_event = EventTranslation.objects.using(using).filter(event=event_id)
    of_tracks = TrackTranslation.objects.using(using).filter(event=event_id)
    of_sessions = SessionTranslation.objects.using(using).filter(session__event=event_id)
    codes = [rows.order_by().values_list("language") for rows in (of_event, of_tracks, of_sessions)]
    languages = sorted(code for (code,) in codes[0].union(*codes[1:]))
    versions = ProgrammeVersion.objects.using(using).filter(event=event_id)
    versions.update(languages=",".join(languages))


class _Recorder:
    """One event in one transaction."""

    def __init__(self, event: Event, using: str) -> None:
        self.event, self.using, self.now = event, using, timezone.now()

    def record(self, things: list[models.Model], removed: Collection[models.Model]) -> None:
        version = self._raise_version()
        self._note_status(version)
        if self.event.status == EventStatus.DRAFT:
            return
        if version.announced_at is None:
            self._announce_all(version)
            return
        gone = [thing for thing in removed if isinstance(thing, Session) and thing in things]
        changes = [
            *self._changes(self._sessions(things, gone)),
            *(self._removal(session) for session in gone if is_seen(session)),
        ]
        for change in changes:
            change.event, change.version, change.changed_at = self.event, version.number, self.now
        NewRows(ProgrammeChange, changes, self.using).insert()

    def _rows(self, model: type[Any]) -> Any:
        return model.objects.using(self.using)

    def _raise_version(self) -> ProgrammeVersion:
        """The version after this change; its row stays locked until the transaction ends."""
        rows = self._rows(ProgrammeVersion)
        raised = {"number": F("number") + 1, "changed_at": self.now}
        if not rows.filter(event=self.event).update(**raised):
            rows.bulk_create(
                [
                    ProgrammeVersion(
                        event=self.event,
                        number=0,
                        changed_at=self.now,
                        status=self.event.status,
                    )
                ],
                ignore_conflicts=True,
            )
            rows.filter(event=self.event).update(**raised)
        return rows.get(event=self.event)  # type: ignore[no-any-return]

    def _note_status(self, version: ProgrammeVersion) -> None:
        """Remember that the whole event was opened, cancelled or taken back, to be told."""
        before, after = version.status, self.event.status
        if before == after:
            return
        self._rows(ProgrammeVersion).filter(event=self.event).update(status=after)
        if before == EventStatus.PUBLISHED or version.announced_at:
            self._rows(EventNotice).create(event=self.event, status=after, happened_at=self.now)

    def _announce_all(self, version: ProgrammeVersion) -> None:
        """The first time that attendees see the event: all of it is new, so nothing is told."""
        version.announced_at = self.now
        version.save(using=self.using, update_fields=["announced_at"])
        known = self._rows(AnnouncedSession).filter(session__event=self.event)
        sessions = self._rows(Session).filter(event=self.event).exclude(pk__in=known.values("pk"))
        sessions = sessions.only("status", *SEEN)
        rows = [announced_from(s, self.now) for s in sessions.iterator() if is_seen(s)]
        NewRows(AnnouncedSession, rows, self.using).insert()

    def _sessions(self, things: list[models.Model], gone: list[Session]) -> list[Session]:
        """Those to compare: the changed ones, or all when the event was hidden or shown."""
        if any(isinstance(thing, Event) for thing in things):
            return list(self._rows(Session).filter(event=self.event))
        return [thing for thing in things if isinstance(thing, Session) and thing not in gone]

    def _changes(self, sessions: list[Session]) -> list[ProgrammeChange]:
        known, new, changed, log = self._announced(sessions), [], [], []
        for session in sessions:
            before, after = known.get(session.pk), announced_from(session, self.now)
            if before is None and after.is_shown:
                new.append(after)
            elif before and _differ(before, after):
                after.sequence = before.sequence + 1
                changed.append(after)
            else:
                continue
            log.append(_change(session, before, after))
        self._save(new, changed)
        return log

    def _announced(self, sessions: list[Session]) -> dict[int, AnnouncedSession]:
        if len(sessions) > BATCH:
            rows = self._rows(AnnouncedSession).filter(session__event=self.event)
            return {row.session_id: row for row in rows}
        pks = [session.pk for session in sessions]
        return self._rows(AnnouncedSession).in_bulk(pks)  # type: ignore[no-any-return]

    def _save(self, new: list[AnnouncedSession], changed: list[AnnouncedSession]) -> None:
        NewRows(AnnouncedSession, new, self.using).insert()
        update_columns(changed, *_COMPARED, "sequence", "announced_at", using=self.using)

    def _removal(self, session: Session) -> ProgrammeChange:
        change = _change(session, announced_from(session, self.now), None)
        change.session = None
        return change


def is_seen(session: Session) -> bool:
    """Whether attendees see it once its event is published."""
    return session.status != SessionStatus.DRAFT


def announced_from(session: Session, now: datetime) -> AnnouncedSession:
    """The session as attendees see it now, not saved."""
    return AnnouncedSession(
        session_id=session.pk,
        is_cancelled=session.status == SessionStatus.CANCELLED,
        is_shown=is_seen(session),
        announced_at=now,
        **{name: getattr(session, name) for name in SEEN},
    )


def _differ(before: AnnouncedSession, after: AnnouncedSession) -> bool:
    names = _COMPARED if before.is_shown or after.is_shown else ()
    return any(getattr(before, name) != getattr(after, name) for name in names)


def _change(
    session: Session, before: AnnouncedSession | None, after: AnnouncedSession | None
) -> ProgrammeChange:
    return ProgrammeChange(session=session, before=_as_json(before), after=_as_json(after))


def _as_json(row: AnnouncedSession | None) -> dict[str, Any] | None:
    """What the change log keeps of a session; None of one that is not shown."""
    if row is None or not row.is_shown:
        return None
    return {
        "title": row.title,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "location": row.location,
        "is_cancelled": row.is_cancelled,
    }
