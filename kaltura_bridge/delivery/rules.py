"""Which delivery settings fit together; each rule names the field and what to do.

Pure, but for the gallery's, which asks whether the event has sessions with few places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from events.models import Event, Session, SessionStatus, SessionType, Visibility
from kaltura_bridge.delivery.options import EMPTY, DeliveryOptions, shares_room
from kaltura_bridge.delivery.players import PlayerSetting, chosen_player
from kaltura_bridge.delivery.room_tags import GUESTS, SECRETS
from kaltura_bridge.gallery.doors import has_few_places
from kaltura_bridge.models import Chat, PlayerChoice, RecordingMode, RoomForm, SecondDevice

FieldProblem = tuple[str, str]  # field, message


@dataclass(frozen=True)
class DeliveryCase:
    """What one form sets, over what it inherits."""

    own: Mapping[str, Any]
    inherited: DeliveryOptions
    planned: Event | Session

    def has(self, name: str) -> bool:
        """Whether the form itself sets it."""
        return self.own.get(name) not in EMPTY

    def value(self, name: str) -> Any:
        """The value that applies."""
        return self.own[name] if self.has(name) else getattr(self.inherited, name)


def needs_video(planned: Event | Session) -> bool:
    """Whether the session cannot be shown without a video."""
    return (
        isinstance(planned, Session)
        and planned.session_type == SessionType.SIMULIVE
        and planned.status == SessionStatus.PUBLISHED
    )


def _rewinding(case: DeliveryCase) -> Iterator[FieldProblem]:
    if case.has("dvr_window_minutes") and not case.value("dvr"):
        yield (
            "dvr_window_minutes",
            _(
                "Viewers cannot rewind, so this has no effect. Leave it empty, "
                "or let viewers rewind."
            ),
        )


def _hidden_recordings(case: DeliveryCase) -> Iterator[FieldProblem]:
    if case.own.get("recordings_hidden") and case.value("recording") == RecordingMode.NONE:
        yield (
            "recordings_hidden",
            _("Nothing is recorded, so there is nothing to hide. Choose a recording first."),
        )


_OF_RECORDINGS: Final = (
    "recordings_copy_access",
    "recordings_archived",
    "recordings_copy_thumbnail",
    "recordings_copy_schedule",
)


def _recording_options(case: DeliveryCase) -> Iterator[FieldProblem]:
    if case.value("recording") != RecordingMode.NONE:
        return
    for name in _OF_RECORDINGS:
        if case.has(name):
            yield (
                name,
                _(
                    "Nothing is recorded, so this has no effect. Leave it unset, or choose a "
                    "recording first."
                ),
            )


def _guests(case: DeliveryCase) -> Iterator[FieldProblem]:
    """A guest comes by Kaltura's own link, past every question of ours."""
    event = case.planned if isinstance(case.planned, Event) else case.planned.event
    if case.own.get(GUESTS) in (True, "on") and event.visibility != Visibility.PUBLIC:
        yield (
            GUESTS,
            _(
                "This event is not for everybody, and guests come in past the portal: without "
                "account, registration or place. Leave it off."
            ),
        )


def _secrets(case: DeliveryCase) -> Iterator[FieldProblem]:
    """What a session sets for a room of its track stands in the calendar; secrets do not."""
    if not isinstance(case.planned, Session) or case.inherited.room_form != RoomForm.LEGACY:
        return
    if not shares_room(case.planned, case.inherited):
        return
    for name in sorted(SECRETS):
        if case.has(name):
            yield (
                name,
                _(
                    "The sessions of this track share a room, so viewers could read this in "
                    "the calendar. Set it for the event, or leave it empty."
                ),
            )


def _player(case: DeliveryCase) -> Iterator[FieldProblem]:
    """A player needs its ID, here or in the portal's settings; KAF has its own."""
    inherited = PlayerSetting(case.inherited.player, case.inherited.player_uiconf_id)
    own = PlayerSetting(case.own.get("player") or "", case.own.get("player_uiconf_id"))
    if (own.choice or inherited.choice) == PlayerChoice.KAF:
        if own.uiconf_id:
            yield (
                "player_uiconf_id",
                _("Kaltura's page has a player of its own. Leave this empty, or choose a player."),
            )
    elif own.choice and not chosen_player(inherited, own).uiconf_id:
        yield (
            "player",
            _(
                "The portal knows no player of this kind. Enter its ID, or ask whoever runs "
                "the portal to set one."
            ),
        )


def _gallery(case: DeliveryCase) -> Iterator[FieldProblem]:
    """Kaltura's cards know no doors, so rules that are kept to at a door do not go with them."""
    if not isinstance(case.planned, Event) or not case.own.get("gallery"):
        return
    if case.own.get("second_device") not in (None, "", SecondDevice.ALLOW):
        yield (
            "gallery",
            _(
                "Kaltura's gallery does not ask with how many devices somebody comes. Allow a "
                "second device, or do without the gallery."
            ),
        )
    elif has_few_places(case.planned):
        yield (
            "gallery",
            _(
                "A session of this event has a limited number of places, and Kaltura's gallery "
                "would let everybody in. Take the limit away, or do without the gallery."
            ),
        )


def _question_times(case: DeliveryCase) -> Iterator[FieldProblem]:
    if case.value("questions") == Chat.SCHEDULED:
        return
    for name in ("questions_before_minutes", "questions_after_minutes"):
        if case.has(name):
            yield (
                name,
                _(
                    "This only applies when questions open around the session. "
                    "Choose “%(label)s” for questions and answers, or leave this "
                    "empty."
                )
                % {"label": Chat.SCHEDULED.label},
            )


def _one_picture(case: DeliveryCase) -> Iterator[FieldProblem]:
    if case.own.get("thumbnail") and case.has("thumbnail_url"):
        yield (
            "thumbnail_url",
            _("There is an uploaded image as well. Remove one of the two."),
        )


def _video(case: DeliveryCase) -> Iterator[FieldProblem]:
    if needs_video(case.planned) and not case.has("source_entry_id"):
        yield (
            "source_entry_id",
            _(
                "A published simulive session needs a video to play. Enter its "
                "entry ID, or make the session a draft."
            ),
        )


def _clips(case: DeliveryCase) -> Iterator[FieldProblem]:
    for name in ("pre_clip_id", "post_clip_id"):
        if not case.has(name):
            continue
        if not case.has("source_entry_id"):
            yield name, _("A clip needs a video to play. Enter the video, or leave this empty.")
        elif case.own[name] == case.own["source_entry_id"]:
            yield (
                name,
                _("This is the video to play itself. Enter another ID, or leave this empty."),
            )


RULES: Final[tuple[Callable[[DeliveryCase], Iterator[FieldProblem]], ...]] = (
    _rewinding,
    _hidden_recordings,
    _recording_options,
    _guests,
    _secrets,
    _gallery,
    _question_times,
    _player,
    _one_picture,
    _video,
    _clips,
)


def problems(case: DeliveryCase) -> Iterator[FieldProblem]:
    """Everything that is wrong, by field."""
    for rule in RULES:
        yield from rule(case)
