"""Speaking to a session's audience from its desk, and to whom a mail may go that is there now."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.messages.audiences import MessageAudience
from events.messages.rights import may_message
from events.models import Event, Session, User
from kaltura_bridge.live.panels import DeskPanel, DeskStep, LiveDesk
from kaltura_bridge.models import LaunchTicket

# Longer ago than that somebody came in to something else.
_LATELY: Final = timedelta(hours=12)


def message_panel(desk: LiveDesk) -> DeskPanel | None:
    """The way to the messages, for who moderates."""
    if not may_message(desk.event, desk.membership, desk.session):
        return None
    return DeskPanel("messages", DeskStep.MODERATE, "kaltura_bridge/live/_messages.html")


def people_let_in(event: Event, session: Session | None) -> QuerySet[User]:
    """Whom the portal let in lately, to this session or to what is not over at the event."""
    now = timezone.now()
    tickets = LaunchTicket.objects.filter(redeemed_at__gt=now - _LATELY)
    tickets = tickets.exclude(page="recording")
    if session:
        tickets = tickets.filter(session=session)
    else:
        tickets = tickets.filter(session__event=event, session__ends_at__gt=now)
    return User.objects.filter(pk__in=tickets.values("user"))


PRESENT: Final = MessageAudience("present", _("Everybody who has joined by now"), people_let_in)
