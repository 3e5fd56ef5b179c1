"""Nothing names an erased person, every figure stays, and what is reported later names nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from analytics.exports.making import path_of, sweep
from analytics.figures.renewal import renew
from analytics.figures.summary import event_figures_of, figures_of
from analytics.models import (
    AttendanceFile,
    CreditAppeal,
    CreditOverride,
    CreditRule,
    ErasureReceipt,
    FileState,
    KalturaErasure,
    RecordingConsent,
    RejectedRow,
    SessionAttendance,
    Stay,
)
from analytics.presence import stays
from analytics.privacy.at_kaltura import ask_due
from analytics.privacy.erasing import CannotErase, erase_person
from analytics.pull import pull_attendance
from events.models import (
    Bookmark,
    NewsPreferences,
    OutgoingMail,
    PersonalFeed,
    Registration,
    SessionPlace,
    SharedAgenda,
    SignUpAnswer,
    TeamRole,
    User,
    WaitingListEntry,
)
from kaltura_bridge.join.identity import kaltura_user_id
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def every_text() -> Iterator[str]:
    """All that the database holds, of every table."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.proxy:
            for row in model._base_manager.values_list():
                yield from (json.dumps(value, default=str) for value in row)


def traces_of(*words: str) -> list[str]:
    lowered = [word.casefold() for word in words]
    return [text for text in every_text() if any(word in text.casefold() for word in lowered)]


@pytest.fixture
def held(hold):
    """Ada and Bob were in a room and watched a webcast; both are known to Kaltura."""
    conference = hold(rooms=1, webcasts=1)
    (room,), (webcast,) = conference.rooms, conference.webcasts
    ada, bob = conference.person("Ada Lovelace"), conference.person("Bob")
    conference.visit(room, ada, 0, 20)
    conference.visit(room, ada, 30, 40)
    conference.visit(room, bob, 5, 45)
    conference.visit(webcast, ada, 0, 30)
    BookmarkFactory(session=room, user=ada)
    pull_attendance(conference.event)
    return conference, ada


def figures(conference):
    """All figures of the event; when they were pulled is no figure."""
    sessions = [*conference.rooms, *conference.webcasts]
    found = figures_of(sessions)
    rows = [*(found[session.pk] for session in sessions), event_figures_of(conference.event)]
    return [replace(row, as_of=None) for row in rows]


def times(session):
    rows = SessionAttendance.objects.filter(session=session)
    return sorted(rows.values_list("minutes_present", "join_count", "attended"))


def test_nothing_names_an_erased_person(held):
    _, ada = held
    ours, uuid = [ada.email, "Lovelace", ada.uuid.hex, str(ada.uuid)], ada.uuid
    RejectedRow.objects.create(
        source="newrow",
        place="1_room",
        field="time_joined",
        reason="is empty",
        raw={"lti_user_id": kaltura_user_id(ada), "user_name": "A. L."},
        digest="d",
    )
    assert traces_of(*ours)

    receipt = erase_person(ada, None)

    # Kaltura has yet to be asked, by the id that it knows.
    assert traces_of(*ours) == [json.dumps(f"portal-{uuid.hex}")]
    assert receipt.kaltura_user_id == f"portal-{uuid.hex}"
    ask_due()
    assert traces_of(*ours) == []


def test_every_figure_stays(held):
    conference, ada = held
    before, (room,) = figures(conference), conference.rooms
    counted = [Registration.objects.count(), Bookmark.objects.count(), times(room)]

    erase_person(ada, None)

    assert figures(conference) == before
    assert [Registration.objects.count(), Bookmark.objects.count(), times(room)] == counted


def test_who_was_on_stage_is_no_audience_afterwards(held):
    conference, ada = held
    (room,) = conference.rooms
    speaker = SpeakerFactory(event=conference.event, user=ada)
    SessionSpeakerFactory(session=room, speaker=speaker)
    renew([room.pk], force=True)
    before = figures(conference)

    erase_person(ada, None)
    renew([session.pk for session in (*conference.rooms, *conference.webcasts)], force=True)

    assert figures(conference) == before
    assert [figures.stage for figures in before] == [1, 0, 1]
    speaker.refresh_from_db()
    assert speaker.user is None


def test_what_is_reported_again_names_nobody_and_counts_once(held):
    conference, ada = held
    before, (room,) = figures(conference), conference.rooms
    words = (ada.email, "Lovelace", ada.uuid.hex)
    before_stays = Stay.objects.count()
    erase_person(ada, None)
    ask_due()

    pull_attendance(conference.event)

    assert traces_of(*words) == []
    assert (Stay.objects.count(), figures(conference)) == (before_stays, before)
    assert [str(minutes) for minutes, _, _ in times(room)] == ["30.00", "40.00"]


def test_who_is_erased_before_they_are_reported_is_unnamed_at_once(hold):
    conference = hold(rooms=1)
    (room,) = conference.rooms
    ada = UserFactory(name="Ada Lovelace")
    conference.visit(room, ada, 0, 20)
    erase_person(ada, None)
    ask_due()

    pull_attendance(conference.event)

    assert traces_of("Lovelace", ada.email, ada.uuid.hex) == []
    assert [(str(m), joins) for m, joins, _ in times(room)] == [("20.00", 1)]


def test_nobody_is_known_again_by_where_they_were(db):
    ada = UserFactory()
    for _ in range(2):
        RegistrationFactory(user=ada)

    erase_person(ada, None)

    people = Registration.objects.values_list("user", flat=True)
    assert len(set(people)) == 2
    assert set(User.objects.filter(pk__in=people).values_list("name", "is_active")) == {
        ("Unnamed person", False)
    }


def test_the_receipt_says_what_was_done_and_names_nobody(held):
    _, ada = held
    operator = UserFactory(is_staff=True, is_superuser=True)
    receipt = erase_person(ada, operator)
    ask_due()
    receipt.refresh_from_db()

    assert (receipt.asked_by, receipt.by_themselves) == (operator, False)
    assert receipt.rows["analytics.Stay"] == 2
    assert receipt.rows["events.Registration"] == receipt.rows["events.Bookmark"] == 1
    assert receipt.rows["events.User"] == 1
    assert (receipt.kaltura_state, receipt.kaltura_user_id) == (KalturaErasure.UNKNOWN, "")
    assert [line["call"] for line in receipt.kaltura_log] == ["user.delete"]


# --- Kaltura's side -------------------------------------------------------------------------


def known_at_kaltura(simulator, user):
    """Kaltura knows whoever has entered; here they are added by the API."""
    from kaltura_bridge.api.client import Kaltura, Request, new

    added = new("KalturaUser", id=kaltura_user_id(user), fullName=user.name)
    Kaltura().ask([Request(lambda c: c.user.add(added), write=True)])


def users_at(simulator):
    return {row["id"] for row in simulator.objects("user")}


def test_kaltura_deletes_its_user(simulator):
    ada = UserFactory()
    known_at_kaltura(simulator, ada)
    assert kaltura_user_id(ada) in users_at(simulator)

    receipt = erase_person(ada, None)
    assert ask_due() == 1

    receipt.refresh_from_db()
    assert receipt.kaltura_state == KalturaErasure.DONE
    assert kaltura_user_id(ada) not in users_at(simulator)


def test_kaltura_is_asked_again_when_it_was_away_or_its_answer_was_lost(simulator):
    ada = UserFactory()
    known_at_kaltura(simulator, ada)
    simulator.lose_reply("user.delete")
    receipt = erase_person(ada, None)

    assert ask_due() == 0
    receipt.refresh_from_db()
    assert (receipt.kaltura_state, len(receipt.kaltura_log)) == (KalturaErasure.WAITING, 1)
    assert ask_due() == 0  # Not due yet.
    ErasureReceipt.objects.update(next_try_at=timezone.now())
    assert ask_due() == 1
    receipt.refresh_from_db()
    # The first call had done it.
    assert receipt.kaltura_state == KalturaErasure.UNKNOWN
    assert simulator.calls("user.delete") == 2


def test_what_kaltura_refuses_waits_for_a_person(simulator, client):
    simulator.answer_with("user.delete", "SERVICE_FORBIDDEN")
    receipt = erase_person(UserFactory(), None)
    ask_due()
    receipt.refresh_from_db()
    assert receipt.kaltura_state == KalturaErasure.REFUSED
    assert receipt.kaltura_user_id

    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    form = {"action": "ask_again", "_selected_action": [receipt.pk]}
    client.post(reverse("admin:analytics_erasurereceipt_changelist"), form)
    assert ask_due() == 1


# --- Who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [TeamRole.OWNER, TeamRole.ANALYST, None])
def test_only_administrators_erase_others(client, role):
    ada = RegistrationFactory().user
    asker = UserFactory(is_staff=True)
    if role:
        TeamMemberFactory(event=ada.registrations.get().event, user=asker, role=role)
    client.force_login(asker)
    url = reverse("admin:analytics_erase_person", args=[ada.pk])

    assert [client.get(url).status_code, client.post(url).status_code] == [403, 403]
    assert User.objects.filter(pk=ada.pk).exists()


def test_an_administrator_erases_and_sees_the_receipt(client):
    ada = RegistrationFactory(user__name="Ada Lovelace").user
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    url = reverse("admin:analytics_erase_person", args=[ada.pk])
    asked = client.get(url).content.decode()

    page = client.post(url, follow=True).content.decode()

    assert "This cannot be undone." in asked
    assert "Erased. This is the receipt." in page
    assert "Lovelace" not in page


def test_administrators_are_not_erased(client):
    boss = UserFactory(is_staff=True, is_superuser=True)

    with pytest.raises(CannotErase):
        erase_person(boss, None)


def test_a_person_erased_twice_is_erased_once():
    ada = UserFactory()
    again = User.objects.get(pk=ada.pk)
    erase_person(ada, None)

    with pytest.raises(CannotErase):
        erase_person(again, None)
    assert ErasureReceipt.objects.count() == 1


def test_a_failure_leaves_everything_as_it_was():
    """Never half done: what fails on the way undoes all of it."""
    from events.signals import person_erased

    registration = RegistrationFactory(event=SessionFactory().event)

    def fail(**_: object) -> None:
        raise RuntimeError("No")

    person_erased.connect(fail, dispatch_uid="fail")
    try:
        with pytest.raises(RuntimeError):
            erase_person(registration.user, None)
    finally:
        person_erased.disconnect(dispatch_uid="fail")
    registration.refresh_from_db()
    assert User.objects.count() == 1
    assert ErasureReceipt.objects.count() == 0


# --- Everywhere -------------------------------------------------------------------------------


def test_nothing_that_somebody_had_agreed_to_or_shared_is_left(held, settings, tmp_path):
    """Feeds, links, mails, answers, appeals, presence, files: whatever has a row of theirs."""
    settings.EXPORT_DIR = str(tmp_path)
    conference, ada = held
    (room,), event = conference.rooms, conference.event
    rule = CreditRule.objects.create(event=event, title="Points")
    question = event.questions.create(label="Diet")
    made = [
        PersonalFeed.objects.create(user=ada, event=event),
        SharedAgenda.objects.create(user=ada, event=event),
        NewsPreferences.objects.create(user=ada),
        RecordingConsent.objects.create(event=event, user=ada, is_given=True),
        SessionPlace.objects.create(session=room, user=ada),
        WaitingListEntry.objects.create(event=EventFactory(), user=ada),
        SignUpAnswer.objects.create(question=question, user=ada, value="Ada Lovelace eats all"),
        CreditAppeal.objects.create(rule=rule, user=ada, text="Ada Lovelace was there"),
        CreditOverride.objects.create(rule=rule, user=ada, is_earned=True, credits=1, reason="x"),
        OutgoingMail.objects.create(
            key="k",
            kind="changed",
            user=ada,
            address=ada.email,
            about="x",
            context={"to": ada.name},
        ),
        AttendanceFile.objects.create(
            event=event, user=ada, level="person", form="csv", show="all"
        ),
    ]
    token = stays.begin(room, ada, room.starts_at)
    stays.end(room, ada, token, room.starts_at)
    bob = conference.event.registrations.exclude(user=ada).get().user
    named = AttendanceFile.objects.create(
        event=event, user=bob, level="person", form="csv", show="all", state=FileState.READY
    )
    path_of(named.uuid).write_text(f"{ada.name},{ada.email}")

    receipt = erase_person(ada, None)
    sweep(timezone.now())
    ask_due()

    assert traces_of(ada.email, "Lovelace", ada.uuid.hex, str(ada.uuid)) == []
    assert {type(row)._meta.label for row in made} <= set(receipt.rows)
    assert not User.objects.filter(email__iexact=ada.email).exists()
    # Only the stay stays, as nobody's; and the file that names them is gone from the disk.
    assert Stay.objects.filter(source="portal").exclude(user__is_active=False).count() == 0
    named.refresh_from_db()
    assert (named.state, list(tmp_path.iterdir())) == (FileState.GONE, [])
