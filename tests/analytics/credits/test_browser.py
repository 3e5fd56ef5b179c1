"""The pages of privacy and credits in a browser: nothing for axe or the policy to say."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse

from analytics.credits.appeals import appeal
from analytics.credits.certificates import issue
from analytics.models import CreditRule, EventPrivacy
from events.models import TeamRole
from tests.accessibility import violations
from tests.analytics.privacy.conftest import START, attend
from tests.events.conftest import visit
from tests.factories import EventFactory, InteractiveFactory, RegistrationFactory, TeamMemberFactory

__all__ = ["visit"]  # A fixture.

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_every_page_is_clean(visit, width, scheme):
    event = EventFactory(title="Tage der Medizin", slug="tage")
    talks = [
        InteractiveFactory(event=event, title=title, starts_at=START)
        for title in ("Reanimation in der Praxis", "Schmerz und Sprache")
    ]
    rule = CreditRule.objects.create(
        event=event,
        title="Notfallkurs",
        credits=2,
        unit="CME points",
        needed_sessions=2,
        is_open=True,
    )
    rule.sessions.set(talks)
    ada = RegistrationFactory(event=event, user__name="Ada Müßig").user
    bob = RegistrationFactory(event=event, user__name="Bob").user
    for person, minutes in ((ada, 45), (bob, 20)):
        for talk in talks:
            row = attend(talk, person, minutes)
            row.scheduled_minutes = Decimal(minutes)
            row.save()
    certificate = issue(rule, ada, None)
    appeal(rule, bob, "My line broke after twenty minutes.")
    EventPrivacy.objects.create(event=event, asks_consent=True, retention_days=90)
    other = EventFactory(slug="other")
    TeamMemberFactory(
        event=other, user=(owner := TeamMemberFactory(event=event, role=TeamRole.OWNER).user)
    )
    EventPrivacy.objects.create(event=other, mode="aggregate")
    InteractiveFactory.create_batch(2, event=other, starts_at=START)

    admin = {
        "privacy": ("analytics_event_privacy", [event.pk]),
        "retention": ("analytics_retention", []),
        "rules": ("analytics_event_credits", [event.pk]),
        "list": ("analytics_credit_list", [rule.pk]),
        "person": ("analytics_credit_person", [rule.pk, bob.pk]),
        "aggregate": ("analytics_event_report", [other.pk]),
    }
    paths = {
        "certificate": ("certificate", certificate.get_absolute_url(), None),
        "mine": ("mine", reverse("analytics:my_certificates"), ada),
        "data": ("data", reverse("analytics:my_data"), bob),
        "short": ("short", reverse("analytics:my_certificates"), bob),
    }
    for name, (url, args) in admin.items():
        paths[name] = (name, reverse(f"admin:{url}", args=args), owner)
    problems = {}
    for name, path, user in paths.values():
        page = visit(path, user=user, width=width, color_scheme=scheme)
        page.wait_for_load_state("networkidle")
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)
        found = [*page.complaints, *(["scrolls sideways"] if overflow(page) > 0 else [])]
        found += violations(page)
        if found:
            problems[name] = found
    assert problems == {}
