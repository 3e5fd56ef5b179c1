"""What the report pages say, to whom, and that each says the same as the others."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.aggregate import rebuild_all
from analytics.models import (
    EventPrivacy,
    PresenceSetting,
    PrivacyMode,
    SessionAttendance,
    StoredFigures,
)
from analytics.privacy.modes import rules_of
from events.models import Session
from tests.analytics.reports.conftest import START, hold
from tests.analytics.test_admin import figures_of, text_of
from tests.factories import EventFactory, InteractiveFactory, RegistrationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:analytics_{name}", args=args)


@pytest.fixture
def reader(client: Any, analyst: Any) -> Any:
    client.force_login(analyst)
    return client


def sessions_in(page: Any) -> list[str]:
    """The titles in the table of sessions."""
    return re.findall(r'<th scope="row"><a href="[^"]+">(\w+)</a></th>', page.content.decode())


def code_of(event: Any, name: str) -> str:
    return rules_of(event).pseudonym(str(event.registrations.get(user__name=name).user.uuid))


# --- Filters ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "titles", "visits"),
    [
        ("", ["Opening", "Soil", "Water", "Closing"], "19"),
        ("?track=yard", ["Water", "Closing"], "7"),
        ("?day=2030-05-06", ["Opening", "Soil", "Water"], "16"),
        ("?day=2030-05-06&track=yard", ["Water"], "4"),
        # What the event does not have is no filter, so an old link shows all.
        ("?track=gone&day=x&type=studio", ["Opening", "Soil", "Water", "Closing"], "19"),
    ],
)
def test_filters_are_addresses(reader, event, query, titles, visits):
    page = reader.get(url("event_report", event.pk) + query)

    assert (sessions_in(page), figures_of(page)["Visits"]) == (titles, visits)


def test_links_say_how_many_sessions_each_would_show(reader, event):
    page = reader.get(url("event_report", event.pk) + "?track=yard").content.decode()
    links = re.findall(
        r'<a href="([^"]+)"( aria-current="true")?><span dir="auto">([^<]+)</span> '
        r'<span class="quiet">(\d+)</span>',
        page,
    )

    assert [(href, bool(now), label, int(number)) for href, now, label, number in links] == [
        ("?", False, "All", 4),
        ("?track=hall", False, "Hall", 2),
        ("?track=yard", True, "Yard", 2),
        ("?track=yard", True, "All", 2),
        ("?track=yard&amp;day=2030-05-06", False, "Mon 06 May 2030", 1),
        ("?track=yard&amp;day=2030-05-07", False, "Tue 07 May 2030", 1),
    ]


def test_an_event_is_as_complete_as_its_worst_session(reader, event):
    whole = reader.get(url("event_report", event.pk))
    yard = reader.get(url("event_report", event.pk) + "?track=yard")

    assert "1 of 4 sessions is not complete" in text_of(whole)
    assert whole.content.decode().count("badge-bad") == 12  # Eleven figures, and the session.
    assert "badge-bad" not in yard.content.decode()


def test_the_day_is_a_map_of_hours(reader, event):
    def rows(query: str) -> list[tuple[str, list[str]]]:
        body = reader.get(url("event_report", event.pk) + query).content.decode()
        heat = body[body.index('id="heat"') :]
        heat = heat[: heat.index("</figure>")]
        found = re.findall(r'<th scope="row" dir="auto">(?:<a [^>]+>)?([^<]+)<.*?</tr>', heat)
        cells = [re.findall(r'heat-\d">(\d+)<', line) for line in heat.split("</tr>")[1:-1]]
        return list(zip(found, cells, strict=True))

    # 11:00, 12:00 and 13:00 in Berlin.
    assert rows("") == [("Mon 06 May 2030", ["7", "0", "7"]), ("Tue 07 May 2030", ["3", "0", "0"])]
    assert rows("?day=2030-05-06") == [
        ("Hall", ["7", "0", "5"]),
        ("Yard", ["0", "0", "4"]),
        ("All together", ["7", "0", "7"]),
    ]


# --- People, two things, many events ----------------------------------------------


def test_a_person_is_told_with_every_stay(reader, event):
    page = reader.get(url("person_report", event.pk, code_of(event, "Person 0")))

    assert figures_of(page) == {
        "Sessions attended": "3",
        "Sessions long enough": "3",
        "Minutes present in all": "120.00",
    }
    assert sessions_in(page) == ["Opening", "Soil", "Closing"]
    assert "Opening Meeting room 6 May, 11:00:00 6 May, 11:40:00 40.00" in text_of(page)


def test_whoever_was_not_seen_has_a_page_that_says_so(reader, event):
    user = RegistrationFactory(event=event, user__name="Absent Abe").user
    code = rules_of(event).pseudonym(str(user.uuid))

    said = text_of(reader.get(url("person_report", event.pk, code)))

    assert "Registered for the event." in said
    assert "Not seen in any session" in said


def test_lists_lead_to_people_by_codes_that_tell_nothing(reader, event, sessions):
    body = reader.get(url("session_report", sessions["Opening"].pk)).content.decode()
    links = re.findall(rf'href="({url("event_report", event.pk)}people/P-[0-9a-f]+/)"', body)

    assert len(links) == 7  # Six people and a guest.
    assert {reader.get(link).status_code for link in links} == {200}
    assert reader.get(url("person_report", event.pk, "P-0")).status_code == 404


def test_a_pseudonymous_event_has_people_without_names(reader, event, sessions):
    EventPrivacy.objects.create(event=event, mode=PrivacyMode.PSEUDONYMOUS)
    body = reader.get(url("session_report", sessions["Opening"].pk)).content.decode()
    links = re.findall(rf'href="({url("event_report", event.pk)}people/P-[0-9a-f]+/)"', body)
    said = "".join(reader.get(link).content.decode() for link in links)

    names = set(event.registrations.values_list("user__name", "user__email", "user__uuid"))
    own = {text for texts in names for text in map(str, texts)} | {"A guest"}
    assert len(links) == 7
    assert {text for text in own if text in body + said} == set()


def test_an_aggregate_event_tells_of_no_person_and_draws_no_curve(reader, event, sessions):
    code = code_of(event, "Person 0")
    EventPrivacy.objects.create(event=event, mode=PrivacyMode.AGGREGATE, minimum_group=3)
    pair = f"?a=session-{sessions['Opening'].pk}&b=session-{sessions['Water'].pk}"
    compared = reader.get(url("comparison") + pair)
    across = text_of(reader.get(url("across")))

    assert reader.get(url("person_report", event.pk, code)).status_code == 404
    assert "<svg class" not in compared.content.decode()
    assert "Field days Groups of people only: on its own page." in across
    assert figures_of(reader.get(url("across")))["Visits"] == "0"


def test_two_sessions_side_by_side(reader, sessions):
    pair = f"?a=session-{sessions['Opening'].pk}&b=session-{sessions['Water'].pk}"
    page = reader.get(url("comparison") + pair)
    body = page.content.decode()
    rows = re.findall(
        r'<th scope="row">([^<]+) <span.*?</th><td class="num">([^<]*)</td>'
        r'<td class="num">([^<]*)</td><td class="num">([^<]*)</td>',
        body,
    )

    told = {label: tuple(values) for label, *values in rows}
    assert told["Attended"] == ("7", "4", "-3")
    assert told["Registered, did not come"] == ("0", "3", "+3")
    assert told["Attention"] == ("50.0%", "35.0%", "-15.0")
    # Each by the minutes since its own start.
    minutes = re.findall(
        r'dir="auto">(-?\d+)</th><td class="num">(\d+)</td><td class="num">(\d+)</td>', body
    )
    assert ("0", "1", "1") in minutes
    assert ("6", "7", "4") in minutes
    assert ("-15", "0", "0") in minutes


@pytest.mark.parametrize("query", ["?a=session-999999", "?a=event-0", "?a=x", "?a=session-²"])
def test_what_is_not_there_cannot_be_compared(reader, query):
    assert reader.get(url("comparison") + query).status_code == 404


def test_what_is_not_ones_own_is_answered_as_what_is_not_there(reader, event, sessions):
    theirs = InteractiveFactory(event=EventFactory(), starts_at=START)
    mine = f"session-{sessions['Opening'].pk}"
    asked = [
        f"?a=session-{theirs.pk}",
        f"?a={mine}&b=session-{theirs.pk}",
        f"?a=event-{theirs.event_id}",
        f"?a={mine}&b=event-{event.pk}",  # A session and an event have too little in common.
    ]

    assert [reader.get(url("comparison") + query).status_code for query in asked] == [404] * 4


def test_events_side_by_side_are_ones_own(reader, event):
    EventFactory(title="Theirs")
    page = reader.get(url("across"))

    assert figures_of(page) == {
        "Registered": "6",
        "Attended": "6",
        "Different people": "6",
        "Visits": "19",
        "Hours attended": "12.7",
    }
    assert "Field days 6 6 0% 19 12.7 120.00 7 Totals disagree Compare" in text_of(page)
    assert "Theirs" not in page.content.decode()


# --- Costs --------------------------------------------------------------------


def test_an_event_costs_the_same_queries_for_ten_and_for_five_hundred_sessions(reader, event):
    page = url("event_report", event.pk)

    def queries(sessions: int) -> int:
        more = sessions - event.sessions.count()
        track = event.tracks.first()
        made = [
            Session(
                event=event,
                track=track,
                title=f"S{n}",
                slug=f"s{n}-{sessions}",
                session_type="interactive",
                status="published",
                starts_at=START,
                ends_at=START + timedelta(hours=1),
            )
            for n in range(more)
        ]
        made = Session.objects.bulk_create(made)
        rows = [StoredFigures(session=session, figures={}) for session in made]
        StoredFigures.objects.bulk_create(rows)
        reader.get(page)
        with CaptureQueriesContext(connection) as asked:
            assert len(sessions_in(reader.get(page))) == sessions
        return len(asked)

    assert queries(10) == queries(500) <= 9


def test_an_event_says_what_is_long_enough(reader, event):
    PresenceSetting.objects.create(event=event, enough_percent=100)
    page = reader.get(url("event_report", event.pk))

    # 40 of 45 minutes and five of grace; who came six minutes late has one too few.
    assert figures_of(page)["Visits long enough"] == "18"
    assert "for 100 %, 50 %: 19" in text_of(page)
    code = code_of(event, "Person 0")
    assert (
        figures_of(reader.get(url("person_report", event.pk, code)))["Sessions long enough"] == "3"
    )


def test_pages_cost_the_same_queries_for_more_people_and_sessions(reader, event, sessions):
    code = code_of(event, "Person 0")
    pair = f"?a=session-{sessions['Opening'].pk}&b=session-{sessions['Water'].pk}"
    pages = [
        url("event_report", event.pk),
        url("event_report", event.pk) + "?track=yard",
        url("session_report", sessions["Opening"].pk),
        url("person_report", event.pk, code),
        url("across"),
        url("comparison") + pair,
    ]

    def queries() -> list[int]:
        counts = []
        for page in pages:
            reader.get(page)  # Whoever looks first computes what has changed.
            with CaptureQueriesContext(connection) as seen:
                assert reader.get(page).status_code == 200
            counts.append(len(seen))
        return counts

    RegistrationFactory(event=event)
    few = queries()
    people = [RegistrationFactory(event=event).user for _ in range(9)]
    more = InteractiveFactory(
        event=event, track=sessions["Water"].track, starts_at=START + timedelta(hours=5)
    )
    hold(more, [*people, event.registrations.get(user__name="Person 0").user])
    rebuild_all([more.pk])

    assert queries() == few
    assert few[2] == 7
    assert SessionAttendance.objects.filter(session=more).count() == 11


def test_charts_that_are_kept_follow_the_attendance_and_the_language(reader, sessions):
    """They are rendered once for each version; who prints or reads German gets their own."""
    opening = sessions["Opening"]
    page = url("session_report", opening.pk)

    def charts(query: str = "") -> str:
        body = reader.get(page + query).content.decode()
        return body[body.index("chart-grid-of") : body.index('<section class="people"')]

    first, again = charts(), charts()
    printed, german = charts("?print=1"), charts("?lang=de")
    reader.get(page + "?lang=en")
    opening.room_runs.get().stays.first().delete()
    rebuild_all([opening.pk])
    after = charts()

    assert first == again
    assert len({first, printed, german, after}) == 4
    assert "<details open>" in printed
    assert "<details open>" not in first


def test_an_events_charts_that_are_kept_follow_its_sessions_and_the_language(reader, event):
    page = url("event_report", event.pk)

    def drawn(query: str = "") -> str:
        body = reader.get(page + query).content.decode()
        return body[body.index("<figure") : body.rindex("</figure>")]

    first, again = drawn(), drawn()
    printed, german = drawn("?print=1"), drawn("?lang=de")
    reader.get(page + "?lang=en")
    event.tracks.filter(name="Yard").update(name="Meadow")
    renamed = drawn()
    opening = event.sessions.get(title="Opening")
    opening.room_runs.get().stays.first().delete()
    rebuild_all([opening.pk])
    after = drawn()

    assert first == again
    assert len({first, printed, german, renamed, after}) == 5
    assert ("Yard" in first, "Yard" in renamed, "Meadow" in renamed) == (True, False, True)
