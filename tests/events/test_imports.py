"""import_agenda, as a person at the terminal meets it."""

from __future__ import annotations

import io
import json
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from events import signals
from events.actions import cancel_session, publish_session
from events.models import (
    Event,
    EventStatus,
    Session,
    SessionSpeaker,
    SessionStatus,
    Speaker,
    SpeakerRole,
    Track,
)
from tests.factories import EventFactory, SessionFactory, SpeakerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SCHEDULES = Path(__file__).parents[2] / "portal" / "demo_data"
CONGRESS = SCHEDULES / "31c3.xml"
CAMP = SCHEDULES / "camp2019.json"
ZONE = "--timezone=Europe/Berlin"


def run(*args: object) -> tuple[str, int]:
    """What the command prints, and its exit code."""
    out = io.StringIO()
    try:
        call_command("import_agenda", *map(str, args), stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}", error.returncode
    return out.getvalue(), 0


def run_json(*args: object) -> tuple[dict[str, Any], int]:
    out = io.StringIO()
    code = 0
    try:
        call_command("import_agenda", *map(str, args), "--json", stdout=out)
    except CommandError as error:
        code = error.returncode
    return json.loads(out.getvalue()), code


def counts(document: dict[str, Any]) -> tuple[int, ...]:
    numbers = tuple(document[key] for key in ("new", "changed", "removed", "unchanged"))
    return (*numbers, len(document["rejected"]))


def talk(**changes: Any) -> dict[str, Any]:
    return {
        "guid": "g-1",
        "date": "2026-03-29T09:00:00+02:00",
        "duration": "01:00",
        "title": "Opening",
        "subtitle": "",
        "track": "Main",
        "language": "en",
        "abstract": "Hello",
        "persons": [{"id": 7, "public_name": "Ada"}],
        **changes,
    }


def conference(*talks: Any, **header: Any) -> dict[str, Any]:
    about = {"acronym": "conf", "title": "The Conf", "time_zone_name": "Europe/Berlin", **header}
    days = [{"index": 1, "date": "2026-03-29", "rooms": {"Hall": list(talks)}}]
    return {"schedule": {"conference": {**about, "days": days}}}


@pytest.fixture
def schedule(tmp_path: Path) -> Any:
    """Writes a schedule.json of these talks and names the file."""
    path = tmp_path / "schedule.json"

    def write(*talks: Any, **header: Any) -> Path:
        path.write_text(json.dumps(conference(*talks, **header)))
        return path

    return write


def everything() -> dict[str, list[Any]]:
    """All rows of the domain, to see whether anything at all was written."""
    models = (Event, Track, Session, Speaker, SessionSpeaker)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


# --- The two real schedules --------------------------------------------------


def test_import_of_31c3_makes_the_event_from_its_header_and_all_138_talks():
    started = time.monotonic()
    document, code = run_json("31c3", CONGRESS, ZONE, "--apply")
    seconds = time.monotonic() - started

    assert (counts(document), document["applied"], code) == ((138, 0, 0, 0, 0), True, 0)
    event = Event.objects.get(slug="31c3")
    assert (
        event.title,
        event.external_id,
        event.timezone,
        event.starts_on,
        event.ends_on,
        event.status,
    ) == (
        "31. Chaos Communication Congress",
        "31c3",
        "Europe/Berlin",
        date(2014, 12, 27),
        date(2014, 12, 30),
        EventStatus.PUBLISHED,
    )
    assert Counter(event.sessions.values_list("track__name", flat=True)) == {
        "Security & Hacking": 38,
        "Ethics, Society & Politics": 34,
        "Hardware & Making": 21,
        "Science": 20,
        "Art & Culture": 10,
        "Entertainment": 7,
        "CCC": 5,
        "Other": 3,
    }
    assert event.speakers.count() == 198
    assert seconds < 20


def test_import_of_31c3_keeps_every_field_of_a_talk():
    run("31c3", CONGRESS, ZONE, "--apply")

    opening = Session.objects.get(external_id="29aecfd7-2e44-4f49-ab86-29b5e0877325")
    assert (
        opening.title,
        opening.starts_at,
        opening.ends_at,
        opening.location,
        opening.language,
        opening.session_type,
        opening.status,
        [(a.speaker.name, a.speaker.external_id, a.role) for a in opening.appearances.all()],
    ) == (
        "31C3 Opening Event",
        datetime(2014, 12, 27, 10, 0, tzinfo=UTC),
        datetime(2014, 12, 27, 10, 30, tzinfo=UTC),
        "Saal 1",
        "en",
        "webcast",
        "published",
        [("erdgeist", "1544", "speaker"), ("Geraldine de Bastion", "3874", "speaker")],
    )


def test_import_of_camp_takes_the_zone_from_the_file():
    document, code = run_json("camp", CAMP, "--apply", "--session-type=interactive")

    assert (counts(document), document["applied"], code) == ((79, 0, 0, 0, 0), True, 0)
    event = Event.objects.get(slug="camp")
    assert (event.timezone, event.starts_on, event.ends_on, event.external_id) == (
        "Europe/Berlin",
        date(2019, 8, 21),
        date(2019, 8, 25),
        "Camp2019",
    )
    assert set(event.sessions.values_list("session_type", flat=True)) == {"interactive"}


@pytest.mark.parametrize(("slug", "path"), [("31c3", CONGRESS), ("camp", CAMP)])
def test_second_import_of_the_same_file_writes_nothing_and_tells_nobody(
    slug, path, django_assert_num_queries
):
    run(slug, path, ZONE, "--apply")
    before, told = everything(), []
    for signal in (*signals.CHANGED.values(), *signals.REMOVED.values()):
        signal.connect(lambda **kwargs: told.append(kwargs["instance"]), weak=False, dispatch_uid=1)

    document, code = run_json(slug, path, "--apply")

    for signal in (*signals.CHANGED.values(), *signals.REMOVED.values()):
        signal.disconnect(dispatch_uid=1)
    assert (counts(document)[0:3], document["rejected"], code) == ((0, 0, 0), [], 0)
    assert (everything(), told) == (before, [])


def test_dry_run_shows_what_would_be_new_and_saves_nothing():
    text, code = run("31c3", CONGRESS, ZONE)

    lines = text.splitlines()
    assert lines[0] == (
        "Event 31c3 (a new event): “31. Chaos Communication Congress”, "
        "2014-12-27 to 2014-12-30, Europe/Berlin"
    )
    assert lines[2] == (
        "  + 2014-12-27 11:00 “31C3 Opening Event” (29aecfd7-2e44-4f49-ab86-29b5e0877325)"
    )
    assert lines[-1] == (
        "138 new, 0 changed, 0 removed, 0 unchanged, 0 rejected. "
        "Nothing was saved; add --apply to do it."
    )
    assert (code, Event.objects.count()) == (0, 0)


# --- Changed, removed, brought back ------------------------------------------


def test_changed_fields_are_shown_with_old_and_new_before_they_are_saved(schedule):
    run("conf", schedule(talk()), "--apply")
    later = talk(title="Grand opening", date="2026-03-29T10:30:00+02:00", track="Side")

    text, code = run("conf", schedule(later))

    assert text.splitlines() == [
        "Event conf (exists): “The Conf”, 2026-03-29 to 2026-03-29, Europe/Berlin",
        "Changed:",
        "  ~ 2026-03-29 10:30 “Grand opening” (g-1)",
        "      title: Opening → Grand opening",
        "      starts_at: 2026-03-29 09:00 Europe/Berlin → 2026-03-29 10:30 Europe/Berlin",
        "      ends_at: 2026-03-29 10:00 Europe/Berlin → 2026-03-29 11:30 Europe/Berlin",
        "      track: Main → Side",
        "0 new, 1 changed, 0 removed, 0 unchanged, 0 rejected. "
        "Nothing was saved; add --apply to do it.",
    ]
    assert Session.objects.get().title == "Opening"
    run("conf", schedule(later), "--apply")
    session = Session.objects.get()
    assert (session.title, session.track.name, session.starts_at, code) == (
        "Grand opening",
        "Side",
        datetime(2026, 3, 29, 8, 30, tzinfo=UTC),
        0,
    )


def test_what_the_file_does_not_carry_stays_as_managers_set_it(schedule):
    run("conf", schedule(talk()), "--apply")
    Session.objects.update(session_type="webinar", status="draft", subtitle="Ours", language="fr")
    Track.objects.update(color="#123456", name="Renamed")
    Speaker.objects.update(biography="Long")
    SessionSpeaker.objects.update(role=SpeakerRole.MODERATOR)
    host = SpeakerFactory(event=Event.objects.get(), name="Our host")
    SessionSpeaker.objects.create(session=Session.objects.get(), speaker=host, position=9)
    without = {k: v for k, v in talk(title="Changed").items() if k not in {"subtitle", "language"}}

    document, _ = run_json("conf", schedule(without), "--apply")

    session = Session.objects.get()
    assert counts(document) == (0, 1, 0, 0, 0)
    assert (session.title, session.session_type, session.status) == ("Changed", "webinar", "draft")
    assert (session.subtitle, session.language) == ("Ours", "fr")
    assert (session.track.name, session.track.color) == ("Renamed", "#123456")
    assert [(a.speaker.name, a.role) for a in session.appearances.all()] == [
        ("Ada", "moderator"),
        ("Our host", "speaker"),
    ]


def test_removed_session_is_cancelled_and_a_later_file_brings_it_back(schedule):
    run("conf", schedule(talk(), talk(guid="g-2", title="Second")), "--apply")
    SessionFactory(event=Event.objects.get(), title="Made by hand")

    removed, _ = run_json("conf", schedule(talk()), "--apply")
    after_removal = dict(Session.objects.values_list("title", "status"))
    again, _ = run_json("conf", schedule(talk()), "--apply")
    back, _ = run_json("conf", schedule(talk(), talk(guid="g-2", title="Second")), "--apply")

    assert counts(removed) == (0, 0, 1, 1, 0)
    assert after_removal == {
        "Opening": "published",
        "Second": "cancelled",
        "Made by hand": "published",
    }
    assert counts(again) == (0, 0, 0, 1, 0)
    assert counts(back) == (0, 1, 0, 1, 0)
    assert set(Session.objects.values_list("status", flat=True)) == {"published"}


def test_session_that_a_person_cancelled_stays_cancelled(schedule):
    run("conf", schedule(talk()), "--apply")
    cancel_session(Session.objects.get())

    document, _ = run_json("conf", schedule(talk()), "--apply")

    assert (counts(document), Session.objects.get().status) == ((0, 0, 0, 1, 0), "cancelled")


def test_session_that_a_person_brought_back_is_not_removed_again(schedule):
    run("conf", schedule(talk(), talk(guid="g-2")), "--apply")
    run("conf", schedule(talk()), "--apply")
    publish_session(Session.objects.get(external_id="g-2"))

    document, _ = run_json("conf", schedule(talk()), "--apply")

    session = Session.objects.get(external_id="g-2")
    assert (counts(document), session.status) == ((0, 0, 0, 1, 0), SessionStatus.PUBLISHED)


def test_people_of_a_talk_follow_the_file_and_keep_their_order(schedule):
    ada, bob, cyd = ({"id": n, "public_name": name} for n, name in enumerate(("Ada", "Bob", "Cyd")))
    run("conf", schedule(talk(persons=[ada, bob])), "--apply")
    told: list[Any] = []
    signals.session_changed.connect(lambda **kwargs: told.append(1), weak=False, dispatch_uid=2)

    document, _ = run_json(
        "conf", schedule(talk(persons=[cyd, bob | {"public_name": "Rob"}])), "--apply"
    )

    signals.session_changed.disconnect(dispatch_uid=2)
    on_stage = [a.speaker.name for a in Session.objects.get().appearances.all()]
    assert (counts(document), document["renamed_speakers"]) == ((0, 1, 0, 0, 0), 1)
    assert on_stage == ["Cyd", "Rob"]
    assert told != []


def test_event_gains_the_days_that_a_later_file_needs(schedule):
    run("conf", schedule(talk()), "--apply")

    document, _ = run_json("conf", schedule(talk(date="2026-03-31T00:30:00+02:00")), "--apply")

    event = Event.objects.get()
    assert (document["event"], event.starts_on, event.ends_on) == (
        "changed",
        date(2026, 3, 29),
        date(2026, 3, 31),
    )


def test_schedule_of_another_conference_is_refused_before_it_cancels_everything(schedule):
    run("conf", schedule(talk()), "--apply")
    before = everything()

    text, code = run("conf", schedule(talk(guid="x"), acronym="other"), "--apply")

    assert text.endswith(
        "The file is the schedule of “other”, but conf was imported from “conf”. "
        "Choose the right file, or another EVENT. Nothing was changed."
    )
    assert (code, everything()) == (1, before)


def test_import_into_an_event_made_by_hand_leaves_its_title_and_settings_alone(schedule):
    event = EventFactory(slug="ours", title="Ours", timezone="Asia/Tokyo", status="draft")

    run("ours", schedule(talk(date="2030-05-07T09:00:00")), "--apply")

    event.refresh_from_db()
    session = Session.objects.get()
    assert (event.title, event.status, event.external_id) == ("Ours", "draft", "conf")
    # Without an offset a time is the event's wall clock.
    assert session.starts_at == datetime(2030, 5, 7, 0, 0, tzinfo=UTC)


# --- Broken rows -------------------------------------------------------------

BROKEN_ROWS = [
    ({"duration": "soon"}, "duration", "“soon” is not a duration. Write hours and minutes, such as 01:30."),
    ({"duration": "00:00"}, "duration", "is zero. A session must end after it starts."),
    ({"duration": "01:00:00"}, "duration", "“01:00:00” is ambiguous: days, hours, minutes or hours, minutes, seconds? Write hours and minutes, such as 01:30 or 25:30."),
    ({"duration": None}, "duration", "is missing, so the end is unknown."),
    ({"duration": 60}, "duration", "should be a text, not “60”."),
    ({"date": "29 March 2026"}, "date", "“29 March 2026” is not a time. Write it as 2026-03-29T09:00:00+02:00."),
    ({"date": "0026-03-29T09:00:00+02:00"}, "date", "the year 26 is not between 1970 and 2199."),
    ({"date": None, "start": "25:00"}, "start", "“25:00” is not a time of day. Write it as 09:30."),
    ({"date": None}, "date", "is missing, so the start is unknown."),
    ({"title": "  "}, "title", "is missing. Every talk needs one."),
    ({"duration": "336:01"}, "ends_at", "A session lasts at most 14 days. Check the dates, or plan several sessions."),
    ({"title": "x" * 251}, "title", "Ensure this value has at most 250 characters (it has 251)."),
    ({"title": ["a"]}, "title", "should be a text, not “['a']”."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "reason"), BROKEN_ROWS)
def test_broken_row_is_named_with_its_reason_and_the_others_pass(schedule, changes, field, reason):
    path = schedule(talk(title="Bad", **changes) if "title" not in changes else talk(**changes),
                    talk(guid="g-2", title="Good"))  # fmt: skip

    document, code = run_json("conf", path, "--apply")

    assert (counts(document), document["applied"], code) == ((1, 0, 0, 0, 1), True, 1)
    [rejected] = document["rejected"]
    assert (rejected["field"], rejected["reason"]) == (field, reason)
    assert rejected["row"].endswith("(g-1), days[0].rooms[“Hall”][0]")
    assert list(Session.objects.values_list("title", flat=True)) == ["Good"]


# What a talk can do without keeps nobody out.
BROKEN_EXTRAS = [
    ({"abstract": "a\0b"}, "abstract", "contains a character that is not text (NUL or half a surrogate pair)."),
    ({"abstract": "\ud800"}, "abstract", "contains a character that is not text (NUL or half a surrogate pair)."),
    ({"persons": [{"id": 1}]}, "persons", "“a person” has no name."),
    ({"persons": "Ada"}, "persons", "should be a list, not “Ada”."),
    ({"track": "t" * 201}, "track", "has 201 characters; 200 are kept."),
    ({"language": "english, for the most part"}, "language", "has 26 characters; 16 are kept."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "reason"), BROKEN_EXTRAS)
def test_broken_optional_field_is_warned_about_and_the_talk_comes_in(
    schedule, changes, field, reason
):
    document, code = run_json("conf", schedule(talk(**changes)), "--apply")

    assert (counts(document), document["applied"], code) == ((1, 0, 0, 0, 0), True, 0)
    assert document["warning_counts"] == [
        {
            "warning": "A field cannot be used and is left out; the talk comes in.",
            "count": 1,
            "examples": [f"“Opening” (g-1), days[0].rooms[“Hall”][0]: {field} {reason}"],
        }
    ]


def test_persons_id_that_is_none_leaves_the_person_known_by_name(schedule):
    document, _ = run_json("conf", schedule(talk(persons=[{"id": {}, "name": "Ada"}])), "--apply")

    assert (counts(document), Speaker.objects.get().external_id) == ((1, 0, 0, 0, 0), "name:ada")


def test_broken_row_of_a_known_session_does_not_cancel_it(schedule):
    run("conf", schedule(talk(), talk(guid="g-2")), "--apply")

    document, _ = run_json("conf", schedule(talk(duration="?"), talk(guid="g-2")), "--apply")

    assert counts(document) == (0, 0, 0, 1, 1)
    assert set(Session.objects.values_list("status", flat=True)) == {"published"}


def test_row_without_an_id_takes_no_session_for_removed(schedule):
    run("conf", schedule(talk(), talk(guid="g-2")), "--apply")

    document, _ = run_json("conf", schedule(talk(guid=None), talk(guid="g-2")), "--apply")

    assert counts(document) == (0, 0, 0, 1, 1)
    assert document["warnings"] == ["A rejected row has no id, so no session counts as removed."]


def test_file_of_nothing_but_broken_rows_saves_nothing(schedule):
    text, code = run("conf", schedule(talk(duration="?"), 5), "--apply")

    assert (Event.objects.count(), code) == (0, 1)
    assert text.splitlines()[1:] == [
        "Rejected:",
        "  ! “Opening” (g-1), days[0].rooms[“Hall”][0]: duration “?” is not a duration. "
        "Write hours and minutes, such as 01:30.",
        "  ! days[0].rooms[“Hall”][1]: row is not an object with the talk's fields.",
        "0 new, 0 changed, 0 removed, 0 unchanged, 2 rejected. "
        "No row could be read, so nothing was saved.",
        "2 rejected; see above. Correct the file and import it again.",
    ]


def test_broken_row_of_xml_names_its_line(tmp_path):
    text = CONGRESS.read_text().replace(
        "<duration>01:00</duration>", "<duration>long</duration>", 1
    )
    path = tmp_path / "schedule.xml"
    path.write_text(text)

    document, code = run_json("31c3", path, ZONE)

    assert document["rejected"] == [
        {
            "row": "“31C3 Keynote” (8c4e647f-813e-41ef-b05b-65469dd841c3), line 38",
            "field": "duration",
            "reason": "“long” is not a duration. Write hours and minutes, such as 01:30.",
        }
    ]
    assert (counts(document), code) == ((137, 0, 0, 0, 1), 1)


# --- Broken files ------------------------------------------------------------

BOMB = (
    '<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<schedule><conference><title>&b;</title></conference></schedule>"
)
OUTSIDE = '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><schedule>&x;</schedule>'
DOCTYPE = "The file has a DOCTYPE, which a schedule never needs. Remove it."
BROKEN_FILES = [
    ("", "The file is empty."),
    (" \n ", "The file is empty."),
    ("BEGIN:VCALENDAR", "The file is an iCalendar file; take the schedule.xml or schedule.json export."),
    ("guid,title", "The file is neither XML nor JSON; a schedule is one of them."),
    ("[]", "The file's root has no “schedule” object: it is not a schedule."),
    ('{"schedule": {}}', "The file has no “conference” object: it is not a schedule."),
    ("<html/>", "The file is a web page, not a schedule; take the schedule.xml or schedule.json export."),
    ("<plan/>", "The file's root is <plan>; a schedule begins with <schedule>."),
    ("<schedule/>", "The file has no <conference>: it is not a schedule."),
    (json.dumps(conference()), "The file has no talks in it."),
    (json.dumps(conference(talk(), title="", acronym="")), "The conference's title cannot be used: This field cannot be blank."),
    (json.dumps(conference(talk(), talk(guid="2", date="2199-01-01T00:00:00Z"))), "The event would reach from 2026-03-29 to 2199-01-01, more than 400 days. Check the dates in the file."),
    (BOMB, DOCTYPE),
    (OUTSIDE, DOCTYPE),
]  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), BROKEN_FILES)
def test_broken_file_changes_nothing_and_says_why_in_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "file"
    path.write_text(content)

    text, code = run("conf", path, ZONE, "--apply")

    assert text == f"{path}: {sentence} Nothing was changed."
    assert (code, Event.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("content", "beginning"),
    [
        ("<schedule><conference>", "The file is not well-formed XML: "),
        ('{"schedule": ', "The file is not valid JSON: "),
        ("[" * 100_000, "The file is not valid JSON: it is nested too deeply."),
        ("<schedule>" * 5000, "The file is not well-formed XML: "),
        ('{"schedule": NaN}', "The file is not valid JSON: NaN is no JSON."),
    ],
)
def test_file_that_does_not_parse_is_refused(tmp_path, content, beginning):
    path = tmp_path / "file"
    path.write_text(content)

    document, code = run_json("conf", path, ZONE, "--apply")

    assert document["error"].startswith(f"{path}: {beginning}")
    assert document["error"].endswith(" Nothing was changed.")
    assert (counts(document), document["applied"], code) == ((0, 0, 0, 0, 0), False, 1)


def test_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("events.imports.MAX_BYTES", 1024**2)
    path = tmp_path / "file"
    path.write_bytes(b" " * (1024**2 + 1))

    text, code = run("conf", path, ZONE)

    assert (text, code) == (
        f"{path}: The file is larger than 1 MB; no schedule is. Nothing was changed.",
        1,
    )


# --- Usage -------------------------------------------------------------------


def test_new_event_without_any_zone_asks_for_one():
    text, code = run("31c3", CONGRESS, "--apply")

    assert text == (
        "There is no event 31c3 yet, and the file names no time zone (an offset such as +01:00 "
        "is not one). Add it, for example --timezone Europe/Berlin."
    )
    assert (code, Event.objects.count()) == (2, 0)


def test_wrong_usage_is_named_and_exits_with_2(schedule, tmp_path):
    path = schedule(talk())
    EventFactory(slug="there")

    assert run("conf", path, "--timezone=Mars/Base") == (
        "--timezone: “Mars/Base” is not a time zone. Use a name such as Europe/Berlin or "
        "America/New_York.",
        2,
    )
    assert run("no slug!", path)[1] == 2
    assert run("conf", tmp_path / "none.xml") == (
        f"{tmp_path}/none.xml: No such file or directory.",
        2,
    )
    assert run("conf", tmp_path)[1] == 2
    assert run("there", path, "--timezone=Asia/Tokyo") == (
        "there is in Europe/Berlin; --timezone is only for an event that does not exist yet. "
        "Leave it out.",
        2,
    )
    with pytest.raises(CommandError, match="invalid choice: 'opera'"):
        call_command("import_agenda", "conf", str(path), "--session-type=opera")


def test_zone_that_the_file_invents_is_a_broken_file(schedule):
    text, code = run("conf", schedule(talk(), time_zone_name="Mars/Base"))

    assert (text.endswith("Correct it, or give --timezone. Nothing was changed."), code) == (
        True,
        1,
    )
    assert run("conf", schedule(talk(), time_zone_name="Mars/Base"), ZONE)[1] == 0


def test_titles_cannot_move_the_cursor_of_the_terminal(schedule):
    text, _ = run("conf", schedule(talk(title="a\x1b[2Jb‮c")))

    assert "\x1b" not in text
    assert "‮" not in text
