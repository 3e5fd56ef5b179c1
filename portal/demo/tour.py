"""Where to see what in the demo: a link to each thing, and as whom to look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from events.models import Event, Session, SessionStatus, SessionType
from kaltura_bridge.models import CaptionTrack, Recording, RecordingStatus


@dataclass(frozen=True)
class TourStop:
    """One thing to see. ``who``: the login to open it with, "" when it needs none."""

    title: str
    text: str
    url: str
    who: str = ""


@dataclass(frozen=True)
class TourPart:
    """Stops that belong together."""

    title: str
    stops: list[TourStop]


def tour(event: Event, now: datetime) -> list[TourPart]:
    """What this event has to show now; what is not there is left out."""
    return [
        TourPart(_("Taking part"), list(_taking_part(event, now))),
        TourPart(_("Watching again"), list(_watching_again(event, now))),
        TourPart(_("On air"), list(_on_air(event, now))),
        TourPart(_("Planning and counting"), list(_behind(event))),
    ]


def _attendee() -> str:
    return "attendee@demo.example"


def _manager() -> str:
    return "manager@demo.example"


def _on_now(event: Event, now: datetime) -> QuerySet[Session]:
    on_now = event.sessions.filter(
        status=SessionStatus.PUBLISHED, starts_at__lte=now, ends_at__gt=now
    )
    return on_now.select_related("delivery").order_by("starts_at", "ends_at", "pk")


def _join(event: Event, session: Session) -> str:
    return reverse("kaltura:join", args=[event.slug, session.slug])


def _taking_part(event: Event, now: datetime) -> Iterator[TourStop]:
    agenda = reverse("events:agenda", args=[event.slug])
    yield TourStop(_("Agenda"), _("What is on now, what comes next, what can be watched."), agenda)
    stage = event.tracks.filter(main_stage=True).first()
    if stage:
        yield TourStop(
            _("Main stage"),
            _("One page that carries its viewers from session to session."),
            reverse("kaltura:main_stage", args=[event.slug, stage.slug]),
            _attendee(),
        )
    broadcasts = list(_on_now(event, now).filter(session_type=SessionType.WEBCAST))
    own = [each for each in broadcasts if not hasattr(each, "delivery")]
    kaf = [each for each in broadcasts if hasattr(each, "delivery")]
    for session in own[:1]:
        text = _("A broadcast in Kaltura's player (V7), on a page of the portal.")
        yield TourStop(_("Live webcast"), text, _join(event, session), _attendee())
    for session in kaf[:1]:
        text = _("The same on Kaltura's own page, with chat and questions.")
        yield TourStop(_("Live webcast with chat"), text, _join(event, session), _attendee())
    for session in _on_now(event, now).filter(session_type=SessionType.INTERACTIVE)[:1]:
        text = _("Under the attendee's own name and role.")
        yield TourStop(_("Live room"), text, _join(event, session), _attendee())
    # The event's own gallery has what belongs to no track; those of tracks are one click away.
    stage_or_event = [event.slug, stage.slug] if stage else [event.slug]
    yield TourStop(
        _("Gallery"),
        _("Kaltura's own list of videos, beside the agenda: of the event, and of each track."),
        reverse("kaltura:gallery_of_track" if stage else "kaltura:gallery", args=stage_or_event),
        _attendee(),
    )


def _watching_again(event: Event, now: datetime) -> Iterator[TourStop]:
    text = _("All that can be watched again, with its length.")
    address = reverse("kaltura:recordings", args=[event.slug])
    yield TourStop(_("Recordings"), text, address, _attendee())
    if session := _captioned(event):
        yield TourStop(
            _("Recording with its transcript"),
            _("Search in what was said, and jump there in the player."),
            _join(event, session),
            _attendee(),
        )
        yield TourStop(
            _("Search in what was said"),
            _("The search of the agenda finds words that were spoken."),
            f"{reverse('events:agenda', args=[event.slug])}?q=microphones",
            _attendee(),
        )
    processing = Recording.objects.filter(
        session__event=event, session__ends_at__lte=now, state=RecordingStatus.PROCESSING
    )
    for recording in processing.select_related("session")[:1]:
        text = _("A page that says so, and ends by itself once the recording is ready.")
        address = _join(event, recording.session)
        yield TourStop(_("Recording that is being processed"), text, address, _attendee())


def _captioned(event: Event) -> Session | None:
    tracks = CaptionTrack.objects.filter(transcript__session__event=event, is_shown=True)
    track = tracks.exclude(words="").select_related("transcript__session").first()
    return track.transcript.session if track else None


def _on_air(event: Event, now: datetime) -> Iterator[TourStop]:
    yield TourStop(
        _("Control room"),
        _("All sessions of these hours, what is wrong with which, and the buttons that help."),
        reverse("admin:kaltura_bridge_control_room", args=[event.pk]),
        _manager(),
    )
    for session in _on_now(event, now).filter(session_type=SessionType.WEBCAST)[:1]:
        yield TourStop(
            _("Live desk"),
            _("Who watches, questions, what viewers see, extending and ending."),
            reverse("kaltura:live_desk", args=[event.slug, session.slug]),
            _manager(),
        )
    studio = event.sessions.filter(session_type=SessionType.STUDIO, ends_at__gt=now)
    for session in studio.order_by("starts_at")[:1]:
        yield TourStop(
            _("Live desk of a session to come"),
            _("What is still to do, and where the encoder or the studio sends."),
            reverse("kaltura:live_desk", args=[event.slug, session.slug]),
            _manager(),
        )


def _behind(event: Event) -> Iterator[TourStop]:
    address = reverse("admin:events_event_planner", args=[event.pk])
    text = _("Drag sessions to rooms and times, see what is in the way, undo.")
    yield TourStop(_("Planner"), text, address, _manager())
    address = reverse("admin:kaltura_bridge_recordings", args=[event.pk])
    text = _("Publish, hide, cut, replace and upload.")
    yield TourStop(_("Recordings desk"), text, address, _manager())
    address = reverse("admin:kaltura_bridge_captions", args=[event.pk])
    text = _("Rules, orders with their prices, and the credit that is left.")
    yield TourStop(_("Captions"), text, address, _manager())
    address = reverse("admin:kaltura_bridge_dashboard")
    text = _("How each session stands at Kaltura, members of the category included.")
    yield TourStop(_("In step with Kaltura"), text, address, _manager())
    address = reverse("admin:analytics_event_report", args=[event.pk])
    text = _("Who came, and for how long.")
    yield TourStop(_("Attendance"), text, address, "analyst@demo.example")
