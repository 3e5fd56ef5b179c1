"""Two people have the form of one object open, and both save."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.db import connection
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from events.actions import delete_planned, place_session
from events.admin.editing.drawn import drawn, put, sent
from events.models import (
    Event,
    Session,
    SessionSpeaker,
    SessionTranslation,
    SpeakerLink,
    TeamMember,
    TeamRole,
    Track,
)
from kaltura_bridge.models import EventDelivery
from tests.events.pages import form_values
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def event() -> Event:
    return EventFactory()


@pytest.fixture
def session(event: Event) -> Session:
    return SessionFactory(event=event, title="Keynote", location="Hall", abstract="Old words.")


def editor(event: Event, name: str) -> Client:
    client = Client()
    user = UserFactory(name=name, is_staff=True)
    TeamMemberFactory(event=event, user=user, role=TeamRole.OWNER)
    client.force_login(user)
    return client


@pytest.fixture
def ada(event: Event) -> Client:
    return editor(event, "Ada")


@pytest.fixture
def ben(event: Event) -> Client:
    return editor(event, "Ben")


def page_of(thing: Any) -> str:
    return reverse(f"admin:events_{thing._meta.model_name}_change", args=[thing.pk])


def opened(client: Client, thing: Any) -> dict[str, str]:
    """What the browser of somebody who opens the form would send back."""
    answer = client.get(page_of(thing))
    assert answer.status_code == 200
    return form_values(answer.content.decode())


def save(client: Client, thing: Any, form: dict[str, str], **typed: str) -> Any:
    return client.post(page_of(thing), {**form, "_continue": "1", **typed})


def said(answer: Any) -> list[str]:
    return [message.message for message in get_messages(answer.wsgi_request)][:-1]


def asked(answer: Any) -> list[tuple[str, str, str, str]]:
    """The questions on the page."""
    assert answer.status_code == 200, said(answer)
    return [(q.label, q.was, q.theirs, q.mine) for _who, q in answer.context["questions"]]


# --- The fields of the form ---------------------------------------------------------------


def test_what_only_one_of_two_changed_is_merged_and_said(event, session, ada, ben):
    mine = opened(ben, session)
    save(ada, session, opened(ada, session), location="Saal 1")
    answer = save(ben, session, mine, title="Opening")

    session.refresh_from_db()
    assert (session.title, session.location) == ("Opening", "Saal 1")
    assert said(answer) == ["Ada changed Room to “Saal 1” meanwhile; that was kept."]


def test_same_field_is_asked_about_and_nothing_is_saved_before_the_answer(session, ada, ben):
    mine = opened(ben, session)
    save(ada, session, opened(ada, session), location="Saal 1", subtitle="By Ada")

    answer = save(ben, session, mine, location="Saal 2", title="Opening")

    session.refresh_from_db()
    assert (session.title, session.location) == ("Keynote", "Saal 1")
    assert asked(answer) == [("Room", "Hall", "Saal 1", "Saal 2")]
    page = answer.content.decode()
    form = form_values(page)
    assert (form["location"], form["title"], form["subtitle"]) == ("Saal 2", "Opening", "By Ada")
    assert "Saved by Ada" in page
    # Without an answer it asks again, as often as it takes.
    again = save(ben, session, form)
    assert asked(again) == [("Room", "Hall", "Saal 1", "Saal 2")]


@pytest.mark.parametrize(("choice", "room"), [("mine", "Saal 2"), ("theirs", "Saal 1")])
def test_answer_decides_and_the_rest_is_saved_with_it(session, ada, ben, choice, room):
    mine = opened(ben, session)
    save(ada, session, opened(ada, session), location="Saal 1")
    question = save(ben, session, mine, location="Saal 2", title="Opening")

    form = form_values(question.content.decode())
    answer = save(ben, session, form, **{"_choice-location": choice})

    session.refresh_from_db()
    assert (answer.status_code, said(answer)) == (302, [])
    assert (session.title, session.location) == ("Opening", room)


def test_third_person_between_question_and_answer_makes_it_a_new_question(session, ada, ben):
    mine = opened(ben, session)
    save(ada, session, opened(ada, session), location="Saal 1")
    question = save(ben, session, mine, location="Saal 2")
    save(ada, session, opened(ada, session), location="Saal 3")

    form = form_values(question.content.decode())
    answer = save(ben, session, form, **{"_choice-location": "mine"})

    session.refresh_from_db()
    assert session.location == "Saal 3"
    assert asked(answer) == [("Room", "Hall", "Saal 3", "Saal 2")]


def test_answer_can_be_changed_while_another_question_is_open(session, ada, ben):
    mine = opened(ben, session)
    save(ada, session, opened(ada, session), location="Saal 1", title="Ada's")
    question = save(ben, session, mine, location="Saal 2", title="Ben's")
    form = form_values(question.content.decode())

    half = save(ben, session, form, **{"_choice-location": "theirs"})
    form = form_values(half.content.decode())
    assert (form["location"], form["_choice-location"]) == ("Saal 1", "theirs")
    save(ben, session, form, **{"_choice-location": "mine", "_choice-title": "theirs"})

    session.refresh_from_db()
    assert (session.title, session.location) == ("Ada's", "Saal 2")


def test_both_typing_the_same_is_no_question(session, ada, ben):
    mine = opened(ben, session)
    save(ada, session, opened(ada, session), location="Saal 1")
    answer = save(ben, session, mine, location="Saal 1")

    assert (answer.status_code, said(answer)) == (302, [])


def test_page_that_was_refused_for_another_reason_keeps_what_was_merged(session, ada, ben):
    mine = opened(ben, session)
    save(ada, session, opened(ada, session), location="Saal 1")
    refused = save(ben, session, mine, title="", abstract="Ben's words.")
    page = refused.content.decode()
    form = form_values(page)
    save(ben, session, form, title="Opening")

    session.refresh_from_db()
    assert "Ada changed Room to “Saal 1” meanwhile" in page
    assert (session.title, session.location, session.abstract) == (
        "Opening",
        "Saal 1",
        "Ben's words.",
    )


def test_planner_moves_a_session_whose_form_is_open(event, session, ben):
    mine = opened(ben, session)
    start, end = (datetime(2030, 5, 6, hour, tzinfo=UTC) for hour in (12, 13))
    place_session(session, start, end, location="Saal 1", track=TrackFactory(event=event))

    save(ben, session, mine, title="Opening")

    session.refresh_from_db()
    assert (session.title, session.starts_at, session.ends_at) == ("Opening", start, end)
    assert (session.location, str(session.track)) == ("Saal 1", str(event.tracks.get()))


def test_time_typed_in_the_old_zone_is_asked_about_when_the_zone_has_changed(
    event, session, ada, ben
):
    mine = opened(ben, session)
    save(ada, event, opened(ada, event), timezone="Asia/Tokyo")  # keeps local times
    session.refresh_from_db()
    moved = session.starts_at

    answer = save(ben, session, mine, starts_at_1="10:30")

    assert asked(answer) == [
        (
            "Starts (Asia/Tokyo)",
            "2030-05-06 11:00 Europe/Berlin",
            "2030-05-06 11:00 Asia/Tokyo",
            "2030-05-06 10:30 Asia/Tokyo",
        )
    ]
    session.refresh_from_db()
    assert session.starts_at == moved


def test_form_of_another_object_tells_nothing_of_this_one(event, session, ada):
    other = SessionFactory(event=event, title="Another", location="Cellar")
    form, foreign = opened(ada, session), opened(ada, other)

    answer = save(ada, session, form, _seen=foreign["_seen"], location="Attic")

    session.refresh_from_db()
    assert session.location == "Hall"
    assert asked(answer) == [("Room", "", "Hall", "Attic")]


def test_texts_are_compared_as_browsers_send_them(session, ada, ben):
    session.abstract = "One.\n\nTwo."
    session.save()
    mine = opened(ben, session)
    save(ada, session, opened(ada, session), abstract="One.\r\n\r\nThree.")

    save(ben, session, mine, abstract="One.\r\n\r\nTwo.", title="Opening")

    session.refresh_from_db()
    assert (session.title, session.abstract.splitlines()[-1]) == ("Opening", "Three.")


def test_deleted_meanwhile_is_said_with_what_was_typed(session, ada, ben):
    mine = opened(ben, session)
    ada.post(reverse("admin:events_session_delete", args=[session.pk]), {"post": "yes"})

    answer = save(ben, session, mine, abstract="Ben's long words.")

    page = answer.content.decode()
    assert (answer.status_code, Session.objects.count()) == (409, 0)
    assert "Ada deleted this while you were writing" in page
    assert "Ben&#x27;s long words.</textarea>" in page
    # Nobody learns of what was never theirs to see.
    forged = ben.post(page_of(session), {**mine, "_seen": "forged"})
    assert forged.headers["Location"] == "/admin/"


def test_accounts_are_merged_as_planned_objects_are(client):
    ada = UserFactory(name="Ada", is_staff=True, is_superuser=True)
    client.force_login(ada)
    account = UserFactory(name="Old name")
    mine = opened(client, account)
    save(client, account, opened(client, account), pronouns="she/her")
    save(client, account, mine, name="New name")

    account.refresh_from_db()
    assert (account.name, account.pronouns) == ("New name", "she/her")


# --- Rows ---------------------------------------------------------------------------------


@pytest.fixture
def on_stage(event: Event, session: Session) -> list[SessionSpeaker]:
    return [
        SessionSpeakerFactory(session=session, speaker=SpeakerFactory(event=event, name=name))
        for name in ("Grace", "Hedy")
    ]


def stage(session: Session) -> set[tuple[str, str]]:
    return set(session.appearances.values_list("speaker__name", "role"))


def test_rows_of_two_people_are_merged_row_by_row(event, session, on_stage, ada, ben):
    lise, mary = (SpeakerFactory(event=event, name=name) for name in ("Lise", "Mary"))
    mine = opened(ben, session)
    theirs = opened(ada, session)
    save(
        ada,
        session,
        theirs,
        **{
            "appearances-0-DELETE": "on",
            "appearances-2-speaker": str(lise.pk),
            "appearances-2-role": "speaker",
        },
    )
    answer = save(
        ben,
        session,
        mine,
        **{
            "appearances-1-role": "moderator",
            "appearances-2-speaker": str(mary.pk),
            "appearances-2-role": "speaker",
        },
    )

    assert stage(session) == {("Hedy", "moderator"), ("Lise", "speaker"), ("Mary", "speaker")}
    assert said(answer) == [
        "Ada removed speaker “Grace · Speaker” meanwhile.",
        "Ada added speaker “Lise · Speaker” meanwhile.",
    ]


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        ("theirs", {("Hedy", "speaker")}),
        ("mine", {("Hedy", "speaker"), ("Grace", "moderator")}),
    ],
)
def test_row_that_one_removed_and_the_other_changed_is_asked_about(
    session, on_stage, ada, ben, choice, left
):
    mine = opened(ben, session)
    save(ada, session, opened(ada, session), **{"appearances-0-DELETE": "on"})

    question = save(ben, session, mine, **{"appearances-0-role": "moderator"})
    assert asked(question) == [("speaker", "Grace · Speaker", "Removed", "Grace · Moderator")]
    assert stage(session) == {("Hedy", "speaker")}
    form = form_values(question.content.decode())
    key = f"_choice-appearances:{on_stage[0].pk}:gone"
    answer = save(ben, session, form, **{key: choice})

    assert answer.status_code == 302
    assert stage(session) == left


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        ("theirs", {("Hedy", "speaker"), ("Grace", "moderator")}),
        ("mine", {("Hedy", "speaker")}),
    ],
)
def test_row_that_one_changed_and_the_other_removes_is_asked_about(
    session, on_stage, ada, ben, choice, left
):
    mine = opened(ben, session)
    save(ada, session, opened(ada, session), **{"appearances-0-role": "moderator"})

    question = save(ben, session, mine, **{"appearances-0-DELETE": "on"})
    [(_, was, theirs, removed)] = asked(question)
    assert (was, theirs, removed) == ("Grace · Speaker", "Grace · Moderator", "Removed")
    form = form_values(question.content.decode())
    key = f"_choice-appearances:{on_stage[0].pk}:removed"
    answer = save(ben, session, form, **{key: choice})

    assert answer.status_code == 302
    assert stage(session) == left


def test_field_of_a_row_that_both_changed_is_asked_about(event, session, ada, ben):
    german = SessionTranslation.objects.create(session=session, language="de", title="Alt")
    mine = opened(ben, session)
    save(
        ada,
        session,
        opened(ada, session),
        **{"translations-0-title": "Neu", "translations-0-subtitle": "Von Ada"},
    )

    question = save(ben, session, mine, **{"translations-0-title": "Anders"})
    [(_, was, theirs, words)] = asked(question)
    form = form_values(question.content.decode())
    save(ben, session, form, **{f"_choice-translations:{german.pk}:title": "mine"})

    german.refresh_from_db()
    assert (was, theirs, words) == ("Alt", "Neu", "Anders")
    assert (german.title, german.subtitle) == ("Anders", "Von Ada")


def test_settings_that_both_make_at_once_are_merged_field_by_field(event, ada, ben):
    mine = opened(ben, event)
    save(ada, event, opened(ada, event), **{"delivery-0-dvr_window_minutes": "60"})
    answer = save(ben, event, mine, **{"delivery-0-thumbnail_url": "https://example.org/a.jpg"})

    assert answer.status_code == 302, answer.context["errors"]
    row = EventDelivery.objects.get()
    assert (row.dvr_window_minutes, row.thumbnail_url) == (60, "https://example.org/a.jpg")


def test_tracks_and_team_of_an_event_are_merged(event, ada, ben):
    track = TrackFactory(event=event, name="Art")
    analyst = TeamMemberFactory(event=event, role=TeamRole.ANALYST)
    mine = opened(ben, event)
    theirs = opened(ada, event)
    row = next(
        name.removesuffix("-id")
        for name, value in theirs.items()
        if name.startswith("team-") and name.endswith("-id") and value == str(analyst.pk)
    )
    save(
        ada,
        event,
        theirs,
        **{"tracks-1-name": "Music", "tracks-1-color": "#112233", f"{row}-role": "moderator"},
    )
    save(ben, event, mine, **{"tracks-0-name": "Arts", "title": "Both"})

    event.refresh_from_db()
    track.refresh_from_db()
    assert (event.title, track.name) == ("Both", "Arts")
    assert set(Track.objects.values_list("name", flat=True)) == {"Arts", "Music"}
    assert TeamMember.objects.get(pk=analyst.pk).role == TeamRole.MODERATOR


def test_links_of_a_speaker_are_merged(event, ada, ben):
    speaker = SpeakerFactory(event=event, name="Grace")
    SpeakerLink.objects.create(speaker=speaker, label="Home", url="https://example.org/")
    mine = opened(ben, speaker)
    save(ada, speaker, opened(ada, speaker), **{"links-0-DELETE": "on", "title": "Admiral"})
    answer = save(ben, speaker, mine, biography="A life.")

    speaker.refresh_from_db()
    assert (speaker.title, speaker.biography, speaker.links.count()) == ("Admiral", "A life.", 0)
    assert said(answer)[0] == "Ada changed Title to “Admiral” meanwhile; that was kept."


# --- What it costs, and every field there is ----------------------------------------------


def test_saving_costs_one_query_more_than_a_form_that_saw_nothing(session, on_stage, ada):
    """That locks the row, for both; on SQLite it only finds out whether it is there."""
    form = opened(ada, session)
    save(ada, session, form, title="Warm")
    counted = []
    for more in ({"_seen": form["_seen"]}, {}):
        plain = {name: value for name, value in form.items() if name != "_seen"}
        with CaptureQueriesContext(connection) as queries:
            answer = save(ada, session, {**plain, **more}, title="Warm")
        assert answer.status_code == 302
        counted.append(len(queries))

    assert counted[0] <= counted[1]


@pytest.mark.parametrize("model", ["event", "session"])
def test_form_page_takes_few_queries(session, on_stage, ada, model):
    thing = session if model == "session" else session.event
    TrackFactory(event=session.event)
    opened(ada, thing)  # what is looked up once a process
    with CaptureQueriesContext(connection) as queries:
        opened(ada, thing)

    assert len(queries) <= 26


def test_every_field_of_every_form_survives_being_put_back(rf: RequestFactory, session):
    """Whoever adds a kind of input learns here whether merging can write it."""
    boss = UserFactory(is_staff=True, is_superuser=True)
    event = session.event
    rows: list[Any] = [
        event,
        session,
        SpeakerFactory(event=event, user=UserFactory()),
        RegistrationFactory(event=event),
        SessionSpeakerFactory(session=session).session,
    ]
    SessionTranslation.objects.create(session=session, language="de", title="Anfang")
    request = rf.get("/")
    request.user = boss
    lost = []
    for row in rows:
        model_admin: Any = admin.site.get_model_admin(type(row))
        thing = model_admin.get_object(request, str(row.pk))
        forms = [model_admin.get_form(request, thing, change=True)(instance=thing)]
        for formset, inline in model_admin.get_formsets_with_inlines(request, thing):
            made = formset(instance=thing, queryset=inline.get_queryset(request))
            forms += [*made.initial_forms, *made.extra_forms]
        for form in forms:
            data, files = QueryDict(mutable=True), MultiValueDict[str, Any]()
            for name, value in drawn(form).items():
                field, html = form.fields[name], form.add_prefix(name)
                put(field, html, data, files, value)
                if sent(field, html, data, files, value) != value:
                    lost.append((type(form).__name__, name, value))
    assert lost == []


# --- At the same moment -------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_the_same_moment_lose_nothing(event, session):
    """Each changes another field, in transactions of their own that run at once."""
    people = {name: editor(event, name) for name in ("Ada", "Ben", "Cleo")}
    typed = {"Ada": {"title": "Opening"}, "Ben": {"location": "Saal 1"}, "Cleo": {"subtitle": "C"}}
    lise = SpeakerFactory(event=event, name="Lise")
    typed["Cleo"] |= {"appearances-0-speaker": str(lise.pk), "appearances-0-role": "speaker"}
    forms = {name: opened(client, session) for name, client in people.items()}
    start = threading.Barrier(len(people))

    def work(name: str) -> int:
        try:
            start.wait(timeout=20)
            status: int = save(people[name], session, forms[name], **typed[name]).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        statuses = list(pool.map(work, people))

    session.refresh_from_db()
    assert statuses == [302, 302, 302]
    assert (session.title, session.location, session.subtitle) == ("Opening", "Saal 1", "C")
    assert stage(session) == {("Lise", "speaker")}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_the_same_field_at_the_same_moment_one_is_asked(event, session):
    people = {name: editor(event, name) for name in ("Ada", "Ben")}
    forms = {name: opened(client, session) for name, client in people.items()}
    start = threading.Barrier(2)

    def work(name: str) -> int:
        try:
            start.wait(timeout=20)
            status: int = save(people[name], session, forms[name], location=name).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        statuses = dict(zip(people, pool.map(work, people), strict=True))

    session.refresh_from_db()
    [winner] = [name for name, status in statuses.items() if status == 302]
    assert (session.location, sorted(statuses.values())) == (winner, [200, 302])


def test_deleted_row_of_a_deleted_speaker_is_not_brought_back(event, session, on_stage, ada):
    form = opened(ada, session)
    delete_planned(on_stage[0].speaker)

    answer = save(ada, session, form, title="Opening")

    session.refresh_from_db()
    assert (answer.status_code, session.title, stage(session)) == (
        302,
        "Opening",
        {("Hedy", "speaker")},
    )
