"""An event in full swing and people who stand differently to it, so that each page has much to show."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from allauth.account.internal.userkit import user_id_to_str
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.test import Client
from django.utils import timezone

from analytics.credits.certificates import issue
from analytics.models import Certificate, CreditRule, EventPrivacy
from events.agenda.sharing import share
from events.models import (
    Event,
    Invitation,
    QuestionKind,
    Session,
    SharedAgenda,
    SignUpQuestion,
    TeamRole,
    User,
)
from events.registration.invitations import invite, revoke
from events.registration.places import register, reserve
from kaltura_bridge.models import EventDelivery
from portal.seed.pages import show_pages
from portal.seed.people import make_attendees
from tests.analytics.privacy.conftest import attend
from tests.events.test_browser import a_congress
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.captioning import captioned

PASSWORD: Final = "quokkas eat leaves"
_SECRET: Final = "JBSWY3DPEHPK3PXP"


@dataclass(frozen=True)
class Situation:
    """What the pages are about, and who opens them, by name."""

    event: Event  # Running, public, with pages filled.
    asking: Event  # With a sign-up form.
    full: Event  # All its places are taken.
    private: Event  # For those invited.
    workshop: Session  # All its places are taken.
    talk: Session  # With a place for everybody.
    invitations: dict[str, Invitation]
    shared: SharedAgenda
    certificate: Certificate
    people: dict[str, User | None]


def a_situation() -> Situation:
    """Everything that a page may be about."""
    event = a_congress().event
    event.main_stages = True
    event.save()
    show_pages(event, make_attendees(10), timezone.now())
    EventPrivacy.objects.create(event=event, asks_consent=True, retention_days=90)
    EventDelivery.objects.update_or_create(event=event, defaults={"gallery": True})
    people = _people(event)
    attendee, speaker = people["attendee"], people["speaker"]
    assert attendee and speaker
    for session in event.sessions.filter(slug__in=["over", "live", "later", "cancelled"]):
        BookmarkFactory(user=attendee, session=session)
    live = event.sessions.get(slug="live")
    SessionSpeakerFactory(session=live, speaker__name="Sam Speaker", speaker__user=speaker)
    workshop, talk = _sessions_with_places(event, attendee)
    captioned(event=event, slug="recorded", title="A talk to read")
    full = _full(people)
    private = EventFactory(title="Board day", slug="board", is_public=False)
    return Situation(
        event=event,
        asking=_asking(),
        full=full,
        private=private,
        workshop=workshop,
        talk=talk,
        invitations=_invitations(private, people),
        shared=share(attendee, event),
        certificate=_certificate(event, attendee),
        people=people,
    )


def _people(event: Event) -> dict[str, User | None]:
    secured = UserFactory(email="secured@example.org", name="Sue Secured", password=PASSWORD)
    TOTP.activate(secured, _SECRET)
    RecoveryCodes.activate(secured)
    people: dict[str, User | None] = {
        "nobody": None,
        "member": UserFactory(email="member@example.org", name="Mia Member"),
        "attendee": RegistrationFactory(event=event, user__name="Ada Attendee").user,
        "speaker": UserFactory(name="Sam Speaker"),
        "secured": secured,
        "manager": TeamMemberFactory(event=event, user__name="Max Manager").user,
        "analyst": TeamMemberFactory(event=event, role=TeamRole.ANALYST).user,
    }
    for person in filter(None, people.values()):
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return people


def _sessions_with_places(event: Event, attendee: User) -> tuple[Session, Session]:
    start = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=90)
    workshop = SessionFactory(event=event, slug="workshop", starts_at=start, capacity=1)
    talk = SessionFactory(event=event, slug="talk", starts_at=start, capacity=5)
    reserve(RegistrationFactory(event=event).user, workshop)
    reserve(attendee, workshop)
    reserve(attendee, talk)
    return workshop, talk


def _asking() -> Event:
    event = EventFactory(title="Congress with questions", slug="asking")
    for position, (kind, more) in enumerate(
        {
            QuestionKind.LINE: {"label": "Your town", "help_text": "For the map of guests."},
            QuestionKind.TEXT: {"label": "Anything we should know?"},
            QuestionKind.CHOICE: {"label": "Diet", "choices": "Any\nVegan", "is_required": True},
            QuestionKind.CONSENT: {
                "label": "I agree to be filmed",
                "consent_text": "We film the **main stage**.",
                "is_required": True,
            },
        }.items()
    ):
        SignUpQuestion.objects.create(event=event, kind=kind, position=position, **more)
    return event


def _full(people: dict[str, User | None]) -> Event:
    """Somebody has the one place, the attendee waits for it."""
    event = EventFactory(title="Full house", slug="full", capacity=1)
    register(UserFactory(), event)
    assert people["attendee"]
    register(people["attendee"], event)
    return event


def _invitations(event: Event, people: dict[str, User | None]) -> dict[str, Invitation]:
    member = people["member"]
    assert member
    until = timezone.now() + timedelta(days=30)
    made = {
        name: Invitation(event=event, email=email, name="Guest", expires_at=until)
        for name, email in {
            "open": member.email,
            "another's": "someone@example.org",
            "revoked": "gone@example.org",
        }.items()
    }
    invite(list(made.values()))
    revoke([made["revoked"]])
    return made


def _certificate(event: Event, attendee: User) -> Certificate:
    rule = CreditRule.objects.create(
        event=event, title="Course", credits=2, unit="points", needed_sessions=1, is_open=True
    )
    over = event.sessions.get(slug="over")
    rule.sessions.set([over])
    row = attend(over, attendee, 45)
    row.scheduled_minutes = 45
    row.save()
    return issue(rule, attendee, None)


def login_cookie(user: User, url: str) -> dict[str, Any]:
    """A browser's cookie after a sign-in just now, so that no page asks for the password again."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    # Dated ahead: under load the walk takes longer than such a look is good for.
    looked = {"method": "password", "at": time.time() + 3600, "reauthenticated": True}
    session["account_authentication_methods"] = [looked]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}
