"""Delivery as planners set it: on the event's page, otherwise on a session's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import connection
from django.forms.models import model_to_dict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event, Session, TeamRole
from kaltura_bridge.delivery.forms import ROOMS_ARE_ENTRIES, SAVED_MEANWHILE
from kaltura_bridge.models import EventDelivery, SessionDelivery, SyncTarget
from tests.events.conftest import visit  # noqa: F401  (a fixture)
from tests.events.support.uploads import picture_bytes, upload
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    SimuliveFactory,
    TeamMemberFactory,
    UserFactory,
    WebcastFactory,
    WebinarFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOTHING = {
    "dvr": None,
    "dvr_window_minutes": None,
    "recording": "",
    "recordings_hidden": None,
    "recordings_copy_access": None,
    "recordings_archived": None,
    "recordings_copy_thumbnail": None,
    "recordings_copy_schedule": None,
    "conversion_profile_id": None,
    "push_publish": None,
    "owner_id": "",
    "admin_tags": "",
    "organizer": "",
    "classification": "",
    "calendar_tags": "",
    "calendar_details": None,
    "preview": None,
    "self_serve": None,
    "chat": "",
    "questions": "",
    "questions_before_minutes": None,
    "questions_after_minutes": None,
    "thumbnail": "",
    "thumbnail_url": "",
    "room_tags": {},
}
NOTHING_OF_EVENT = {
    **NOTHING,
    "room_form": "entry",
    "second_device": "allow",
    "room_sharing": "session",
    "channel": False,
    "prepare_drafts": False,
}
NOTHING_OF_SESSION = {
    **NOTHING,
    "slides_entry_id": "",
    "room_template_id": "",
    "recording_entry_id": "",
    "source_entry_id": "",
    "pre_clip_id": "",
    "post_clip_id": "",
    "replay": True,
}


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Ours", slug="ours")


@pytest.fixture
def planner(client: Client, event: Event) -> Client:
    return signed_in(client, event, TeamRole.MANAGER)


def signed_in(client: Client, event: Event, role: str) -> Client:
    user = UserFactory(is_staff=True)
    TeamMemberFactory(event=event, user=user, role=role)
    client.force_login(user)
    return client


def page_of(planned: Event | Session) -> str:
    return reverse(f"admin:events_{planned._meta.model_name}_change", args=[planned.pk])


def as_sent(planned: Event | Session, delivery: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What a browser sends of an untouched page, but for these changes."""
    own = getattr(planned, "delivery", None)
    forms = {"room_form": "entry", "room_sharing": "session", "second_device": "allow"}
    kept = {"replay": "on", **forms, "id": own.pk if own else ""}
    section = {f"delivery-0-{name}": value for name, value in {**kept, **delivery}.items()}
    return {
        **(_event_fields(planned) if isinstance(planned, Event) else _session_fields(planned)),
        "delivery-TOTAL_FORMS": 1,
        "delivery-INITIAL_FORMS": int(own is not None),
        **section,
        **changes,
    }


def _event_fields(event: Event) -> dict[str, Any]:
    names = ("title", "status", "starts_on", "ends_on", "timezone", "accent_color", "slug")
    return {
        **{name: getattr(event, name) for name in names},
        "doors_open_minutes": event.doors_open_minutes,
        "overrun_minutes": event.overrun_minutes,
        "visibility": "public",
        "registration_open": "on",
        "takes_feedback": "on",
        "when_zone_changes": "local",
        "tracks-TOTAL_FORMS": 0,
        "tracks-INITIAL_FORMS": 0,
        "info_blocks-TOTAL_FORMS": 0,
        "info_blocks-INITIAL_FORMS": 0,
        "partners-TOTAL_FORMS": 0,
        "partners-INITIAL_FORMS": 0,
        "translations-TOTAL_FORMS": 0,
        "translations-INITIAL_FORMS": 0,
        "track_translations-TOTAL_FORMS": 0,
        "track_translations-INITIAL_FORMS": 0,
        "presence_setting-TOTAL_FORMS": 0,
        "presence_setting-INITIAL_FORMS": 0,
        "team-TOTAL_FORMS": 0,
        "team-INITIAL_FORMS": 0,
    }


def _session_fields(session: Session) -> dict[str, Any]:
    start, end = (t.astimezone(session.event.zone) for t in (session.starts_at, session.ends_at))
    return {
        "title": session.title,
        "session_type": session.session_type,
        "status": session.status,
        "starts_at_0": f"{start:%Y-%m-%d}",
        "starts_at_1": f"{start:%H:%M}",
        "ends_at_0": f"{end:%Y-%m-%d}",
        "ends_at_1": f"{end:%H:%M}",
        "slug": session.slug,
        "materials-TOTAL_FORMS": 0,
        "materials-INITIAL_FORMS": 0,
        "translations-TOTAL_FORMS": 0,
        "translations-INITIAL_FORMS": 0,
        "appearances-TOTAL_FORMS": 0,
        "appearances-INITIAL_FORMS": 0,
    }


def decided(model: type[EventDelivery] | type[SessionDelivery]) -> list[dict[str, Any]]:
    """Every row, without its ids."""
    names = NOTHING_OF_EVENT if model is EventDelivery else NOTHING_OF_SESSION
    return [{name: getattr(row, name) for name in names} for row in model.objects.order_by("pk")]


def wrong(response: Any) -> dict[str, list[str]]:
    """What the section complains about, by field; the page came back."""
    assert response.status_code == 200
    [section] = (
        inline
        for inline in response.context["inline_admin_formsets"]
        if inline.formset.prefix == "delivery"
    )
    return {name: list(errors) for name, errors in section.formset.forms[0].errors.items()}


def said(response: Any) -> list[str]:
    found = (str(message) for message in get_messages(response.wsgi_request))
    return [sentence for sentence in found if "changed successfully" not in sentence]


# --- What is kept ------------------------------------------------------------


def test_event_keeps_its_defaults_typed(planner, event):
    response = planner.post(
        page_of(event),
        as_sent(
            event,
            {
                "dvr": "off",
                "recording": "per_session",
                "questions": "scheduled",
                "questions_before_minutes": "10",
                "thumbnail_url": "example.org/a.png",
                "room_form": "legacy",
                "custom_rs_show_chat": "off",
                "custom_rec_auto_start": "on",
                "custom_rs_room_cap": "80",
                "custom_rs_user_lang": "de-DE",
                "custom_redirect_url": "https://example.org/thanks",
            },
        ),
    )

    assert (response.status_code, said(response)) == (302, [])
    assert decided(EventDelivery) == [
        NOTHING_OF_EVENT
        | {
            "dvr": False,
            "recording": "per_session",
            "questions": "scheduled",
            "questions_before_minutes": 10,
            "thumbnail_url": "https://example.org/a.png",
            "room_form": "legacy",
            "room_tags": {
                "custom_rec_auto_start": True,
                "custom_rs_show_chat": False,
                "custom_redirect_url": "https://example.org/thanks",
                "custom_rs_user_lang": "de-DE",
                "custom_rs_room_cap": 80,
            },
        }
    ]


def test_session_decides_otherwise_and_takes_it_back(planner, event):
    session = WebinarFactory(event=event)
    EventDelivery.objects.create(
        event=event, room_form="legacy", room_tags={"custom_rs_show_chat": False}
    )

    planner.post(page_of(session), as_sent(session, {"custom_rs_show_chat": "on"}))
    first = decided(SessionDelivery)
    session.refresh_from_db()
    planner.post(page_of(session), as_sent(session, {"custom_rs_show_chat": ""}))

    assert first == [NOTHING_OF_SESSION | {"room_tags": {"custom_rs_show_chat": True}}]
    assert decided(SessionDelivery) == [NOTHING_OF_SESSION]


def test_untouched_section_makes_no_row(planner, event):
    session = WebcastFactory(event=event)

    planner.post(page_of(event), as_sent(event, {}, title="New name"))
    planner.post(page_of(session), as_sent(session, {}, title="New title"))

    event.refresh_from_db()
    session.refresh_from_db()
    assert (event.title, session.title) == ("New name", "New title")
    assert (decided(EventDelivery), decided(SessionDelivery)) == ([], [])


def test_new_session_is_delivered_as_typed(planner, event):
    sample = WebcastFactory.build(event=event, title="Fresh", slug="")
    fields = as_sent(sample, {"chat": "off"}, event=event.pk)

    planner.post(reverse("admin:events_session_add"), fields)

    [row] = SessionDelivery.objects.select_related("session")
    assert (row.session.title, row.chat) == ("Fresh", "off")


def test_saving_calls_up_the_sync(planner, event):
    session = WebcastFactory(event=event)
    target = SyncTarget.objects.get(object_uuid=session.uuid)

    planner.post(page_of(event), as_sent(event, {"recording": "none"}))

    before, version = target.version, SyncTarget.objects.get(pk=target.pk).version
    assert version > before


def test_history_names_the_settings(planner, event):
    planner.post(page_of(event), as_sent(event, {"recording": "none"}))
    event.refresh_from_db()
    planner.post(page_of(event), as_sent(event, {"recording": "none", "custom_rs_room_cap": "8"}))

    told = LogEntry.objects.order_by("pk")
    assert [entry.get_change_message() for entry in told] == [
        "Added delivery “Ours”.",
        "Changed Maximum number of people for delivery “Ours”.",
    ]


# --- What does not count -----------------------------------------------------


def test_settings_of_other_types_are_left_out_and_named(planner, event):
    session = InteractiveFactory(event=event)

    response = planner.post(
        page_of(session), as_sent(session, {"recording": "none", "pre_clip_id": "no id"})
    )

    assert said(response) == [
        "Not saved, because they do not apply to sessions of type “Interactive room”: Recording, "
        "Clip before the video."
    ]
    assert decided(SessionDelivery) == []


def test_uploaded_image_is_kept_through_a_change_of_type_and_removed(planner, event):
    session = WebcastFactory(event=event)
    planner.post(page_of(session), as_sent(session, {"thumbnail": upload(picture_bytes())}))
    session.refresh_from_db()
    first = SessionDelivery.objects.get().thumbnail.name
    planner.post(page_of(session), as_sent(session, {}, session_type="interactive"))
    session.refresh_from_db()
    kept = SessionDelivery.objects.get().thumbnail.name
    cleared = {"thumbnail-clear": "on"}
    planner.post(page_of(session), as_sent(session, cleared, session_type="webcast"))

    assert re.fullmatch(r"[0-9a-f]{40}\.webp", first)
    assert (kept, SessionDelivery.objects.get().thumbnail.name) == (first, "")


def test_change_of_type_keeps_what_was_decided_for_the_other(planner, event):
    session = WebcastFactory(event=event)
    SessionDelivery.objects.create(session=session, recording="none", dvr=False)
    sent = as_sent(
        session,
        {"recording": "none", "dvr": "off", "custom_rs_room_cap": "5"},
        session_type="interactive",
    )

    response = planner.post(page_of(session), sent)

    assert decided(SessionDelivery) == [
        NOTHING_OF_SESSION
        | {"recording": "none", "dvr": False, "room_tags": {"custom_rs_room_cap": 5}}
    ]
    assert said(response) == [
        "The room settings are saved. This event creates room entries, so they have no effect "
        "until it creates location resources."
    ]


# --- Mistakes ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        (
            {"dvr": "off", "dvr_window_minutes": "30"},
            "dvr_window_minutes",
            "Viewers cannot rewind, so this has no effect. Leave it empty, or let viewers rewind.",
        ),
        (
            {"dvr_window_minutes": "1441"},
            "dvr_window_minutes",
            "Enter whole minutes, from 1 to 1440.",
        ),
        (
            {"thumbnail_url": "ftp://example.org/a.png"},
            "thumbnail_url",
            "This is not a web address. Enter one such as https://example.org/a.jpg.",
        ),
        (
            {"recording": "none", "recordings_hidden": "on"},
            "recordings_hidden",
            "Nothing is recorded, so there is nothing to hide. Choose a recording first.",
        ),
        (
            {"questions": "on", "questions_after_minutes": "5"},
            "questions_after_minutes",
            "This only applies when questions open around the session. Choose “Open around the "
            "session” for questions and answers, or leave this empty.",
        ),
        (
            {"recording": "none", "recordings_archived": "on"},
            "recordings_archived",
            "Nothing is recorded, so this has no effect. Leave it unset, or choose a recording "
            "first.",
        ),
        (
            {"owner_id": "crew:2"},
            "owner_id",
            "This cannot be a user ID at Kaltura here. Use at most 100 letters, digits and the "
            "characters _ . @ -",
        ),
        (
            {"calendar_tags": "custom_rs_show_chat:off"},
            "calendar_tags",
            "Leave out colons and angle brackets: Kaltura gives them a meaning.",
        ),
        (
            {"thumbnail_url": "https://example.org/a.png", "thumbnail": upload(picture_bytes())},
            "thumbnail_url",
            "There is an uploaded image as well. Remove one of the two.",
        ),
        (
            {"custom_xl_room_max": "900"},
            "custom_xl_room_max",
            "Maximum number of people in an XL room: enter a whole number from 300 to 700.",
        ),
        (
            {"custom_rtmp_key": "a,b"},
            "custom_rtmp_key",
            "Stream key: enter one line of at most 100 characters, without commas and colons, which "
            "Kaltura would read as other settings.",
        ),
    ],
)
def test_mistakes_name_the_field_and_the_way_out(planner, event, sent, field, sentence):
    response = planner.post(page_of(event), as_sent(event, sent))

    assert wrong(response) == {field: [sentence]}
    assert decided(EventDelivery) == []


def test_what_the_event_says_counts_in_the_check_of_a_session(planner, event):
    session = WebcastFactory(event=event)
    EventDelivery.objects.create(event=event, dvr=False, questions="scheduled")
    sent = {"dvr_window_minutes": "30", "questions_before_minutes": "5"}

    response = planner.post(page_of(session), as_sent(session, sent))

    assert list(wrong(response)) == ["dvr_window_minutes"]


def test_published_simulive_needs_a_video(planner, event):
    session = SimuliveFactory(event=event)

    without = planner.post(page_of(session), as_sent(session, {}))
    odd = planner.post(page_of(session), as_sent(session, {"source_entry_id": "1_ABC"}))
    draft = planner.post(page_of(session), as_sent(session, {}, status="draft"))
    none_yet = decided(SessionDelivery)
    whole = {"source_entry_id": "1_abcd2345", "pre_clip_id": "1_abcd2346"}
    planner.post(page_of(session), as_sent(session, whole))

    assert wrong(without) == {
        "source_entry_id": [
            "A published simulive session needs a video to play. Enter its entry ID, or make the "
            "session a draft."
        ]
    }
    assert wrong(odd)["source_entry_id"] == [
        "This is not an entry ID. Entry IDs look like 1_abcd2345: copy it from the entry's page at "
        "Kaltura."
    ]
    assert (draft.status_code, none_yet) == (302, [])
    assert decided(SessionDelivery) == [NOTHING_OF_SESSION | whole]


def test_clips_need_a_video_of_their_own(planner, event):
    session = SimuliveFactory(event=event, status="draft")

    alone = planner.post(page_of(session), as_sent(session, {"post_clip_id": "1_abcd2345"}))
    same = planner.post(
        page_of(session),
        as_sent(session, {"source_entry_id": "1_abcd2345", "pre_clip_id": "1_abcd2345"}),
    )

    assert wrong(alone) == {
        "post_clip_id": ["A clip needs a video to play. Enter the video, or leave this empty."]
    }
    assert wrong(same) == {
        "pre_clip_id": ["This is the video to play itself. Enter another ID, or leave this empty."]
    }


def test_gallery_does_not_go_with_rules_that_it_leads_round(planner, event):
    both = planner.post(
        page_of(event), as_sent(event, {"gallery": "on", "second_device": "refuse"})
    )
    session = WebcastFactory(event=event, capacity=20)
    limited = planner.post(page_of(event), as_sent(event, {"gallery": "on"}))
    session.status = "cancelled"
    session.save()
    alone = planner.post(page_of(event), as_sent(event, {"gallery": "on"}))

    assert wrong(both) == {
        "gallery": [
            "Kaltura's gallery does not ask with how many devices somebody comes. Allow a "
            "second device, or do without the gallery."
        ]
    }
    assert wrong(limited) == {
        "gallery": [
            "A session of this event has a limited number of places, and Kaltura's gallery "
            "would let everybody in. Take the limit away, or do without the gallery."
        ]
    }
    assert (alone.status_code, EventDelivery.objects.get().gallery) == (302, True)


def test_page_says_once_which_settings_have_no_effect_in_room_entries(planner, event):
    page = planner.get(page_of(event)).content.decode()

    assert page.count(str(ROOMS_ARE_ENTRIES)) == 1


def test_page_opens_the_group_with_the_mistake_only(planner, event):
    page = planner.post(page_of(event), as_sent(event, {"custom_xl_room_max": "9"})).content
    groups = page.decode().split('<details class="delivery-group"')[1:]

    opened = [" open>" in group.partition("<summary>")[0] for group in groups]
    assert opened == [*[False] * 9, True]


def test_two_who_decide_first_at_once_lose_nothing(planner, event):
    sent = as_sent(event, {"recording": "none"})
    EventDelivery.objects.create(event=event, chat="off")

    response = planner.post(page_of(event), sent)

    assert wrong(response) == {"event": [SAVED_MEANWHILE]}
    assert str(SAVED_MEANWHILE) in response.content.decode()
    assert decided(EventDelivery) == [NOTHING_OF_EVENT | {"chat": "off"}]


# --- What is shown, and to whom ----------------------------------------------


def shown_choices(response: Any) -> dict[str, str]:
    """What each choice says when nothing is decided."""
    [section] = (
        inline
        for inline in response.context["inline_admin_formsets"]
        if inline.formset.prefix == "delivery"
    )
    fields = section.formset.forms[0].fields
    return {name: f.choices[0][1] for name, f in fields.items() if hasattr(f, "choices")}


def test_session_says_what_the_event_says(planner, event):
    EventDelivery.objects.create(
        event=event,
        dvr=False,
        recording="none",
        dvr_window_minutes=None,
        room_tags={"custom_rs_show_chat": False, "custom_rs_room_cap": 80},
    )
    session = WebcastFactory(event=event)

    page = planner.get(page_of(session))

    choices = shown_choices(page)
    names = ("dvr", "recording", "chat", "custom_rs_show_chat", "custom_rs_show_logo")
    assert [choices[name] for name in (*names, "custom_rs_user_lang")] == [
        "Same as event: off",
        "Same as event: Not recorded",
        "Same as event: Always open",
        "Same as event: off",
        "Same as event: on",
        "Same as event",
    ]
    assert "A whole number. Empty: same as event (80)." in page.content.decode()


def test_event_says_what_is_usual(planner, event):
    choices = shown_choices(planner.get(page_of(event)))

    assert [choices[name] for name in ("dvr", "preview", "custom_rec_auto_start")] == [
        "Default: on",
        "Default: off",
        "Default: off",
    ]


@pytest.mark.parametrize("role", [TeamRole.MODERATOR, TeamRole.ANALYST])
def test_others_of_the_team_neither_see_nor_change_it(client, event, role):
    session = WebcastFactory(event=event)
    SessionDelivery.objects.create(session=session, room_tags={"custom_rtmp_key": "secret-key"})
    before = model_to_dict(session.delivery)
    signed_in(client, event, role)

    page = client.get(page_of(session))
    client.post(page_of(session), as_sent(session, {"chat": "off"}))

    session.delivery.refresh_from_db()
    assert page.status_code == 200
    assert "delivery-group" not in page.content.decode()
    assert "secret-key" not in page.content.decode()
    assert model_to_dict(session.delivery) == before


def test_lists_cost_no_more_with_deliveries(planner, event):
    def queries(model: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            planner.get(reverse(f"admin:events_{model}_changelist"))
        return len(seen)

    WebcastFactory(event=event)
    queries("event"), queries("session")
    one = queries("event"), queries("session")
    EventDelivery.objects.create(event=event)
    for session in WebcastFactory.create_batch(3, event=event):
        SessionDelivery.objects.create(session=session, dvr=False)

    assert (queries("event"), queries("session")) == one
