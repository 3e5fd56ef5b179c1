"""Telling people of a join test: the team by mail, and the webhook of the settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import OutgoingMail, Session, TeamMember
from events.outbox.enqueue import enqueue_mail
from events.outbox.kinds import Items, MailKind, register_kind
from events.permissions import RUNNERS
from kaltura_bridge.models import AlarmCall, JoinFault, JoinTest

FAILED, RECOVERED = "join.failed", "join.recovered"
# When KAF is away, all sessions of an hour fail: that is one mail.
_GATHER_S: Final = 30


def tell_team(test: JoinTest) -> None:
    """Owe the mails and the call, in the transaction that this is called in."""
    session = test.session
    for member in TeamMember.objects.filter(event=session.event, role__in=RUNNERS).select_related(
        "user"
    ):
        enqueue_mail(
            JOIN_TEST,
            member.user,
            f"{session.uuid}:{test.alarms}",
            event=session.event,
            session=session,
            context={"fault": test.fault, "detail": test.detail, "what": test.what},
            due_at=timezone.now() + timedelta(seconds=_GATHER_S / 3),
            expires_at=session.doors_close_at,
        )
    if settings.ALARM_WEBHOOK_URL and settings.ALARM_WEBHOOK_SECRET:
        kind = FAILED if test.fault else RECOVERED
        AlarmCall.objects.create(kind=kind, payload=payload(test))


def payload(test: JoinTest) -> dict[str, Any]:
    """What the webhook is told, beside its kind and id: no secret, and nobody's name."""
    session, event = test.session, test.session.event
    return {
        "at": test.looked_at.isoformat() if test.looked_at else None,
        "event": {"uuid": str(event.uuid), "slug": event.slug, "title": event.title},
        "session": {
            "uuid": str(session.uuid),
            "slug": session.slug,
            "title": session.title,
            "starts_at": session.starts_at.isoformat(),
        },
        "looked_at": test.what,
        "fault": test.fault,
        "detail": test.detail,
        "url": control_room_url(session),
    }


def control_room_url(session: Session) -> str:
    """Where it is seen to."""
    path = reverse("admin:kaltura_bridge_control_room", args=[session.event_id])
    return f"{settings.SITE_URL}{path}"


def items_of(mails: Sequence[OutgoingMail]) -> Items:
    """As it was when it was found: what ended meanwhile has a mail of its own."""
    sessions = Session.objects.select_related("event")
    rows = sessions.in_bulk([mail.session_id for mail in mails if mail.session_id])
    return {
        mail.pk: {
            "title": session.title,
            "when": f"{session.starts_at.astimezone(session.event.zone):%Y-%m-%d %H:%M}",
            "fault": JoinFault(mail.context["fault"]).label if mail.context["fault"] else "",
            "detail": mail.context["detail"],
            "url": control_room_url(session),
        }
        for mail in mails
        if (session := rows.get(mail.session_id or 0))
    }


JOIN_TEST: Final = register_kind(
    MailKind(
        "join_test",
        _("You get this because you run sessions of “{event}”."),
        gather_s=_GATHER_S,
        items_of=items_of,
    )
)
