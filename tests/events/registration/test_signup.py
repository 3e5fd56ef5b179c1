"""The sign-up form: what is asked, what is kept, and what the manager gets of it."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from events.models import Event, QuestionKind, SignUpAnswer, SignUpQuestion, User
from events.registration.signup import name_of
from tests.events.pages import form_values
from tests.factories import EventFactory, RegistrationFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

POLICY = "We film the **main stage**."


@pytest.fixture
def event() -> Event:
    return EventFactory(slug="congress", title="Congress")


@pytest.fixture
def diet(event: Event) -> SignUpQuestion:
    return ask(
        event, kind=QuestionKind.CHOICE, label="Diet", choices="Any\nVegan", is_required=True
    )


@pytest.fixture
def filming(event: Event) -> SignUpQuestion:
    return ask(
        event,
        kind=QuestionKind.CONSENT,
        label="I agree to be filmed",
        consent_text=POLICY,
        is_required=True,
        position=2,
    )


def ask(event: Event, **fields: object) -> SignUpQuestion:
    question = SignUpQuestion(event=event, **fields)
    question.full_clean()
    question.save()
    return question


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def answers_of(user: User) -> dict[str, tuple[str, str, int]]:
    found = SignUpAnswer.objects.filter(user=user).select_related("question")
    return {a.question.label: (a.value, a.consent_text, a.version) for a in found}


def test_a_click_leads_to_the_form_and_the_form_to_a_place(event, diet, filming):
    notes = ask(event, kind=QuestionKind.TEXT, label="Anything else?", position=1)
    ada = UserFactory()
    client = signed_in(ada)

    asked = client.post("/e/congress/register/")
    empty = client.post("/e/congress/register/", {"sent": "True"})
    before = (event.registrations.count(), SignUpAnswer.objects.count())
    done = client.post(
        "/e/congress/register/",
        {"sent": "True", name_of(diet): "Vegan", name_of(filming): "on", name_of(notes): "No\r\n"},
    )

    assert "Diet" in asked.content.decode() and "<strong>main stage</strong>" in (
        asked.content.decode()
    )
    assert "This field is required." not in asked.content.decode()
    assert "This field is required." in empty.content.decode()
    assert "You can only register if you agree to this." in empty.content.decode()
    assert before == (0, 0)
    assert done["Location"] == "/e/congress/"
    assert [r.user for r in event.registrations.all()] == [ada]
    assert answers_of(ada) == {
        "Diet": ("Vegan", "", 1),
        "Anything else?": ("No", "", 1),
        "I agree to be filmed": ("yes", POLICY, 1),
    }


def test_only_a_choice_that_is_offered_is_taken(event, diet):
    page = signed_in(UserFactory()).post(
        "/e/congress/register/", {"sent": "True", name_of(diet): "Steak"}
    )

    assert "Steak is not one of the available choices." in page.content.decode()
    assert (event.registrations.count(), SignUpAnswer.objects.count()) == (0, 0)


def test_answers_can_be_changed_and_a_new_text_is_agreed_to_anew(event, diet, filming):
    ada = RegistrationFactory(event=event).user
    client, page = signed_in(ada), "/e/congress/register/"
    client.post(page, {"sent": "True", name_of(diet): "Vegan", name_of(filming): "on"})
    same = form_values(client.get(page).content.decode())
    filming.consent_text = "We film everything."
    filming.save()

    changed = form_values(client.get(page).content.decode())
    kept = answers_of(ada)["I agree to be filmed"]
    client.post(page, {"sent": "True", name_of(diet): "Any", name_of(filming): "on"})

    assert (same[name_of(diet)], name_of(filming) in same) == ("Vegan", True)
    assert (changed[name_of(diet)], name_of(filming) in changed) == ("Vegan", False)
    assert kept == ("yes", POLICY, 1)
    assert answers_of(ada) == {
        "Diet": ("Any", "", 1),
        "I agree to be filmed": ("yes", "We film everything.", 2),
    }


def test_a_question_that_is_no_longer_asked_keeps_its_answers(event, diet):
    ada = UserFactory()
    signed_in(ada).post("/e/congress/register/", {"sent": "True", name_of(diet): "Any"})
    diet.is_retired = True
    diet.save()

    signed_in(UserFactory()).post("/e/congress/register/")

    assert event.registrations.count() == 2
    assert (answers_of(ada), diet.version) == ({"Diet": ("Any", "", 1)}, 1)


def test_managers_write_the_form_beside_their_event(event):
    client = signed_in(TeamMemberFactory(event=event).user)
    page = client.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    add = reverse("admin:events_signupquestion_add")
    data = {"event": event.pk, "kind": "choice", "label": "Size", "position": 0}

    wrong = client.post(f"{add}?event={event.pk}", {**data, "choices": "S"})
    right = client.post(f"{add}?event={event.pk}", {**data, "choices": "S\nM\n\nM\nL"})
    consent = client.post(f"{add}?event={event.pk}", {**data, "kind": "consent"})

    assert f'/admin/events/signupquestion/?event={event.pk}">0 questions</a>' in page
    assert "Write 2 to 50 choices, one on each line." in wrong.content.decode()
    assert "Write down what people consent to." in consent.content.decode()
    assert right.status_code == 302
    [question] = event.questions.all()
    assert question.options == ["S", "M", "L"]


def test_an_answered_question_is_not_deleted(event, diet):
    client = signed_in(TeamMemberFactory(event=event).user)
    delete = reverse("admin:events_signupquestion_delete", args=[diet.pk])
    SignUpAnswer.objects.create(question=diet, user=UserFactory(), value="Any")

    refused = client.post(delete, {"post": "yes"})
    SignUpAnswer.objects.all().delete()
    done = client.post(delete, {"post": "yes"})

    assert (refused.status_code, done.status_code) == (403, 302)
    assert event.questions.count() == 0


def exported(client: Client, event: Event, action: str) -> list[list[object]]:
    rows = [registration.pk for registration in event.registrations.all()]
    answer = client.post(
        reverse("admin:events_registration_changelist"),
        {"action": action, "_selected_action": rows},
    )
    if action == "export_xlsx":
        sheet = load_workbook(io.BytesIO(answer.content)).active
        return [[cell.value for cell in row] for row in sheet.iter_rows()]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("action", ["export_csv", "export_xlsx"])
def test_answers_are_exported_with_the_registrations(event, diet, filming, action):
    evil = ask(event, label="=1+1", position=3)
    ada = UserFactory(name="Ada", email="ada@example.org")
    signed_in(ada).post(
        "/e/congress/register/",
        {
            "sent": "True",
            name_of(diet): "Vegan",
            name_of(filming): "on",
            name_of(evil): "=HYPERLINK(1)",
        },
    )
    late = RegistrationFactory(event=event, user__name="Ben", user__email="ben@example.org")
    theirs = RegistrationFactory(event__title="Theirs")

    head, *rows = exported(signed_in(TeamMemberFactory(event=event).user), event, action)

    assert head == [
        *("event", "name", "email", "registered_at_utc", "withdrawn_at_utc", "Diet"),
        *("I agree to be filmed", "I agree to be filmed: version", "I agree to be filmed: text"),
        "'=1+1",
    ]
    by_name = {row[1]: [row[0], row[2], *(value or "" for value in row[5:])] for row in rows}
    version = "1" if action == "export_csv" else 1
    guard = "'" if action == "export_csv" else ""
    assert by_name == {
        "Ada": [
            *("Congress", "ada@example.org", "Vegan", "yes", version, POLICY),
            f"{guard}=HYPERLINK(1)",
        ],
        "Ben": ["Congress", "ben@example.org", "", "", "", "", ""],
    }
    assert (late.event, theirs.event.title in str(rows)) == (event, False)
