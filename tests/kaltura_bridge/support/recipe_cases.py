"""A session of every recipe with every option set, and how each of its options may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from events.models import Event, Session, SessionType
from kaltura_bridge.models import EventDelivery, SessionDelivery
from tests.factories import EventFactory, SessionFactory, SessionSpeakerFactory, TrackFactory
from tests.kaltura_bridge.support.picture_server import PICTURES

ONE, TWO = "0_videoone", "0_videotwo"
SIMULIVE_PROFILE = "1102"

OF_ALL: Final[Mapping[str, Any]] = {
    "owner_id": "stage-crew",
    "organizer": "Programme team",
    "classification": "private",
    "calendar_tags": "Spring, Law",
    "calendar_details": True,
}
BROADCAST: Final[Mapping[str, Any]] = {
    "dvr": True,
    "dvr_window_minutes": 90,
    "recording": "per_session",
    "recordings_hidden": True,
    "recordings_copy_access": False,
    "recordings_archived": False,
    "recordings_copy_thumbnail": True,
    "recordings_copy_schedule": True,
    "conversion_profile_id": 1002,
    "admin_tags": "Sponsor, keynote",
    "preview": True,
    "self_serve": True,
    "chat": "scheduled",
    "questions": "scheduled",
    "questions_before_minutes": 5,
    "questions_after_minutes": 10,
    "thumbnail_url": PICTURES.url("one.png"),
    "slides_entry_id": "0_videoone",
    **OF_ALL,
}
VIDEOS: Final[Mapping[str, Any]] = {
    "source_entry_id": ONE,
    "pre_clip_id": TWO,
    "post_clip_id": TWO,
    "replay": True,
}
ROOMS: Final[Mapping[str, Any]] = {
    "room_template_id": "0_tmplstud",
    "room_tags": {"custom_rs_show_chat": False, "custom_rs_room_cap": 50},
    "recording_entry_id": ONE,
    **OF_ALL,
}


@dataclass(frozen=True)
class Case:
    """How to plan one session: its type, its own options and those of its event."""

    session_type: str
    own: Mapping[str, Any]
    event: Mapping[str, Any] = field(default_factory=dict)


def _with(case: Case, **event: Any) -> Case:
    return replace(case, event={**case.event, **event})


_WEBCAST = Case(SessionType.WEBCAST, BROADCAST)
_INTERACTIVE = Case(SessionType.INTERACTIVE, ROOMS)
_WEBINAR = Case(SessionType.WEBINAR, ROOMS)
CASES: Final[Mapping[str, Case]] = {
    "webcast": _WEBCAST,
    "interactive": _INTERACTIVE,
    "webinar": _WEBINAR,
    "studio": Case(SessionType.STUDIO, {**BROADCAST, "room_template_id": "0_tmplroom"}),
    "simulive": Case(SessionType.SIMULIVE, {**BROADCAST, **VIDEOS}),
    "legacy interactive": _with(_INTERACTIVE, room_form="legacy"),
    "legacy webinar": _with(_WEBINAR, room_form="legacy"),
    "channel": _with(_WEBCAST, channel=True),
}

# Each option of a session changed to something else, and to nothing.
CHANGES: Final[Mapping[str, tuple[Any, ...]]] = {
    "dvr": (False, None),
    "dvr_window_minutes": (30, None),
    "recording": ("none", "appended", ""),
    "recordings_hidden": (False, None),
    "recordings_copy_access": (True, None),
    "recordings_archived": (True, None),
    "recordings_copy_thumbnail": (False, None),
    "recordings_copy_schedule": (False, None),
    "conversion_profile_id": (1001, None),
    "admin_tags": ("keynote", ""),
    "owner_id": ("other-crew", ""),
    "organizer": ("Somebody", ""),
    "classification": ("confidential", ""),
    "calendar_tags": ("Spring", ""),
    "calendar_details": (False, None),
    "recording_entry_id": (TWO, ""),
    "preview": (False, None),
    "self_serve": (False, None),
    "chat": ("off", "on", ""),
    "questions": ("off", "on", ""),
    "questions_before_minutes": (0, None),
    "questions_after_minutes": (15, None),
    "thumbnail_url": (PICTURES.url("two.png"), ""),
    "slides_entry_id": ("0_videotwo", ""),
    "source_entry_id": (TWO,),
    "pre_clip_id": (ONE, ""),
    "post_clip_id": (ONE, ""),
    "replay": (False,),
    "room_template_id": ("0_tmplwebi", ""),
    "room_tags": ({"custom_rs_show_chat": True}, {}),
}


def planned(name: str, *, title: str = "Keynote") -> Session:
    """An event with one session of the case, in a track, with a speaker and every option set."""
    case = CASES[name]
    event = EventFactory(title="Spring", description="All of it.")
    if case.event:
        EventDelivery.objects.create(event=event, **case.event)
    session = SessionFactory(
        event=event,
        track=TrackFactory(event=event, name="Ethics", description="Hard questions."),
        title=title,
        abstract="What we owe.",
        language="en",
        session_type=case.session_type,
    )
    SessionSpeakerFactory(
        session=session,
        speaker__name="Ada",
        speaker__title="Countess",
        speaker__biography="First of all programmers.",
    )
    SessionDelivery.objects.create(session=session, **case.own)
    return Session.objects.select_related("event", "track").get(pk=session.pk)


def decide(session: Session, **options: Any) -> None:
    """Change the session's delivery as its page does: options first, then the session."""
    SessionDelivery.objects.update_or_create(session=session, defaults=options)
    Session.objects.get(pk=session.pk).save()


def decide_event(event: Event, **options: Any) -> None:
    EventDelivery.objects.update_or_create(event=event, defaults=options)
    Event.objects.get(pk=event.pk).save()


def become(session: Session, name: str) -> None:
    """Plan the session as another case, with every option of it set."""
    case = CASES[name]
    SessionDelivery.objects.filter(session=session).delete()
    SessionDelivery.objects.create(session=session, **case.own)
    EventDelivery.objects.filter(event=session.event).delete()
    EventDelivery.objects.create(event=session.event, **case.event)
    fresh = Session.objects.get(pk=session.pk)
    fresh.session_type = case.session_type
    fresh.save()
    Event.objects.get(pk=session.event_id).save()
