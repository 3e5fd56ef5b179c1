"""Credit lists, certificates and appeals, as analysts and people meet them."""

from __future__ import annotations

import re
import subprocess
from decimal import Decimal
from shutil import which

import pytest
from django.urls import reverse

from analytics.credits.appeals import appeal, decide, override
from analytics.credits.certificates import NotEarned, issue, pdf_of, revoke
from analytics.credits.lists import CreditListHidden, credit_list, line_of
from analytics.models import (
    AppealState,
    Certificate,
    CertificateChanged,
    CreditAppeal,
    CreditRule,
    EventPrivacy,
    PrivacyMode,
    RecordingConsent,
)
from analytics.privacy.erasing import erase_person
from events.models import TeamRole
from tests.analytics.privacy.conftest import START, attend
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    RegistrationFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def event():
    return EventFactory(title="Tage der Medizin", slug="tage")


@pytest.fixture
def rule(event):
    """80 % of both of two sessions of 45 minutes: two points."""
    made = CreditRule.objects.create(
        event=event,
        title="Notfallkurs",
        credits=Decimal(2),
        unit="CME points",
        needed_sessions=2,
        is_open=True,
    )
    made.sessions.set(InteractiveFactory.create_batch(2, event=event, starts_at=START))
    return made


def present(rule, user, *minutes):
    """Somebody was in the rule's sessions for so long."""
    for session, length in zip(rule.sessions.order_by("pk"), minutes, strict=False):
        row = attend(session, user, length)
        row.scheduled_minutes = Decimal(str(length))
        row.save()


def registered(rule, name, *minutes):
    user = RegistrationFactory(event=rule.event, user__name=name).user
    present(rule, user, *minutes)
    return user


@pytest.fixture
def ada(rule):
    return registered(rule, "Ada Müßig", 45, 36)


@pytest.fixture
def bob(rule):
    return registered(rule, "Bob", 45, 35.5)


def member(event, role=TeamRole.ANALYST):
    return TeamMemberFactory(event=event, role=role, user__name="Ann Lyst").user


# --- The list -----------------------------------------------------------------------------------


def test_the_list_has_everybody_with_the_reason(rule, ada, bob):
    registered(rule, "Cyd")
    lines = credit_list(rule)

    assert [(str(x.user), x.is_earned, x.credits, x.verdict.met) for x in lines] == [
        ("Ada Müßig", True, Decimal("2.00"), 2),
        ("Bob", False, Decimal("0.00"), 1),
        ("Cyd", False, Decimal("0.00"), 0),
    ]
    assert [v.missing for v in lines[1].verdict.failed] == [Decimal("0.50")]


def test_the_list_costs_the_same_for_any_number_of_people(rule, ada, django_assert_max_num_queries):
    for number in range(5):
        registered(rule, f"Person {number}", 40, 40)
    with django_assert_max_num_queries(7):
        assert len(credit_list(rule)) == 6


def test_the_list_stands_under_codes_where_the_event_is_pseudonymous(client, rule, ada, bob):
    EventPrivacy.objects.create(event=rule.event, mode=PrivacyMode.PSEUDONYMOUS)
    issue(rule, ada, None)
    client.force_login(member(rule.event))
    url = reverse("admin:analytics_credit_list", args=[rule.pk])
    page = client.get(url).content.decode()

    told = ("Müßig", ada.email, "Bob", bob.email, Certificate.objects.get().code)
    assert [text for text in told if text in page] == []
    assert len(re.findall(r"P-[0-9a-f]{16}", page)) == 2
    assert client.get(person_url(rule, ada)).status_code == 404


def test_there_is_no_list_where_the_event_shows_groups_only(client, rule, ada):
    EventPrivacy.objects.create(event=rule.event, mode=PrivacyMode.AGGREGATE)
    client.force_login(member(rule.event))
    page = client.get(reverse("admin:analytics_credit_list", args=[rule.pk])).content.decode()

    assert ("Ada" in page, "groups of people only" in page) == (False, True)
    with pytest.raises(CreditListHidden):
        credit_list(rule)
    # What somebody earned is still theirs to know.
    assert line_of(rule, ada).is_earned


# --- Certificates ---------------------------------------------------------------------------------


def test_a_certificate_is_made_once_for_who_earned_it(rule, ada, bob):
    first, again = issue(rule, ada, None), issue(rule, ada, None)

    assert first == again
    assert (first.name_printed, first.credits, first.unit) == ("Ada Müßig", 2, "CME points")
    with pytest.raises(NotEarned):
        issue(rule, bob, None)


def test_a_certificate_stays_as_it_was_printed(rule, ada):
    certificate = issue(rule, ada, None)
    ada.name = "Ada Other"
    ada.save()
    rule.title, rule.credits = "Another course", Decimal(9)
    rule.save()
    certificate.name_printed = "Eve"
    with pytest.raises(CertificateChanged):
        certificate.save()

    kept = Certificate.objects.get()
    assert (kept.name_printed, kept.title, kept.credits) == ("Ada Müßig", "Notfallkurs", 2)


def test_what_was_revoked_stays_revoked_and_another_may_be_made(rule, ada):
    old, boss = issue(rule, ada, None), UserFactory()

    assert revoke(old, boss, "Wrong name") is True
    assert revoke(old, boss, "Again") is False
    assert (old.revoke_reason, old.is_valid) == ("Wrong name", False)
    assert issue(rule, ada, None).code != old.code


def check(client, code):
    return client.get(reverse("analytics:certificate", args=[code]))


def test_the_public_page_confirms_what_is_printed(client, rule, ada):
    certificate = issue(rule, ada, None)
    page = check(client, certificate.code).content.decode()

    for text in ("Ada Müßig", "Tage der Medizin", "2 CME points", "valid", certificate.code):
        assert text in page
    assert ada.email not in page
    revoke(certificate, None, "An inner matter")
    page = check(client, certificate.code).content.decode()
    assert ("was revoked on" in page, "is valid" in page) == (True, False)
    assert "An inner matter" not in page


def test_other_codes_tell_nothing_and_cannot_be_tried_for_long(client, rule, ada):
    certificate = issue(rule, ada, None)
    near = certificate.code[:-1] + ("0" if certificate.code[-1] != "0" else "1")
    answers = [check(client, near).status_code for _ in range(101)]

    assert answers == [404] * 100 + [429]
    # Whoever has the right one still sees it.
    assert check(client, certificate.code.lower()).status_code == 200


def test_a_code_has_a_hundred_bits(rule, ada):
    assert re.fullmatch(
        r"([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}", issue(rule, ada, None).code
    )


@pytest.mark.parametrize("name", ["Jörg Müßig", "רחל כהן (ירושלים)", "Łukasz Żółć", "محمد علي"])
def test_the_file_prints_names_of_many_scripts(rule, name):
    certificate = issue(rule, registered(rule, name, 45, 45), None)
    body = pdf_of(certificate)

    assert body.startswith(b"%PDF-")
    if program := which("pdftotext"):
        done = subprocess.run([program, "-", "-"], input=body, capture_output=True, check=True)
        text = re.sub("[\u202a-\u202e]", "", done.stdout.decode())
        assert certificate.code in text
        # Right to left, brackets come mirrored out of some programs.
        assert all(word in text for word in re.findall(r"\w+", name))


def test_people_fetch_their_own_certificate_and_nobody_elses(client, rule, ada, bob):
    client.force_login(ada)
    url = reverse("analytics:my_certificates")
    assert "Make my certificate" in client.get(url).content.decode()
    client.post(url, {"rule": rule.uuid, "ask": "certificate"})
    certificate = Certificate.objects.get()
    file = reverse("analytics:certificate_pdf", args=[certificate.code])

    mine = client.get(file)
    assert (mine["Content-Type"], mine.content[:5]) == ("application/pdf", b"%PDF-")
    client.force_login(bob)
    assert client.get(file).status_code == 404
    client.post(url, {"rule": rule.uuid, "ask": "certificate"})
    assert Certificate.objects.count() == 1
    page = client.get(url).content.decode()
    assert "0.5 minutes too short" in page


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"ask": "certificate", "rule": "not a uuid"},
        {"ask": "certificate", "rule": "\0"},
        {"ask": "appeal", "text": "x"},
        {"ask": "agree", "event": "no-such-event"},
        {"ask": "fly"},
    ],
)
def test_what_makes_no_sense_changes_nothing(client, rule, ada, asked):
    client.force_login(ada)
    page = client.post(reverse("analytics:my_certificates"), asked, follow=True)

    assert "That could not be done." in page.content.decode()
    assert (Certificate.objects.count(), CreditAppeal.objects.count()) == (0, 0)


def test_a_closed_rule_is_nobodys_business(client, rule, ada):
    CreditRule.objects.update(is_open=False)
    client.force_login(ada)
    url = reverse("analytics:my_certificates")
    client.post(url, {"rule": rule.uuid, "ask": "certificate"})

    assert "Notfallkurs" not in client.get(url).content.decode()
    assert Certificate.objects.count() == 0


def test_erasing_somebody_takes_their_name_off_and_their_page_away(client, rule, ada):
    certificate = issue(rule, ada, None)
    appeal(rule, ada, "I am Ada Müßig")
    erase_person(ada, None)
    certificate.refresh_from_db()

    assert (certificate.name_printed, certificate.user, certificate.is_valid) == ("", None, False)
    assert check(client, certificate.code).status_code == 404
    assert CreditAppeal.objects.count() == 0


# --- Appeals --------------------------------------------------------------------------------------


def person_url(rule, user):
    return reverse("admin:analytics_credit_person", args=[rule.pk, user.pk])


def test_an_appeal_is_made_decided_and_shown(client, rule, bob):
    client.force_login(bob)
    mine = reverse("analytics:my_certificates")
    client.post(mine, {"rule": rule.uuid, "ask": "appeal", "text": "My line broke."})
    client.post(mine, {"rule": rule.uuid, "ask": "appeal", "text": "Once more."})
    (row,) = CreditAppeal.objects.all()
    assert (row.text, row.state) == ("My line broke.", AppealState.OPEN)

    ann = member(rule.event)
    client.force_login(ann)
    listed = client.get(reverse("admin:analytics_credit_list", args=[rule.pk])).content.decode()
    assert ("appeal" in listed, "My line broke." in listed) == (True, True)
    answer = {"decision": "accepted", "answer": "Seen in the log"}
    client.post(person_url(rule, bob), answer)

    row.refresh_from_db()
    assert (row.state, row.answer, row.decided_by) == ("accepted", "Seen in the log", ann)
    line = line_of(rule, bob)
    assert (line.is_earned, line.verdict.is_earned, line.credits) == (True, False, 2)
    assert "decided by a person" in client.get(person_url(rule, bob)).content.decode()
    client.force_login(bob)
    assert "Decided by the organisers" in client.get(mine).content.decode()


def test_a_rejected_appeal_changes_no_figure_and_is_answered_once(rule, bob):
    row, ann = appeal(rule, bob, "Please"), UserFactory()

    assert decide(row, accept=False, answer="No", by=ann) is True
    assert decide(row, accept=True, answer="Yes", by=ann) is False
    assert not line_of(rule, bob).is_earned
    assert appeal(rule, bob, "Again").pk != row.pk


def test_a_decision_revokes_a_certificate_that_says_otherwise(rule, ada):
    certificate, ann = issue(rule, ada, None), UserFactory()
    override(rule, ada, None, "Somebody else sat there", ann)
    certificate.refresh_from_db()

    assert (certificate.is_valid, certificate.revoke_reason) == (False, "Somebody else sat there")
    with pytest.raises(NotEarned):
        issue(rule, ada, None)


# --- Who may ----------------------------------------------------------------------------------------


def new_rule(rule, **changes):
    return {
        "title": "New",
        "credits": "1",
        "unit": "points",
        "sessions": [s.pk for s in rule.sessions.all()],
        "needed_sessions": "1",
        "minimum_percent": "50",
        "grace_minutes": "0",
        "minutes_per_award": "",
        **changes,
    }


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (TeamRole.OWNER, 302),
        (TeamRole.MANAGER, 302),
        (TeamRole.ANALYST, 403),
        (TeamRole.MODERATOR, 404),
    ],
)
def test_who_writes_rules(client, rule, role, status):
    client.force_login(member(rule.event, role))
    url = reverse("admin:analytics_event_credits", args=[rule.event.pk])

    assert client.post(url, new_rule(rule)).status_code == status
    assert CreditRule.objects.count() == (2 if status == 302 else 1)


def test_a_rule_takes_no_sessions_of_another_event_and_not_more_than_it_has(client, rule):
    client.force_login(member(rule.event, TeamRole.OWNER))
    url = reverse("admin:analytics_event_credits", args=[rule.event.pk])
    foreign = InteractiveFactory()

    assert client.post(url, new_rule(rule, sessions=[foreign.pk])).status_code == 200
    page = client.post(url, new_rule(rule, needed_sessions="3"))
    assert "There are not so many sessions in this rule." in page.content.decode()
    assert CreditRule.objects.count() == 1


def test_an_analyst_makes_all_certificates_and_revokes_one(client, rule, ada, bob):
    ann = member(rule.event)
    client.force_login(ann)
    client.post(reverse("admin:analytics_credit_issue", args=[rule.pk]))
    certificate = Certificate.objects.get()
    revoke_url = reverse("admin:analytics_credit_revoke", args=[certificate.pk])
    client.post(revoke_url, {"reason": ""})
    certificate.refresh_from_db()
    assert (certificate.user, certificate.issued_by, certificate.is_valid) == (ada, ann, True)

    client.post(revoke_url, {"reason": "Wrong day"})
    certificate.refresh_from_db()
    assert (certificate.revoked_by, certificate.revoke_reason) == (ann, "Wrong day")


# --- Consent ----------------------------------------------------------------------------------------


def test_people_answer_whether_they_are_recorded_by_name(client, rule, ada):
    EventPrivacy.objects.create(event=rule.event, asks_consent=True)
    client.force_login(ada)
    assert "Not answered" in client.get(reverse("analytics:my_data")).content.decode()
    assert "Which events may do that" in (
        client.get(reverse("analytics:my_certificates")).content.decode()
    )

    for answer, given in (("yes", True), ("no", False)):
        url = reverse("analytics:answer_consent")
        client.post(url, {"event": rule.event.slug, "answer": answer})
        assert RecordingConsent.objects.get().is_given is given


NASTY = ("\0", "9" * 400, "1e999", "NaN", "-1", "", "\u202e\ufdd0x", "x" * 3000, "0.001")


@pytest.mark.parametrize("value", NASTY)
def test_no_value_breaks_a_form(client, rule, ada, value):
    """Whatever is sent in whichever field, it is answered in words."""
    appeal(rule, ada, "Please")
    client.force_login(member(rule.event, TeamRole.OWNER))
    forms = {
        reverse("admin:analytics_event_credits", args=[rule.event.pk]): new_rule(rule),
        reverse("admin:analytics_credit_rule", args=[rule.pk]): new_rule(rule),
        reverse("admin:analytics_event_privacy", args=[rule.event.pk]): {
            "mode": "identified",
            "minimum_group": "5",
            "retention_days": "",
            "retention_action": "delete",
            "reason": "r",
        },
        person_url(rule, ada): {"credits": "1", "reason": "r"},
        f"{person_url(rule, ada)}?": {"decision": "rejected", "answer": "a"},
        reverse("analytics:my_certificates"): {
            "ask": "appeal",
            "rule": str(rule.uuid),
            "text": "t",
        },
        reverse("analytics:answer_consent"): {"event": rule.event.slug, "answer": "yes"},
    }
    answers = {
        (url, field): client.post(url, {**form, field: value}).status_code
        for url, form in forms.items()
        for field in form
    }

    assert {key: code for key, code in answers.items() if code not in (200, 302)} == {}
