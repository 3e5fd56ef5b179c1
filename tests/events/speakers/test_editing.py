"""People on stage edit what is theirs; managers take it over by field, or decline it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.copying import clone_event
from events.desk.needs import needs_of
from events.models import (
    Event,
    ProposalState,
    Session,
    SessionMaterial,
    Speaker,
    SpeakerProposal,
    StageRules,
    StageScope,
    User,
)
from events.outbox.sending import send_due
from events.speakers.deciding import StageDecision, decide, shown_token
from tests.events.pages import form_values
from tests.events.speakers.conftest import (
    profile_page,
    review_page,
    session_page,
    signed_in,
    told,
)
from tests.events.support.uploads import picture_bytes, upload
from tests.factories import (
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

WAITS = "Saved. The organisers look at your changes; you get a mail then."


def rules(event: Event, **fields: Any) -> None:
    StageRules.objects.update_or_create(event=event, defaults=fields)


def save(user: User, page: str, **typed: Any) -> Any:
    """Open a page, type, and send its form."""
    client = signed_in(user)
    return client.post(page, {**form_values(client.get(page).content.decode()), **typed})


def waiting(event: Event) -> dict[str, Any]:
    rows = SpeakerProposal.objects.filter(event=event, state=ProposalState.WAITING)
    return dict(rows.values_list("field", "value"))


def now(thing: Any) -> Any:
    return type(thing).objects.get(pk=thing.pk)


def review(user: User, event: Event, **choices: str) -> Any:
    """Open the review page, choose, and send its form: ``name="take"``, ``name_word="..."``."""
    client = signed_in(user)
    data: dict[str, str] = {}
    proposals = SpeakerProposal.objects.filter(event=event, state=ProposalState.WAITING)
    page = form_values(client.get(review_page(event)).content.decode())
    for proposal in proposals:
        data[f"shown-{proposal.pk}"] = page[f"shown-{proposal.pk}"]
        if proposal.field in choices:
            data[f"do-{proposal.pk}"] = choices[proposal.field]
            data[f"word-{proposal.pk}"] = choices.get(f"{proposal.field}_word", "")
    return client.post(review_page(event), data)


# --- With approval ----------------------------------------------------------------------------


def test_changes_wait_and_are_taken_over_or_declined_by_field(event, speaker, talk, manager, ada):
    links = {"link_0_url": "https://ada.example.org", "link_0_label": "Home"}
    sent = save(ada, profile_page(speaker), name="Ada Lovelace", biography="*Poet*", **links)
    save(ada, session_page(speaker, talk), session_title="Analytical engines")
    before = (now(speaker).name, now(talk).title, waiting(event))
    needs = [(need.text, need.url) for need in needs_of(manager)]
    page = signed_in(manager).get(review_page(event)).content.decode()
    answered = review(
        manager,
        event,
        name="take",
        links="take",
        session_title="take",
        biography="decline",
        biography_word="Longer, please.",
    )

    assert (sent["Location"], told(sent)) == (profile_page(speaker), [WAITS])
    assert before == (
        "Ada L.",
        "Engines",
        {
            "name": "Ada Lovelace",
            "biography": "*Poet*",
            "links": [["https://ada.example.org", "Home"]],
            "session_title": "Analytical engines",
        },
    )
    assert needs == [("4 changes by speakers wait for approval", review_page(event))]
    assert "Ada <del>L.</del><ins>Lovelace</ins>" in page
    assert told(answered) == ["3 changes taken over.", "1 change declined."]
    taken = now(speaker)
    assert (taken.name, taken.title, taken.biography) == ("Ada Lovelace", "Countess", "")
    assert list(taken.links.values_list("url", "label")) == [("https://ada.example.org", "Home")]
    assert (now(talk).title, now(talk).abstract) == ("Analytical engines", "Cogs.")
    assert (waiting(event), list(needs_of(manager))) == ({}, [])


def test_the_speaker_gets_one_mail_about_all_of_it(event, speaker, manager, ada):
    save(ada, profile_page(speaker), name="Ada Lovelace", biography="Poet")
    review(manager, event, name="take", biography="decline", biography_word="Longer, please.")
    from events.models import OutgoingMail

    OutgoingMail.objects.update(due_at=timezone.now())
    send_due(10)

    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["ada@example.org"], "Your changes at Congress")
    assert "- Name: taken over" in letter.body
    assert "- Biography: not taken over\n  Longer, please." in letter.body
    assert profile_page(speaker) in letter.body


def test_what_waits_is_shown_edited_and_taken_back(event, speaker, ada):
    save(ada, profile_page(speaker), title="Poet")
    shown = signed_in(ada).get(profile_page(speaker)).content.decode()
    save(ada, profile_page(speaker), title="Mathematician")
    again = waiting(event)
    nothing = save(ada, profile_page(speaker))
    save(ada, profile_page(speaker), title="Countess")

    assert "Waits for approval" in shown
    assert "The pages still say: Countess" in shown
    assert (again, told(nothing)) == ({"title": "Mathematician"}, ["Nothing has changed."])
    assert (waiting(event), now(speaker).title) == ({}, "Countess")


def test_a_manager_sees_what_somebody_changed_meanwhile(event, speaker, manager, ada):
    save(ada, profile_page(speaker), title="Poet")
    speaker.title = "Baroness"
    speaker.save()

    page = signed_in(manager).get(review_page(event)).content.decode()

    assert "Somebody changed this meanwhile." in page
    assert "When the speaker wrote, it said: “Countess”." in page
    assert "Now it says: “Baroness”." in page


def test_nothing_is_taken_over_that_was_not_on_the_page(event, speaker, manager, ada):
    save(ada, profile_page(speaker), title="Poet", name="Ada Lovelace")
    proposals = {row.field: row for row in SpeakerProposal.objects.select_related("speaker")}
    seen = {name: StageDecision(row.pk, True, shown_token(row)) for name, row in proposals.items()}
    save(ada, profile_page(speaker), title="Mathematician")  # rewritten
    speaker.name = "Ada Byron"  # changed below it
    speaker.save(update_fields=["name"])

    decided = decide(event, seen.values(), manager)

    assert (decided.taken, decided.stale) == (0, 2)
    assert (now(speaker).name, now(speaker).title) == ("Ada Byron", "Countess")
    assert waiting(event) == {"name": "Ada Lovelace", "title": "Mathematician"}


def test_a_picture_waits_unseen_and_is_taken_over(event, speaker, talk, manager, ada):
    save(ada, profile_page(speaker), picture=upload(picture_bytes()))
    [proposal] = SpeakerProposal.objects.all()
    address = proposal.picture.small
    seen = [signed_in(who).get(address).status_code for who in (manager, ada, UserFactory())]
    review(manager, event, picture="take")

    assert seen == [200, 404, 404]
    assert now(speaker).picture.name == proposal.picture.name
    assert Client().get(address).status_code == 200


# --- At once ------------------------------------------------------------------------------------


def test_without_approval_changes_are_on_the_pages_at_once(event, speaker, talk, ada):
    rules(event, needs_approval=False)
    version = event.programme_version.number

    saved = save(ada, profile_page(speaker), name="Ada Lovelace", picture=upload(picture_bytes()))
    save(ada, session_page(speaker, talk), abstract="All about cogs.")

    assert told(saved) == ["Saved."]
    assert "Ada Lovelace" in Client().get("/e/congress/agenda/?day=all").content.decode()
    assert (now(talk).abstract, bool(now(speaker).picture)) == ("All about cogs.", True)
    event.programme_version.refresh_from_db()
    assert event.programme_version.number > version


@pytest.mark.parametrize("needs_approval", [True, False])
def test_over_somebody_elses_change_both_are_shown_and_nothing_is_saved(
    event, speaker, ada, needs_approval
):
    rules(event, needs_approval=needs_approval)
    client = signed_in(ada)
    form = form_values(client.get(profile_page(speaker)).content.decode())
    speaker.title = "Baroness"
    speaker.save()

    typed = {**form, "title": "Poet", "biography": "Long."}
    shown = client.post(profile_page(speaker), typed).content.decode()
    between = (now(speaker).title, now(speaker).biography, waiting(event))
    again = client.post(profile_page(speaker), form_values(shown))

    assert "It now says: “Baroness”." in shown
    assert 'value="Poet"' in shown
    assert between == ("Baroness", "", {})
    assert again.status_code == 302
    wanted = {"title": "Poet", "biography": "Long."}
    if needs_approval:
        assert waiting(event) == wanted
    else:
        assert (now(speaker).title, now(speaker).biography) == ("Poet", "Long.")


def test_what_somebody_did_not_touch_keeps_what_others_wrote(event, speaker, ada):
    rules(event, needs_approval=False)
    client = signed_in(ada)
    form = form_values(client.get(profile_page(speaker)).content.decode())
    speaker.title = "Baroness"
    speaker.save()

    client.post(profile_page(speaker), {**form, "biography": "Poet"})

    assert (now(speaker).title, now(speaker).biography) == ("Baroness", "Poet")


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_counts(event, speaker, manager, ada):
    save(ada, profile_page(speaker), title="Poet")
    [proposal] = SpeakerProposal.objects.select_related("speaker")
    decision = StageDecision(proposal.pk, True, shown_token(proposal))
    start = threading.Barrier(2)

    def take(_: int) -> tuple[int, int]:
        start.wait(timeout=20)
        try:
            decided = decide(event, [decision], manager)
        finally:
            connection.close()
        return decided.taken, decided.stale

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(take, range(2)))

    assert answers == [(0, 1), (1, 0)]
    assert now(speaker).title == "Poet"


# --- What the event keeps to itself -------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "page", "field"),
    [
        (StageScope.NOTHING, "profile", "name"),
        (StageScope.NOTHING, "session", "abstract"),
        (StageScope.PROFILE, "session", "abstract"),
    ],
)
def test_a_field_that_speakers_may_not_touch_is_refused(
    event, speaker, talk, ada, scope, page, field
):
    rules(event, may_edit=scope, needs_approval=False)
    url = profile_page(speaker) if page == "profile" else session_page(speaker, talk)
    client = signed_in(ada)

    shown = client.get(url)
    refused = client.post(url, {field: "Forged", f"seen_{field}": "x"})

    assert (shown.status_code, f'name="{field}"' in shown.content.decode()) == (200, False)
    assert refused.status_code == 403
    assert (now(speaker).name, now(talk).abstract) == ("Ada L.", "Cogs.")
    assert SpeakerProposal.objects.count() == 0


def test_nobody_else_finds_the_pages_of_a_profile_or_a_session(event, speaker, talk, manager):
    other = SpeakerFactory(event=event, name="Ben", user=UserFactory())
    elsewhere = SessionFactory(event=event)
    SessionSpeakerFactory(session=elsewhere, speaker=other)
    pages = [profile_page(speaker), session_page(speaker, talk)]
    mixed = session_page(other, talk)  # one's own profile, another's session

    for who in (other.user, manager, UserFactory()):
        assert [signed_in(who).get(page).status_code for page in pages] == [404, 404]
        assert [signed_in(who).post(page, {}).status_code for page in pages] == [404, 404]
    assert signed_in(other.user).get(mixed).status_code == 404
    assert Client().get(pages[0])["Location"].startswith("/accounts/login/")


def test_a_draft_is_not_told_to_whoever_a_manager_named(event, speaker, talk, ada):
    event.status = "draft"
    event.save()

    client = signed_in(ada)
    assert "Congress" not in client.get(reverse("events:my_stage")).content.decode()
    assert client.get(profile_page(speaker)).status_code == 404


def test_a_profile_that_was_taken_away_while_the_page_was_open_is_not_written(event, speaker, ada):
    rules(event, needs_approval=False)
    client = signed_in(ada)
    form = form_values(client.get(profile_page(speaker)).content.decode())
    speaker.user = None
    speaker.save()

    assert client.post(profile_page(speaker), {**form, "title": "Poet"}).status_code == 404
    assert now(speaker).title == "Countess"


def test_managers_of_other_events_see_and_decide_nothing(event, speaker, ada):
    save(ada, profile_page(speaker), title="Poet")
    stranger = TeamMemberFactory().user
    [proposal] = SpeakerProposal.objects.select_related("speaker")
    own = stranger.team_roles.get().event

    signed_in(stranger).post(
        review_page(own),
        {f"shown-{proposal.pk}": shown_token(proposal), f"do-{proposal.pk}": "take"},
    )

    assert "Poet" not in signed_in(stranger).get(review_page(own)).content.decode()
    assert (now(speaker).title, list(needs_of(stranger))) == ("Countess", [])


# --- Documents and links -------------------------------------------------------------------------


def add(user: User, speaker: Speaker, talk: Session, **fields: Any) -> Any:
    url = reverse("events:stage_material", args=[speaker.uuid, talk.uuid])
    return signed_in(user).post(url, {"title": "Slides", "audience": "public", **fields})


def test_documents_wait_can_be_read_by_those_who_decide_and_are_taken_over(
    event, speaker, talk, manager, ada
):
    rules(event, may_upload=True)
    add(ada, speaker, talk, file=upload(b"%PDF-1.7 slides", "slides.pdf"))
    [proposal] = SpeakerProposal.objects.all()
    url = reverse("admin:events_event_stage_document", args=[event.pk])
    asked = f"{url}?proposal={proposal.uuid}"
    read = signed_in(manager).get(asked)
    hidden = signed_in(ada).get(asked).status_code
    before = SessionMaterial.objects.count()
    review(manager, event, material="take")

    [material] = SessionMaterial.objects.all()
    assert (b"".join(read.streaming_content), read["Content-Disposition"]) == (
        b"%PDF-1.7 slides",
        'attachment; filename="slides.pdf"',
    )
    assert (hidden, before) == (302, 0)
    assert (material.title, material.filename, material.size, material.session) == (
        "Slides",
        "slides.pdf",
        15,
        talk,
    )
    got = Client().get(material.get_absolute_url())
    assert b"".join(got.streaming_content) == b"%PDF-1.7 slides"


def test_a_document_is_taken_back_or_added_at_once_or_refused(event, speaker, talk, ada):
    refused = add(ada, speaker, talk, url="https://slides.example.org")
    rules(event, may_upload=True)
    add(ada, speaker, talk, url="https://slides.example.org")
    [proposal] = SpeakerProposal.objects.all()
    url = reverse("events:stage_material", args=[speaker.uuid, talk.uuid])
    signed_in(ada).post(url, {"withdraw": str(proposal.uuid)})
    rules(event, may_upload=True, needs_approval=False)
    both = add(ada, speaker, talk, url="https://a.example.org", file=upload(b"%PDF-", "a.pdf"))
    live = add(ada, speaker, talk, url="https://a.example.org")

    assert told(refused) == ["The organisers add documents themselves: send them yours."]
    assert now(proposal).state == ProposalState.WITHDRAWN
    assert "Choose a file or write a link: one of the two." in both.content.decode()
    assert told(live) == ["Saved."]
    assert [m.url for m in talk.materials.all()] == ["https://a.example.org"]


# --- The review page ------------------------------------------------------------------------------


def test_the_review_page_asks_the_same_number_of_queries(
    event, speaker, manager, ada, django_assert_max_num_queries
):
    for number in range(4):
        other = SpeakerFactory(event=event, user=UserFactory())
        session = SessionFactory(event=event)
        SessionSpeakerFactory(session=session, speaker=other)
        save(other.user, profile_page(other), name=f"New {number}", link_0_url="https://x.org")
        save(other.user, session_page(other, session), abstract="New")
    client = signed_in(manager)

    with django_assert_max_num_queries(14):
        page = client.get(review_page(event))

    assert page.content.decode().count("<fieldset") == 12 + 1


def test_the_rules_are_saved_and_say_who_may_what(event, manager):
    done = signed_in(manager).post(
        review_page(event), {"rules": "1", "may_edit": "profile", "may_upload": "on"}
    )

    assert told(done) == ["Saved."]
    saved = StageRules.objects.get(event=event)
    assert (saved.may_edit, saved.needs_approval, saved.may_upload) == ("profile", False, True)


def test_a_clone_of_the_event_has_its_rules(event):
    rules(event, may_edit=StageScope.PROFILE, may_upload=True, calendar_version=7)

    copy = clone_event(event, title="Again", starts_on=event.starts_on)

    saved = StageRules.objects.get(event=copy)
    assert (saved.may_edit, saved.may_upload, saved.calendar_version) == ("profile", True, 0)
