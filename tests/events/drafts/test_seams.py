"""Where what waits for a release meets lists, history, trash, speakers, imports and copies."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from analytics.privacy.erasing import erase_person
from events.actions import delete_planned, save_planned
from events.drafts.gathering import live_now
from events.drafts.release import release
from events.models import (
    Event,
    ObjectHistory,
    Release,
    Session,
    SessionSpeaker,
    SessionStatus,
    Speaker,
    SpeakerLink,
    StageRules,
    TrashedObject,
    UnreleasedChange,
)
from events.trash.restoring import restore
from tests.events.drafts.conftest import said, waiting_of
from tests.events.pages import form_values
from tests.factories import (
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


# --- Lists ---------------------------------------------------------------------------------------


def test_setting_many_begins_with_what_waits(event, talk, ada):
    ada.save(talk, location="Attic")

    url = reverse("admin:events_session_changelist")
    sent = {"action": "set_selected", "_selected_action": [talk.pk], "session_type": "interactive"}
    page = ada.client.post(url, {**sent, "preview": "1"}).content.decode()
    shown = re.search(r'name="shown" value="(\w+)"', page)
    assert shown and "Attic" in page
    ada.client.post(url, {**sent, "confirmed": "1", "shown": shown[1]})

    assert waiting_of(event) == {
        "Keynote": {
            "location": ("Hall", "Attic"),
            "session_type": (talk.session_type.value, "interactive"),
        }
    }


def test_row_shows_and_saves_over_what_waits(event, talk, ada, ben):
    url = reverse("admin:events_session_row", args=[talk.pk])
    seen = form_values(ada.client.get(url).content.decode())
    ben.save(talk, location="Attic")

    answer = ada.client.post(url, {**seen, "row-location": "Cellar"})

    assert answer.status_code == 409
    assert "Attic" in answer.content.decode()
    again = form_values(answer.content.decode())
    answer = ada.client.post(url, again, follow=True)
    assert waiting_of(event) == {"Keynote": {"location": ("Hall", "Cellar")}}
    assert any("Not public yet" in text for text in said(answer)), said(answer)


def test_publishing_takes_back_a_cancellation_that_waits(event, talk, ada):
    ada.save(talk, status="cancelled")

    ada.client.post(
        reverse("admin:events_session_changelist"),
        {"action": "publish_selected", "_selected_action": [talk.pk]},
    )

    assert waiting_of(event) == {}


# --- History -------------------------------------------------------------------------------------


def test_release_is_in_the_history_of_speakers_too(event, talk, ada):
    ann = SessionSpeakerFactory(session=talk, speaker__event=event, speaker__name="Ann").speaker
    link = SpeakerLink(speaker=ann, url="https://a.example/")
    ann.name = "Anna"
    save_planned(ann)
    save_planned(link)

    release(event, ada.user)

    history = ObjectHistory.objects.get(uuid=ann.uuid)
    last = history.versions.order_by("number").last()
    assert last.changes["name"] == ["Ann", "Anna"]
    assert any(path.startswith("links/") for path in last.changes)


def test_putting_back_waits_and_says_so(event, talk, ada):
    ann = SessionSpeakerFactory(session=talk, speaker__event=event, speaker__name="Ann").speaker
    link = SpeakerLink.objects.create(speaker=ann, url="https://a.example/")
    save_planned(Speaker.objects.get(pk=ann.pk))
    delete_planned(link)
    release(event, ada.user)
    url = reverse("admin:events_speaker_history", args=[ann.pk])
    history = ObjectHistory.objects.get(uuid=ann.uuid)
    path = f"links/{link.pk}"
    version = history.number - 1
    page = ada.client.get(url, {"version": version})
    values = form_values(page.content.decode())

    answer = ada.client.post(url, {**values, "version": version, "field": [path]}, follow=True)

    assert any("Not public yet" in text for text in said(answer)), said(answer)
    assert UnreleasedChange.objects.get().kind == "add"


# --- What is gone --------------------------------------------------------------------------------


def test_pages_stand_when_what_a_change_leads_to_is_gone(event, talk, ada):
    bob = SpeakerFactory(event=event, name="Bob")
    track = TrackFactory(event=event, name="Art")
    ada.save(talk, track=track.pk, **{"appearances-0-speaker": bob.pk})
    delete_planned(bob)
    delete_planned(track)

    for url in (
        reverse("admin:events_session_change", args=[talk.pk]),
        reverse("admin:events_session_changelist"),
        reverse("admin:events_event_planner", args=[event.pk]),
        ada.address(),
    ):
        assert ada.client.get(url).status_code == 200
    ada.save(talk, title="Opening")


def test_deleted_draft_takes_its_waiting_publication_along(event, ada):
    draft = SessionFactory(event=event, status=SessionStatus.DRAFT)
    ada.save(draft, status="published")

    delete_planned(Session.objects.get(pk=draft.pk))

    assert waiting_of(event) == {}


def test_what_nobody_sees_any_more_is_saved_over_what_waited(event, talk, ada):
    seat = SessionSpeakerFactory(session=talk, speaker__event=event, speaker__name="Ann")
    ada.save(seat.speaker, name="Anna")
    SessionSpeaker.objects.filter(pk=seat.pk).delete()

    ada.save(seat.speaker, name="Annabel")

    assert Speaker.objects.get(pk=seat.speaker_id).name == "Annabel"
    assert ada.form(seat.speaker)["name"] == "Annabel"
    assert waiting_of(event) == {}


def test_form_that_is_sent_twice_adds_once(event, talk, ada):
    bob = SpeakerFactory(event=event, name="Bob")
    url = reverse("admin:events_session_change", args=[talk.pk])
    sent = {**ada.form(talk), "appearances-0-speaker": bob.pk}

    ada.client.post(url, sent)
    ada.client.post(url, sent)

    assert UnreleasedChange.objects.count() == 1


# --- Review --------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["release", "discard"])
def test_one_change_is_released_or_discarded_only_as_it_was_seen(event, talk, ada, ben, verb):
    ada.save(talk, title="Opening")
    seen = form_values(ada.page())
    ben.save(talk, title="Rubbish")
    pk = UnreleasedChange.objects.get().pk

    for what in ({"do": f"{verb}:{pk}"}, {"do": f"{verb}:picked", "pick": [pk]}):
        ada.client.post(ada.address(), {**seen, **what}, follow=True)

    assert Session.objects.get(pk=talk.pk).title == "Keynote"
    assert waiting_of(event) == {"Keynote": {"title": ("Keynote", "Rubbish")}}


# --- Speakers ------------------------------------------------------------------------------------


def test_what_speakers_change_themselves_is_not_lost(event, talk):
    user = UserFactory()
    seat = SessionSpeakerFactory(session=talk, speaker__event=event, speaker__user=user)
    StageRules.objects.create(event=event, may_edit="sessions", needs_approval=False)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("events:stage_profile", args=[seat.speaker.uuid])

    def save(**typed):
        form = form_values(client.get(url).content.decode())
        return said(client.post(url, {**form, **typed}, follow=True))

    first = save(biography="Pioneer", link_0_url="https://a.example/")
    second = save(link_0_url="https://b.example/")

    waits = ["Saved. Others see it once the organisers release their changes."]
    assert (first, second) == (waits, waits)
    form = form_values(client.get(url).content.decode())
    assert (form["biography"], form["link_0_url"]) == ("Pioneer", "https://b.example/")
    assert Speaker.objects.get(pk=seat.speaker_id).biography == ""
    kinds = UnreleasedChange.objects.order_by("model").values_list("model", "kind")
    assert list(kinds) == [("speaker", "change"), ("speakerlink", "add")]


# --- Erasure and the trash -----------------------------------------------------------------------


def test_who_is_erased_is_in_no_release_and_in_nothing_that_waits_of_a_trashed_event(
    event, talk, ada
):
    user = UserFactory()
    seat = SessionSpeakerFactory(
        session=talk, speaker__event=event, speaker__user=user, speaker__name="Ann"
    )
    speaker = Speaker.objects.get(pk=seat.speaker_id)
    speaker.name = "Anna"
    save_planned(speaker)
    ada.save(talk, title="Opening")
    release(event, ada.user)
    speaker = Speaker.objects.get(pk=seat.speaker_id)
    speaker.name = "Annabel"
    save_planned(speaker)
    delete_planned(Event.objects.get(pk=event.pk))
    kept = TrashedObject.objects.get()
    assert kept.counts["events.Release"] == kept.counts["events.UnreleasedChange"] == 1

    erase_person(user, None)

    restore(kept.pk)
    assert [change["model"] for change in Release.objects.get().changes] == ["session"]
    assert waiting_of(event) == {}


def test_trash_and_imports_say_that_they_are_public_at_once(event, talk, ada):
    with live_now():
        delete_planned(talk)

    trashed = reverse("admin:events_trashedobject_change", args=[TrashedObject.objects.get().pk])
    pages = [ada.client.get(trashed).content.decode(), ada.page("import")]

    assert ["public at once" in page for page in pages] == [True, True]


def test_import_is_public_as_a_whole_and_says_so(event, talk, tmp_path):
    path, said_so = tmp_path / "schedule.xml", io.StringIO()
    call_command("export_agenda", "ours", format="xml", output=path, stderr=io.StringIO())
    path.write_text(path.read_text().replace(">Keynote<", ">Opening<"))
    day = talk.starts_at.astimezone(event.zone).date()
    later = day + timedelta(days=1)
    Event.objects.filter(pk=event.pk).update(starts_on=later, ends_on=later)

    call_command("import_agenda", "ours", str(path), "--apply", stdout=said_so)

    assert Event.objects.get(pk=event.pk).starts_on == day
    assert Session.objects.get(pk=talk.pk).title == "Opening"
    assert waiting_of(event) == {}
    assert "public at once" in said_so.getvalue()


def test_who_edits_what_is_to_be_deleted_is_told(event, talk, ada):
    delete_planned(talk)

    page = ada.client.get(reverse("admin:events_session_change", args=[talk.pk]))

    assert "is to be deleted with the next release" in page.content.decode()
