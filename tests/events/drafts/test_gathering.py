"""What managers save of a published event waits: they see it, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.actions import cancel_session, delete_planned, place_session, publish_session
from events.drafts.gathering import live_now
from events.models import (
    AnnouncedSession,
    Event,
    EventStatus,
    ProgrammeChange,
    ProgrammeVersion,
    Session,
    SessionSpeaker,
    SessionStatus,
    Speaker,
    Track,
    UnreleasedChange,
)
from kaltura_bridge.models import SyncTarget
from tests.events.drafts.conftest import Manager, waiting_of
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def everywhere(event: Event) -> dict[str, Any]:
    """All that other people and other systems know of an event."""
    return {
        "sessions": list(Session.objects.filter(event=event).order_by("pk").values()),
        "stage": list(SessionSpeaker.objects.order_by("pk").values()),
        "version": list(ProgrammeVersion.objects.values("pk", "number")),
        "announced": list(AnnouncedSession.objects.order_by("pk").values()),
        "log": list(ProgrammeChange.objects.values()),
        "targets": list(SyncTarget.objects.order_by("pk").values("pk", "state", "version")),
    }


def test_save_in_the_form_waits_and_only_managers_see_it(event, talk, ada):
    talk.save()
    before = everywhere(event)

    answer = ada.save(talk, title="Opening", location="Attic")

    assert everywhere(event) == before
    agenda = Client().get(reverse("events:agenda", args=[event.slug])).content.decode()
    assert "Keynote" in agenda and "Opening" not in agenda
    assert waiting_of(event) == {
        "Keynote": {"title": ("Keynote", "Opening"), "location": ("Hall", "Attic")}
    }
    assert UnreleasedChange.objects.get().changed_by == ada.user
    assert ada.form(talk)["title"] == "Opening"
    listed = ada.client.get(reverse("admin:events_session_changelist")).content.decode()
    assert "Opening" in listed and "changed, unreleased" in listed
    assert "wait until they are released" in answer.content.decode()
    assert (
        "1 unreleased change"
        in ada.client.get(answer.wsgi_request.path + f"?event={event.pk}").content.decode()
    )


def test_back_to_the_released_value_is_no_change_any_more(event, talk, ada):
    ada.save(talk, title="Opening")

    ada.save(talk, title="Keynote")

    assert waiting_of(event) == {}


def test_two_editors_gather_on_one_session(event, talk, ada, ben):
    ada.save(talk, title="Opening")
    ben.save(talk, location="Attic")
    ben.save(talk, title="Welcome")

    assert waiting_of(event) == {
        "Keynote": {"title": ("Keynote", "Welcome"), "location": ("Hall", "Attic")}
    }


def test_event_that_does_not_collect_or_is_no_more_published_saves_live(talk, ada, event):
    event.status = EventStatus.CANCELLED
    event.save()
    ada.save(talk, title="Opening")
    other = SessionFactory(event=EventFactory())
    cancel_session(other)

    assert Session.objects.get(pk=talk.pk).title == "Opening"
    assert Session.objects.get(pk=other.pk).status == SessionStatus.CANCELLED
    assert UnreleasedChange.objects.count() == 0


def test_draft_is_saved_at_once_and_only_its_publication_waits(event, ada):
    draft = SessionFactory(event=event, title="New", status=SessionStatus.DRAFT)

    ada.save(draft, title="Newer", status="published")

    kept = Session.objects.get(pk=draft.pk)
    assert (kept.title, kept.status) == ("Newer", SessionStatus.DRAFT)
    assert waiting_of(event) == {"New": {"status": ("draft", "published")}}
    assert ada.form(draft)["status"] == "published"


def test_new_session_is_a_draft_whose_publication_waits(event, ada):
    url = reverse("admin:events_session_add") + f"?event={event.pk}"
    page = ada.client.get(url).content.decode()
    from tests.events.pages import form_values

    typed = {
        **form_values(page),
        "title": "New",
        "status": "published",
        "starts_at_0": "2030-05-06",
        "starts_at_1": "09:00",
        "ends_at_0": "2030-05-06",
        "ends_at_1": "10:00",
    }
    ada.client.post(url, typed)

    made = Session.objects.get(title="New")
    assert made.status == SessionStatus.DRAFT
    assert waiting_of(event) == {"New": {"status": ("draft", "published")}}
    assert ada.form(made)["status"] == "published"


def test_who_is_on_stage_waits(event, talk, ada):
    ann = SessionSpeakerFactory(session=talk, speaker__event=event, speaker__name="Ann")
    bob = SpeakerFactory(event=event, name="Bob")
    cat = SpeakerFactory(event=event, name="Cat")

    ada.save(talk, **{"appearances-1-speaker": bob.pk, "appearances-0-role": "moderator"})

    assert list(SessionSpeaker.objects.values_list("speaker__name", "role")) == [("Ann", "speaker")]
    form = ada.form(talk)
    assert form["appearances-INITIAL_FORMS"] == "2"
    assert (form["appearances-0-speaker"], form["appearances-0-role"]) == (
        str(ann.speaker_id),
        "moderator",
    )
    assert form["appearances-1-speaker"] == str(bob.pk)

    ada.save(talk, **{"appearances-1-speaker": cat.pk, "appearances-0-DELETE": "on"})

    form = ada.form(talk)
    assert form["appearances-INITIAL_FORMS"] == "1"
    assert form["appearances-0-speaker"] == str(cat.pk)
    kinds = UnreleasedChange.objects.order_by("pk").values_list("kind", flat=True)
    assert sorted(kinds) == ["add", "delete"]

    ada.save(talk, **{"appearances-0-DELETE": "on"})

    assert list(UnreleasedChange.objects.values_list("kind", flat=True)) == ["delete"]
    assert ada.form(talk)["appearances-INITIAL_FORMS"] == "0"


def test_deletion_waits_and_the_object_stays(event, talk, ada):
    delete_planned(talk)
    delete_planned(Session.objects.filter(pk=SessionFactory(event=event).pk))

    assert Session.objects.filter(event=event).count() == 2
    assert list(UnreleasedChange.objects.values_list("kind", flat=True)) == ["delete", "delete"]
    listed = ada.client.get(reverse("admin:events_session_changelist")).content.decode()
    assert "to be deleted, unreleased" in listed


def test_what_nobody_sees_is_deleted_at_once(event):
    delete_planned(SessionFactory(event=event, status=SessionStatus.DRAFT))
    delete_planned(TrackFactory(event=event))
    delete_planned(SpeakerFactory(event=event))

    counts = (Session.objects.count(), Track.objects.count(), Speaker.objects.count())
    assert counts == (0, 0, 0)
    assert UnreleasedChange.objects.count() == 0


def test_live_now_goes_past_it(event, talk):
    with live_now():
        place_session(talk, talk.starts_at, talk.ends_at, location="Attic", track=None)
        cancel_session(talk)

    kept = Session.objects.get(pk=talk.pk)
    assert (kept.location, kept.status) == ("Attic", SessionStatus.CANCELLED)
    assert UnreleasedChange.objects.count() == 0


def test_what_decides_who_comes_in_is_live_and_the_rest_of_the_form_waits(event, ada):
    ada.save(event, title="Theirs", capacity="5")

    kept = Event.objects.get(pk=event.pk)
    assert (kept.title, kept.capacity) == ("Ours", 5)
    assert waiting_of(event) == {"Ours": {"title": ("Ours", "Theirs")}}


def test_switch_is_not_turned_off_and_the_zone_stays_while_changes_wait(event, talk, ada):
    ada.save(talk, title="Opening")
    form = ada.form(event)
    form.pop("collects_changes")

    url = reverse("admin:events_event_change", args=[event.pk])
    answer = ada.client.post(url, {**form, "timezone": "Asia/Tokyo"})

    wait = ["Release or discard the unreleased changes first."]
    errors = answer.context["adminform"].form.errors
    assert errors == {"collects_changes": wait, "timezone": wait}


def test_taking_the_event_back_does_not_release_what_waits(event, ada):
    ada.save(event, title="Theirs")

    ada.save(event, status="draft")

    kept = Event.objects.get(pk=event.pk)
    assert (kept.title, kept.status) == ("Ours", EventStatus.DRAFT)


def test_publishing_and_hiding_again_before_the_release_leaves_nothing(event):
    draft = SessionFactory(event=event, status=SessionStatus.DRAFT)
    publish_session(draft)
    assert UnreleasedChange.objects.count() == 1

    draft.status = SessionStatus.DRAFT
    from events.actions import save_planned

    save_planned(draft)

    assert UnreleasedChange.objects.count() == 0


def test_strangers_and_those_who_only_see_are_told_nothing(event, talk, ada):
    from tests.factories import TeamMemberFactory

    ada.save(talk, title="Opening")
    analyst = Client()
    user = TeamMemberFactory(event=event, role="analyst").user
    analyst.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    page = analyst.get(reverse("admin:events_session_changelist") + f"?event={event.pk}")

    assert page.status_code == 200
    assert "unreleased change" not in page.content.decode()
    stranger = Manager(EventFactory(title="Another"))
    review = reverse("admin:events_event_unreleased", args=[event.pk])
    assert [analyst.get(review).status_code, stranger.client.get(review).status_code] == [403, 302]
