"""Somebody who stands on a stage twice becomes one, and nothing is lost."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.actions import NotAllowed
from events.imports.tables.columns import SPEAKER_FIELDS, guess_layout
from events.imports.tables.files import read_table
from events.imports.tables.speakers import PeopleTable
from events.models import (
    Event,
    Invitation,
    ProposalState,
    SessionSpeaker,
    Speaker,
    SpeakerAlias,
    SpeakerHours,
    SpeakerLink,
    SpeakerProposal,
    SpeakerRole,
)
from events.registration.invitations import invitation_token, invite_speaker
from events.speakers.merging import (
    CHOSEN,
    MOVED,
    merge_speakers,
    merge_token,
    probable_doubles,
    speakers_to_merge,
)
from tests.events.pages import form_values
from tests.events.speakers.conftest import signed_in, told
from tests.events.test_imports import conference, run, run_json
from tests.events.test_imports import talk as talk_of_file
from tests.factories import (
    FIRST_START,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def double(event: Any) -> Speaker:
    """The same person once more, as a schedule knows her."""
    return SpeakerFactory(
        event=event, name="A. Lovelace", biography="Poet", external_id="guid-7", slug="a-l"
    )


def merge(event: Any, kept: Speaker, *others: Speaker, **choices: Speaker) -> Speaker:
    pks = sorted(speaker.pk for speaker in (kept, *others))
    shown = merge_token(speakers_to_merge(event, pks))
    chosen = {name: choices.get(name, kept).pk for name in CHOSEN}
    return merge_speakers(event, pks, kept.pk, chosen, shown)


def test_everything_that_refers_to_a_speaker_is_known_here():
    """A new table with a foreign key to speakers: say in merging.py what becomes of it."""
    found = {each.related_model.__name__ for each in Speaker._meta.related_objects}

    # Sessions come by their appearances.
    assert found - {"Session"} == MOVED


def test_sessions_links_hours_and_choices_come_together(event, speaker, talk, double):
    theirs = SessionFactory(event=event, title="Notes")
    SessionSpeakerFactory(session=theirs, speaker=double)
    SessionSpeakerFactory(session=talk, speaker=double, role=SpeakerRole.MODERATOR, position=5)
    for owner, url in (
        (speaker, "https://a.org"),
        (double, "https://a.org"),
        (double, "https://b.org"),
    ):
        SpeakerLink.objects.create(speaker=owner, url=url)
    end = FIRST_START + timedelta(hours=2)
    SpeakerHours.objects.create(speaker=double, starts_at=FIRST_START, ends_at=end)

    kept = merge(event, speaker, double, biography=double)

    assert [one.pk for one in event.speakers.all()] == [speaker.pk]
    assert (kept.name, kept.biography, kept.user) == ("Ada L.", "Poet", speaker.user)
    rows = SessionSpeaker.objects.order_by("session__title").values_list(
        "session__title", "speaker", "role", "position"
    )
    assert list(rows) == [
        ("Engines", speaker.pk, SpeakerRole.MODERATOR, 0),
        ("Notes", speaker.pk, SpeakerRole.SPEAKER, 0),
    ]
    assert [link.url for link in kept.links.order_by("position")] == [
        "https://a.org",
        "https://b.org",
    ]
    assert [hours.speaker for hours in SpeakerHours.objects.all()] == [speaker]


def test_an_open_link_and_what_waits_go_on_to_work(event, speaker, double, manager):
    speaker.user = None
    speaker.save()
    invitation = invite_speaker(double, "ben@example.org", manager)
    common: dict[str, Any] = {"event": event, "field": "title", "before": ""}
    old = SpeakerProposal.objects.create(speaker=speaker, value="Old", **common)
    new = SpeakerProposal.objects.create(speaker=double, value="New", **common)
    ben = UserFactory(email="ben@example.org")

    merge(event, speaker, double)
    signed_in(ben).post(
        reverse("events:invitation", args=[invitation_token(Invitation.objects.get())])
    )

    assert Invitation.objects.get().pk == invitation.pk
    assert Speaker.objects.get(pk=speaker.pk).user == ben
    states = dict(SpeakerProposal.objects.values_list("pk", "state"))
    assert states == {old.pk: ProposalState.WITHDRAWN, new.pk: ProposalState.WAITING}
    assert {row.speaker for row in SpeakerProposal.objects.all()} == {speaker}


def test_the_account_address_and_picture_are_chosen(event, speaker, double):
    other = UserFactory()
    double.user, double.picture = other, "x.webp"
    double.save()

    kept = merge(event, speaker, double, user=double, slug=double, picture=double)

    assert (kept.user, kept.slug, kept.picture.name) == (other, "a-l", "x.webp")


def test_old_addresses_lead_to_the_one_that_is_left(event, speaker, talk, double):
    SessionSpeakerFactory(session=talk, speaker=double)
    old = double.get_absolute_url()
    merge(event, speaker, double)

    strangers, hidden = Client().get(old), Client().get("/e/congress/speakers/nobody/")

    assert (strangers.status_code, strangers["Location"]) == (302, speaker.get_absolute_url())
    assert hidden.status_code == 404


def test_an_old_address_tells_nobody_of_whom_they_may_not_know(event, speaker, talk, double):
    SessionSpeakerFactory(session=talk, speaker=double)
    old = double.get_absolute_url()
    merge(event, speaker, double)
    talk.status = "draft"
    talk.save()

    assert Client().get(old).status_code == 404


def test_merging_in_turn_keeps_all_the_names(event, speaker, double):
    third = SpeakerFactory(event=event, name="Countess", external_id="guid-9")
    merge(event, double, third)
    merge(event, speaker, double)

    aliases = SpeakerAlias.objects.order_by("guid").values_list("guid", "name", "speaker")
    assert list(aliases) == [
        ("guid-7", "A. Lovelace", speaker.pk),
        ("guid-9", "Countess", speaker.pk),
    ]


def test_nothing_is_merged_that_was_not_on_the_page(event, speaker, double):
    pks = [speaker.pk, double.pk]
    shown = merge_token(speakers_to_merge(event, pks))
    double.biography = "Mathematician"
    double.save()

    with pytest.raises(NotAllowed, match="not what you saw"):
        merge_speakers(event, pks, speaker.pk, {}, shown)
    assert event.speakers.count() == 2


def test_people_of_another_event_are_not_there(event, speaker, manager):
    theirs = SpeakerFactory(name="Somebody else")
    url = reverse("admin:events_event_stage_merge", args=[event.pk])
    asked = f"{speaker.pk},{theirs.pk}"

    page = signed_in(manager).get(f"{url}?speaker={asked}").content.decode()
    signed_in(manager).post(url, {"speaker": asked, "merge": "1", "kept": speaker.pk})

    assert "Somebody else" not in page
    assert Speaker.objects.count() == 2


def test_doubles_are_suggested_surely_by_account_and_as_a_hint_by_name(event, speaker, manager):
    by_mail = SpeakerFactory(event=event, name="Countess of L.")
    invite_speaker(by_mail, speaker.user.email, manager)
    named = [SpeakerFactory(event=event, name=name) for name in ("Ben Nut", "ben  NUT")]

    hints = probable_doubles(event)

    assert [({s.pk for s in hint.speakers}, hint.is_sure) for hint in hints] == [
        ({speaker.pk, by_mail.pk}, True),
        ({each.pk for each in named}, False),
    ]


def test_the_page_shows_them_side_by_side_and_merges(event, speaker, talk, double, manager):
    url = reverse("admin:events_event_stage_merge", args=[event.pk])
    client = signed_in(manager)
    page = client.get(f"{url}?speaker={speaker.pk},{double.pk}").content.decode()

    done = client.post(url, {**form_values(page), "from-name": double.pk, "merge": "Merge"})
    again = signed_in(manager).post(url, {**form_values(page), "merge": "Merge"})

    assert told(done) == ["A. Lovelace stands there once now, with all sessions."]
    assert done["Location"] == reverse("admin:events_speaker_change", args=[speaker.pk])
    assert told(again) == ["They are not what you saw any more. Look again."]
    kept = event.speakers.get()
    # What the kept row lacks comes from the other unless somebody says otherwise.
    assert (kept.pk, kept.name, kept.title, kept.biography) == (
        speaker.pk,
        "A. Lovelace",
        "Countess",
        "Poet",
    )


def test_the_next_import_finds_the_one_that_is_left_under_both_ids_and_names(tmp_path):
    """Under the file's ids; what the file calls the row that is gone renames nobody."""
    path = tmp_path / "schedule.json"
    ada, double = {"guid": "g-a", "public_name": "Ada L."}, {"guid": "g-b", "public_name": "A. L."}
    talks = [
        talk_of_file(guid="t-1", persons=[ada]),
        talk_of_file(guid="t-2", title="Notes", date="2026-03-29T11:00:00+02:00", persons=[double]),
    ]
    path.write_text(json.dumps(conference(*talks)))
    run("conf", path, "--timezone=Europe/Berlin", "--apply")
    event = Event.objects.get(slug="conf")
    kept, other = (event.speakers.get(external_id=guid) for guid in ("g-a", "g-b"))
    merge(event, kept, other)

    again, _code = run_json("conf", path)
    # Somebody else who got the number of the row that is gone.
    talks[1]["persons"] = [{"guid": "g-b", "public_name": "Ben"}]
    path.write_text(json.dumps(conference(*talks)))
    run("conf", path, "--apply")

    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 2)
    assert sorted(event.speakers.values_list("name", flat=True)) == ["Ada L.", "Ben"]


def test_tables_find_the_one_that_is_left_too(event, speaker, talk, double, tmp_path):
    """By the name of the row that is gone in a table of sessions, by its id in one of people."""
    merge(event, speaker, double)
    path = tmp_path / "sessions.csv"
    start = "2030-05-06 11:00"
    path.write_text(f'id,title,start,minutes,speakers\nt-1,Notes,{start},45,"A. Lovelace"\n')
    people = read_table(b"id,name,title\nguid-7,A. Lovelace,Baroness\n")

    told_by_sessions, code = run_json("congress", path, "--apply")
    plan = PeopleTable(people, guess_layout(people, SPEAKER_FIELDS), event).planned()

    assert (code, told_by_sessions["new"]) == (0, 1)
    notes = event.sessions.get(title="Notes")
    assert [a.speaker for a in notes.appearances.all()] == [speaker]
    assert [one.name for one in event.speakers.all()] == ["Ada L."]
    assert [(p.speaker.pk, p.speaker.name, p.fields) for p in plan.speakers] == [
        (speaker.pk, "Ada L.", ("title",))
    ]
