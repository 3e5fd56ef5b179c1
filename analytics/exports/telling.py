"""Mails about planned files: one lies ready, or nothing is made any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.exports.stored import is_withdrawn, may_have_files
from analytics.models import AttendanceFile, FileSchedule, FileState, ScheduleState
from events.models import Event, OutgoingMail
from events.outbox.enqueue import enqueue_mail
from events.outbox.kinds import Items, MailKind, register_kind


def _still_ready(mails: Sequence[OutgoingMail]) -> Items:
    """Files that this person can still take: the role may be gone, or the file."""
    asked = {UUID(mail.about): mail.pk for mail in mails}
    rows = AttendanceFile.objects.filter(
        uuid__in=asked, state=FileState.READY, user=mails[0].user_id
    )
    now = timezone.now()
    return {
        asked[file.uuid]: {"file": file, "url": _address("file", file.event, file.uuid)}
        for file in rows.select_related("event", "user")
        if not is_withdrawn(file, now) and may_have_files(file.user, file.event)
    }


def _still_stopped(mails: Sequence[OutgoingMail]) -> Items:
    """Planned files that nobody has resumed or deleted meanwhile."""
    asked = {UUID(mail.about.partition(":")[0]): mail.pk for mail in mails}
    rows = FileSchedule.objects.filter(uuid__in=asked, state=ScheduleState.STOPPED)
    return {
        asked[row.uuid]: {"schedule": row, "url": _address("event_files", row.event)}
        for row in rows.select_related("event", "user")
        if may_have_files(row.user, row.event)
    }


def _address(name: str, event: Event, *more: Any) -> str:
    """A page behind sign-in; the mail holds nothing of what is in the file."""
    return settings.SITE_URL + reverse(f"admin:analytics_{name}", args=[event.pk, *more])


FILE_READY: Final = register_kind(
    MailKind(
        "file_ready",
        _("You get this mail because you planned an attendance file of {event}."),
        items_of=_still_ready,
    )
)
SCHEDULE_STOPPED: Final = register_kind(
    MailKind(
        "file_stopped",
        _("You get this mail because you planned an attendance file of {event}."),
        items_of=_still_stopped,
    )
)


def tell_ready(file: AttendanceFile) -> None:
    """A planned file can be taken; in the transaction that makes it so."""
    enqueue_mail(
        FILE_READY, file.user, str(file.uuid), event=file.event, expires_at=file.expires_at
    )


def tell_stopped(schedule: FileSchedule, failed: AttendanceFile) -> None:
    """A planned file is given up; in the transaction that does so."""
    enqueue_mail(
        SCHEDULE_STOPPED,
        schedule.user,
        f"{schedule.uuid}:{failed.uuid}",
        event=schedule.event,
    )
