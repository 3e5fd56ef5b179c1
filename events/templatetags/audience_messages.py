"""``{% audience_messages event %}``: what the team says to the readers of a page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from events.messages.reading import MessagesAsked, messages_on, question_url
from events.models import Event, Session

register = template.Library()

# Pages that people read while they wait or watch ask soon, the others now and then.
_SOON_S = 5
_SOMETIMES_S = 20


@register.inclusion_tag("events/_audience_messages.html")
def audience_messages(
    event: Event, session: Session | None = None, soon: bool = False, alone: bool = False
) -> dict[str, Any]:
    """Only on pages whose readers may see the programme.

    ``session``: whose messages stand there too; with ``alone`` no others, as on a page in the
    frame of another. ``soon``: the page is open while somebody waits or watches.
    """
    now = timezone.now()
    asked = MessagesAsked(0 if alone else event.pk, session.pk if session else 0)
    return {
        "event": event,
        "shown": messages_on(event, asked, now),
        "url": question_url(event, asked, session, now),
        "every_s": _SOON_S if soon else _SOMETIMES_S,
    }
