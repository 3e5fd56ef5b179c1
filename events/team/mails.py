"""Telling people what they are in the team of an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.models import OutgoingMail, TeamMember
from events.outbox.kinds import Items, MailKind, register_kind
from events.team.words import powers_of_role, scope_words


def items_of(mails: Sequence[OutgoingMail]) -> Items:
    """What they are when the mail leaves; nothing to whom has left the team again."""
    members = TeamMember.objects.filter(
        user__in=[mail.user_id for mail in mails if mail.user_id],
        event__in=[mail.event_id for mail in mails if mail.event_id],
    )
    known = {
        (member.user_id, member.event_id): member for member in members.prefetch_related("tracks")
    }
    found: Items = {}
    for mail in mails:
        member = known.pop((mail.user_id or 0, mail.event_id or 0), None)
        if member is not None:
            found[mail.pk] = {
                "role": member.get_role_display(),
                "powers": powers_of_role(member.role),
                "scope": scope_words(member),
                "url": settings.SITE_URL
                + reverse("admin:events_event_overview", args=[member.event_id]),
            }
    return found


ROLE_MAIL: Final = register_kind(
    MailKind(
        "team_role",
        _("You get this because you are in the team of “{event}”."),
        gather_s=30,
        items_of=items_of,
    )
)
