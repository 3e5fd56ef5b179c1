"""Who is on a join page is noted with consent only, sparely, and ends when the page does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.models import (
    Coverage,
    EventPrivacy,
    PresenceSetting,
    RecordingConsent,
    RoomRun,
    SessionAttendance,
    Source,
    Stay,
)
from analytics.presence import stays
from analytics.privacy import consent
from events.copying import clone_event
from events.models import EventStatus, Session, User
from kaltura_bridge.join.identity import kaltura_user_id
from tests.factories import EventFactory, RegistrationFactory, TeamMemberFactory, UserFactory
from tests.kaltura_bridge.support.joining import attendee_of, linked, live_session, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def session(settings) -> Session:
    settings.KALTURA_KAF_URL = "https://101.kaf.example.org"
    found = live_session(title="Opening")
    linked(found)
    PresenceSetting.objects.create(event=found.event, is_on=True)
    return found


@pytest.fixture
def ann(session: Session) -> User:
    return attendee_of(session)


@pytest.fixture
def page(ann: User) -> Client:
    return signed_in(ann)


def url(session: Session) -> str:
    return reverse("analytics:presence", args=[session.event.slug, session.slug])


def say(page: Client, session: Session, do: str, stay: str = ""):
    return page.post(url(session), {"do": do, "stay": stay})


def agreed(page: Client, session: Session) -> str:
    """The token of a stay of somebody who has said yes."""
    say(page, session, "yes")
    return str(say(page, session, "join").json()["stay"])


def rewound(minutes: float) -> None:
    """Let all that was noted be so many minutes ago."""
    by = timedelta(minutes=minutes)
    for stay in Stay.objects.all():
        moved = {"joined_at": stay.joined_at - by, "pulled_at": stay.pulled_at - by}
        Stay.objects.filter(pk=stay.pk).update(**moved)


@pytest.mark.parametrize("answer", [None, "no"])
def test_nothing_is_noted_without_a_yes(page: Client, session: Session, answer):
    if answer:
        assert say(page, session, answer).status_code == 204

    said = [say(page, session, do, "x").status_code for do in ("join", "beat", "leave")]

    assert said == [403, 403, 204]
    assert (Stay.objects.count(), RoomRun.objects.count()) == (0, 0)


def test_nothing_is_asked_where_the_event_does_not(page: Client, session: Session):
    setting = PresenceSetting.objects.get()
    setting.is_on = False
    setting.save()
    consent.forget(session.event)

    said = {say(page, session, do).status_code for do in ("yes", "join", "beat", "leave")}

    assert (said, RecordingConsent.objects.count()) == ({404}, 0)
    assert (
        "data-presence" not in page.get(url(session).replace("presence", "join")).content.decode()
    )


def test_a_stay_is_one_row_from_joining_to_leaving(page: Client, session: Session, ann: User):
    token = agreed(page, session)
    rewound(10)
    Stay.objects.update(pulled_at=timezone.now() - timedelta(seconds=40))

    beat = say(page, session, "beat", token).status_code
    left = say(page, session, "leave", token).status_code
    again = say(page, session, "leave", token).status_code

    stay = Stay.objects.get()
    assert (beat, left, again) == (204, 204, 204)
    assert (stay.source, stay.user, stay.run.session) == (Source.PORTAL, ann, session)
    assert (stay.remote_user_id, stay.matched_by) == (kaltura_user_id(ann), "user_id")
    assert (stay.open_interval, round(float(stay.minutes or 0))) == (False, 10)
    assert stay.left_at is not None and timezone.now() - stay.left_at < timedelta(seconds=20)


def test_signs_of_life_are_written_at_most_twice_a_minute(page: Client, session: Session):
    token = agreed(page, session)
    first = Stay.objects.get().pulled_at

    said = [say(page, session, "beat", token).status_code for _ in range(3)]

    assert (said, Stay.objects.get().pulled_at) == ([204] * 3, first)


def test_a_lost_page_ends_its_stay_at_the_last_sign_of_life(page: Client, session: Session):
    token = agreed(page, session)
    rewound(10)
    last = Stay.objects.get().pulled_at

    closed = stays.close_silent(timezone.now())
    late = say(page, session, "beat", token).status_code

    stay = Stay.objects.get()
    assert (closed, late) == (1, 410)
    assert (stay.left_at, stay.open_interval) == (last, False)


def test_who_leaves_after_a_long_silence_left_when_last_seen(page: Client, session: Session):
    """A laptop that slept an hour says goodbye when it wakes up."""
    token = agreed(page, session)
    rewound(60)
    last = Stay.objects.get().pulled_at

    say(page, session, "leave", token)

    assert Stay.objects.get().left_at == last


def test_presence_counts_in_the_figures_beside_other_sources(
    page: Client, session: Session, ann: User
):
    token = agreed(page, session)
    rewound(5)
    Stay.objects.update(pulled_at=timezone.now())
    stays.count_presence(timezone.now())
    there = SessionAttendance.objects.get()
    say(page, session, "leave", token)

    touched = stays.count_presence(timezone.now())
    stays.count_presence(timezone.now() + timedelta(minutes=1))  # Once more, for latecomers.
    quiet = stays.count_presence(timezone.now() + timedelta(minutes=2))

    row, coverage = SessionAttendance.objects.get(), Coverage.objects.get()
    assert there.open_interval and not row.open_interval
    assert (row.user, row.sources, round(float(row.minutes_present))) == (ann, "portal", 5)
    assert (coverage.source, coverage.pulled_rows, coverage.is_complete) == ("portal", 1, True)
    assert (touched, quiet) == ({session.pk}, set())


def test_a_no_after_a_yes_ends_what_is_noted(page: Client, session: Session):
    token = agreed(page, session)

    said = say(page, session, "no", token).status_code

    assert said == 204 and Stay.objects.get().left_at is not None
    assert say(page, session, "join").status_code == 403
    assert RecordingConsent.objects.get().is_given is False


def test_a_no_said_elsewhere_ends_what_is_noted_at_the_next_sign_of_life(
    page: Client, session: Session
):
    token = agreed(page, session)

    page.post(reverse("analytics:answer_consent"), {"event": session.event.slug, "answer": "no"})

    assert say(page, session, "beat", token).status_code == 403
    assert Stay.objects.get().left_at is not None


def test_an_event_that_asks_and_notes_nothing_itself_keeps_the_answer(page: Client, session):
    PresenceSetting.objects.all().delete()
    EventPrivacy.objects.create(event=session.event, asks_consent=True)

    panel = page.get(url(session).replace("presence", "join")).content.decode()
    said = [say(page, session, do).status_code for do in ("yes", "join")]

    assert 'data-presence="ask"' in panel and 'data-beat=""' in panel
    assert (said, Stay.objects.count()) == ([204, 403], 0)
    assert RecordingConsent.objects.get().is_given


def test_nothing_is_noted_once_names_are_replaced(page: Client, session: Session):
    say(page, session, "yes")
    EventPrivacy.objects.create(event=session.event, retained_at=timezone.now())

    assert say(page, session, "join").status_code == 404


def test_nobody_touches_the_stay_of_another(page: Client, session: Session):
    token = agreed(page, session)
    other = signed_in(attendee_of(session))
    agreed(other, session)
    mine = Stay.objects.get(remote_key=token)

    beat = say(other, session, "beat", token).status_code
    say(other, session, "leave", token)

    mine.refresh_from_db()
    assert (beat, mine.left_at) == (410, None)


def test_only_those_who_are_let_in_are_noted(session: Session):
    stranger = signed_in(UserFactory())
    say(stranger, session, "yes")

    assert say(stranger, session, "join").status_code == 403
    assert say(Client(), session, "join").status_code == 403
    assert Client(enforce_csrf_checks=True).post(url(session), {"do": "yes"}).status_code == 403
    assert (Client().get(url(session)).status_code, Stay.objects.count()) == (405, 0)


def test_hidden_sessions_are_not_there(session: Session):
    session.event.status = EventStatus.DRAFT
    session.event.save()

    assert say(signed_in(UserFactory()), session, "join").status_code == 404


def test_a_page_that_joins_without_end_is_stopped(page: Client, session: Session):
    say(page, session, "yes")

    said = [say(page, session, "join").status_code for _ in range(35)]

    assert said == [200] * 30 + [429] * 5
    assert Stay.objects.count() == 30


@pytest.mark.parametrize("stay", ["", "x" * 10_000, "\0", "ü", "' OR 1=1"])
@pytest.mark.parametrize("do", ["beat", "leave", "no", "", "JOIN", "\0"])
def test_whatever_is_sent_is_answered(page: Client, session: Session, do, stay):
    token = agreed(page, session)

    assert say(page, session, do, stay).status_code in (204, 400, 403, 410)
    if do != "no":
        assert Stay.objects.get(remote_key=token).left_at is None


def test_the_join_page_asks_and_holds_no_ks(page: Client, session: Session):
    text = page.get(url(session).replace("presence", "join")).content.decode()

    assert 'data-presence="ask"' in text and "analytics/presence.js" in text
    assert "djJ8" not in text


def test_planners_switch_it_for_their_event(client: Client, session: Session):
    client.force_login(TeamMemberFactory(event=session.event, role="owner").user)

    form = client.get(reverse("admin:events_event_change", args=[session.event.pk]))

    assert "presence_setting-0-is_on" in form.content.decode()


def test_a_copy_asks_as_its_original_does(session: Session):
    RecordingConsent.objects.create(
        event=session.event, user=RegistrationFactory(event=EventFactory()).user, is_given=True
    )
    first = session.event.starts_on + timedelta(days=365)

    copy = clone_event(session.event, title="Next", starts_on=first)

    assert PresenceSetting.objects.get(event=copy).is_on
    assert not RecordingConsent.objects.filter(event=copy).exists()
