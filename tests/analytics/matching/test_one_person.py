"""Somebody whom several sources name is one person, in whatever order they are heard of."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.aggregate import person_key
from analytics.figures.renewal import renew
from analytics.figures.summary import event_figures_of, figures_of
from analytics.matching.decisions import StaleDecision, link_person, undo_link
from analytics.matching.settle import settle_runs, settle_totals
from analytics.models import (
    MatchedBy,
    RecordingConsent,
    SessionAttendance,
    Source,
    Stay,
    ViewerTotal,
)
from analytics.privacy.tokens import token_of_person
from analytics.privacy.withholding import Withholding
from analytics.sources.parsing import ViewerRow
from kaltura_bridge.join.identity import kaltura_user_id
from tests.analytics.support.stays import NINE, at, run_in, stay_in
from tests.factories import EventFactory, InteractiveFactory, RegistrationFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

REPORTS = [Source.REPORT, Source.ENGAGEMENT, Source.REALTIME]


@pytest.fixture
def session() -> Any:
    return InteractiveFactory(starts_at=NINE, ends_at=NINE + timedelta(minutes=45))


def watched(session: Any, source: str, who: str, minutes: int = 20, email: str = "") -> None:
    ViewerTotal.objects.create(
        source=source,
        entry_remote_id=f"1_entry{session.pk}",
        remote_user_id=who,
        session=session,
        name="Somebody",
        live_minutes=minutes,
        recording_minutes=0,
        raw={"user_id": who, "email": email} if email else {},
        pulled_at=at(60),
    )


def attendee(session: Any, address: str = "") -> Any:
    user = RegistrationFactory(event=session.event).user
    if address:
        EmailAddress.objects.create(user=user, email=address, verified=True)
    return user


def counted(session: Any) -> list[tuple[int | None, str, str]]:
    """Who counts in the session: account, sources, minutes."""
    settle_totals(session)
    renew([session.pk], force=True)
    rows = SessionAttendance.objects.filter(session=session).order_by("pk")
    return sorted(((row.user_id, row.sources, str(row.minutes_present)) for row in rows), key=str)


def test_an_unknown_person_of_two_reports_is_one(session):
    watched(session, Source.REPORT, "jdoe", 20)
    watched(session, Source.ENGAGEMENT, "jdoe", 25)
    watched(session, Source.REPORT, "other", 5)

    assert counted(session) == [
        (None, "report", "5.00"),
        (None, "report+engagement", "25.00"),
    ]


def test_a_link_holds_for_every_report_that_names_the_person_so(session):
    ann, analyst = attendee(session), UserFactory()
    for source in REPORTS:
        watched(session, source, "jdoe")

    link = link_person(session.event, Source.REPORT, "jdoe", ann, analyst)
    linked = counted(session)
    with pytest.raises(StaleDecision):
        link_person(session.event, Source.REPORT, "jdoe", attendee(session), analyst)
    undo_link(link, analyst)

    assert linked == [(ann.pk, "report+engagement+realtime", "20.00")]
    assert counted(session) == [(None, "report+engagement+realtime", "20.00")]


@pytest.mark.parametrize("first", REPORTS[:2])
def test_an_address_in_one_report_tells_of_the_id_in_another(session, first):
    """Whichever of them comes first, and in whichever session the address stands."""
    ann = attendee(session, "ann@uni.example")
    later = InteractiveFactory(event=session.event, starts_at=at(120), ends_at=at(160))
    for source in sorted(REPORTS[:2], key=lambda each: each != first):
        place = later if source == Source.ENGAGEMENT else session
        watched(place, source, "jdoe", email="Ann@uni.example" if place is later else "")
        settle_totals(place)

    assert counted(session) == [(ann.pk, "report", "20.00")]
    assert counted(later) == [(ann.pk, "engagement", "20.00")]
    assert event_figures_of(session.event).attended == 1


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_an_id_with_the_addresses_of_two_accounts_is_nobodys(session, when):
    ann, ben = attendee(session, "ann@uni.example"), attendee(session, "ben@uni.example")
    later = InteractiveFactory(event=session.event, starts_at=at(120), ends_at=at(160))
    heard = [(session, "ann@uni.example"), (later, "ben@uni.example")]
    heard.insert(["before", "between", "after"].index(when), (session, ""))
    for place, email in heard:
        watched(place, Source.ENGAGEMENT if email else Source.REPORT, "shared", email=email)
        settle_totals(place)

    rows = ViewerTotal.objects.order_by("source", "session")
    assert [row.user and row.user.email for row in rows] == [ann.email, ben.email, None]


def test_a_rooms_own_number_is_nobody_elses_id(session):
    run = run_in(session, 1, at(45))
    Stay.objects.bulk_create(
        [stay_in(run, "900", at(0), at(10)), stay_in(run, "jdoe", at(0), at(30))]
    )
    watched(session, Source.ENGAGEMENT, "900", 12)
    watched(session, Source.ENGAGEMENT, "jdoe", 28)

    assert counted(session) == [
        (None, "engagement", "12.00"),
        (None, "newrow", "10.00"),
        (None, "newrow+engagement", "30.00"),
    ]


def test_a_no_holds_for_every_report_that_names_the_person_so(session):
    ann = attendee(session)
    watched(session, Source.REPORT, "jdoe")
    link_person(session.event, Source.REPORT, "jdoe", ann, UserFactory())
    RecordingConsent.objects.create(event=session.event, user=ann, is_given=False)
    row = ViewerRow(user_id="jdoe", user_name="Ann", sum_view_period=1, sum_live_view_period=1)

    names = Withholding(session.event)
    stored = names.viewers(Source.ENGAGEMENT, [(row, {"user_id": "jdoe"})], "1_entry")

    assert [(kept.user_id, kept.name, raw) for kept, raw in stored] == [
        (token_of_person(session.event, ann), "", {})
    ]


@pytest.mark.parametrize("seed", range(12))
def test_people_of_any_sources_are_counted_once(seed):
    """Each is known by what chance gives them, and heard of in any order; nobody is two."""
    chance = Random(seed)
    event = EventFactory()
    session = InteractiveFactory(event=event, starts_at=NINE, ends_at=at(60))
    run = run_in(session, 1, at(60))
    analyst, heard, links, in_room = UserFactory(), [], [], 0
    people = range(chance.randint(3, 8))
    for number in people:
        kind = chance.choice(["ours", "address", "linked", "unknown"])
        known = "" if kind == "unknown" else attendee(session, f"p{number}@uni.example")
        who = kaltura_user_id(known) if kind == "ours" else f"id-{number}"
        sources = chance.sample([Source.NEWROW, *REPORTS], chance.randint(1, 4))
        if kind == "address":
            sources = list({*sources, Source.ENGAGEMENT})
        if kind == "linked":
            links.append((chance.choice(sources), who, known))
        in_room += Source.NEWROW in sources
        heard += [
            (source, who, f"p{number}@uni.example" if kind == "address" else "")
            for source in sources
        ]
    chance.shuffle(heard)
    for source, who, email in heard:
        if source == Source.NEWROW:
            # The room tells no account here: matching has to.
            Stay.objects.bulk_create([stay_in(run, who, at(0), at(40))])
            settle_runs([run])
            Stay.objects.filter(run=run).update(run=run)
            run.session = session
            run.save()
        else:
            said = email if source == Source.ENGAGEMENT else ""
            watched(session, source, who, chance.randint(1, 59), said)
        settle_totals(session)
    for source, who, user in links:
        link_person(event, source, who, user, analyst)
    settle_runs([run])
    run.session = session
    run.save()
    settle_totals(session)
    renew([session.pk], force=True)

    rows = list(SessionAttendance.objects.filter(session=session))
    found, whole = figures_of([session])[session.pk], event_figures_of(event)
    keys = {person_key(row) for row in [*Stay.objects.all(), *ViewerTotal.objects.all()]}
    assert len(rows) == found.attended == whole.attended == len(people) == len(keys)
    assert found.peak == whole.peak == in_room
    assert all(row.minutes_present > Decimal(0) for row in rows)
    addressed = ViewerTotal.objects.filter(matched_by=MatchedBy.ADDRESS)
    assert not addressed.filter(user=None).exists()


def test_many_people_of_two_reports_cost_no_more_queries_than_one(session):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            settle_totals(session)
        return len(asked)

    for number in range(4):
        address = f"p{number}@uni.example"
        attendee(session, address)
        watched(session, Source.REPORT, f"p{number}")
        watched(session, Source.ENGAGEMENT, f"p{number}", email=address)
        settle_totals(session)
        if number == 0:
            one = queries()

    assert queries() == one
    assert [user for user, _, _ in counted(session)].count(None) == 0
