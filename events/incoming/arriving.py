"""Files come, are asked about, and go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from events.characters import clean_line
from events.models import (
    Event,
    IncomingFile,
    IncomingKind,
    IncomingState,
    RememberedColumns,
    SessionStatus,
    SessionType,
    User,
)

#: As long as somebody may take to mend a table; then it is gone.
KEPT: Final = timedelta(days=2)
#: Of one person in one event.
MOST_KEPT: Final = 10


def take_file(
    event: Event, user: User, name: str, data: bytes, kind: str = IncomingKind.SESSIONS
) -> IncomingFile:
    """Keep a file to be read. The oldest of somebody who brings many go."""
    mine = files_of(user, event).filter(source=None).exclude(state=IncomingState.SAVING)
    old = list(mine.values_list("pk", flat=True)[MOST_KEPT - 1 :])
    IncomingFile.objects.filter(pk__in=old).delete()
    return IncomingFile.objects.create(
        event=event,
        user=user,
        name=clean_line(name)[-250:] or "file",
        data=data,
        kind=kind,
        rules=default_rules(),
        expires_at=timezone.now() + KEPT,
    )


def default_rules() -> dict[str, Any]:
    return {
        "session_type": SessionType.WEBCAST.value,
        "status": SessionStatus.DRAFT.value,
        "remove_missing": False,
        "other_schedule": False,
        "language": get_language() or "",
    }


def files_of(user: User, event: Event) -> QuerySet[IncomingFile]:
    """What this person brought, and what came by itself, without the files themselves.

    For those who plan the event: who else asks is asked for that before.
    """
    theirs = Q(user=user) | Q(source__isnull=False)
    found = IncomingFile.objects.filter(theirs, event=event, expires_at__gt=timezone.now())
    return found.defer("data", "preview")


def ask(incoming: IncomingFile, state: IncomingState, **changes: Any) -> bool:
    """Ask for the file to be read or saved. False when it is being saved, or was.

    What somebody is doing with it meanwhile is no answer any more.
    """
    open_states = (IncomingState.READING, IncomingState.BROKEN, IncomingState.READY)
    mine = IncomingFile.objects.filter(
        pk=incoming.pk, version=incoming.version, state__in=open_states
    )
    changes = {**changes, "state": state, "lease_until": None, "updated_at": timezone.now()}
    return bool(mine.update(version=F("version") + 1, **changes))


def remembered_for(user: User | None, event: Event, kind: str) -> dict[str, str]:
    """What headers mean to this person: what they said in this event, before that in others.

    For a file that nobody brought, what anybody said in this event.
    """
    rows = RememberedColumns.objects.filter(kind=kind)
    rows = rows.filter(user=user) if user is not None else rows.filter(event=event)
    meanings: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row.event_id == event.pk, row.pk)):
        meanings |= row.meanings
    return meanings


def remember(user: User, event: Event, kind: str, meanings: Mapping[str, str]) -> None:
    row, _is_new = RememberedColumns.objects.get_or_create(user=user, event=event, kind=kind)
    known = {**row.meanings, **{name: key for name, key in meanings.items() if name}}
    # A person has some dozen headers; whoever makes up thousands starts anew.
    row.meanings = known if len(known) <= 500 else dict(meanings)
    row.save(update_fields=["meanings"])


def sweep_incoming() -> int:
    """Delete what has expired, unless a worker has it in hand."""
    now = timezone.now()
    old = IncomingFile.objects.filter(expires_at__lte=now)
    return old.filter(Q(lease_until=None) | Q(lease_until__lt=now)).delete()[0]
