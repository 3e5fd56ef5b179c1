"""Who may get a message by mail too. Other apps register whom they alone know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from events.models import AudienceMessage, Event, Registration, Session, SessionPlace, User
from events.news.listeners import stars_for
from events.news.wishes import Topic

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

People = Callable[[Event, Session | None], QuerySet[User]]


@dataclass(frozen=True)
class MessageAudience:
    """``people``: who they are now. ``is_for``: whether there are such people at all."""

    name: str
    label: _StrOrPromise
    people: People
    is_for: Callable[[Session | None], bool] = lambda session: True


_audiences: Final[dict[str, MessageAudience]] = {}


def register(audience: MessageAudience) -> MessageAudience:
    """Offer this audience; registered again, the last one counts."""
    _audiences[audience.name] = audience
    return audience


def audiences_for(session: Session | None) -> list[MessageAudience]:
    """Those that a message about this session, or about a whole event, may be mailed to."""
    return [each for each in _audiences.values() if each.is_for(session)]


def people_of(message: AudienceMessage) -> QuerySet[User]:
    """Whom a message is mailed to; nobody where its audience is known no more."""
    audience = _audiences.get(message.mail_to)
    if audience is None or not audience.is_for(message.session):
        return User.objects.none()
    return audience.people(message.event, message.session).filter(is_active=True)


def _registered(event: Event, session: Session | None) -> QuerySet[User]:
    rows = Registration.objects.filter(event=event, withdrawn_at=None)
    return User.objects.filter(pk__in=rows.values("user"))


def _with_a_place(event: Event, session: Session | None) -> QuerySet[User]:
    rows = SessionPlace.objects.filter(session=session, taken_at__isnull=False)
    return User.objects.filter(pk__in=rows.values("user"))


def _starring(event: Event, session: Session | None) -> QuerySet[User]:
    about = {"session": session} if session else {"session__event": event}
    return User.objects.filter(pk__in=stars_for(Topic.CHANGED).filter(**about).values("user"))


REGISTERED: Final = register(
    MessageAudience(
        "registered",
        _("Everybody who is registered for the event"),
        _registered,
        lambda session: session is None,
    )
)
WITH_A_PLACE: Final = register(
    MessageAudience(
        "places",
        _("Everybody who has a place in the session"),
        _with_a_place,
        lambda session: session is not None and session.capacity is not None,
    )
)
STARRED: Final = register(
    MessageAudience("starred", _("Everybody who starred it and wants news by mail"), _starring)
)
