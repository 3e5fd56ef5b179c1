"""May an event keep somebody's attendance under their name? One question, one answer, one rule.

It is asked on join pages and on the person's own page of their data, and counts from then on:

============  ====================================  =====================================
Answer        What rooms and webcasts report        Being on the portal's own join page
============  ====================================  =====================================
yes           stored by name                        noted, where the event notes it
no            counted, under no name                not noted
none          by name, unless the event asks first  not noted
============  ====================================  =====================================
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from analytics.models import EventPrivacy, PresenceSetting, RecordingConsent
from events.models import Event, Registration, User
from events.queries import events_for

REMEMBERED_S: Final = 30
MOST_REMEMBERED: Final = 1000
_remembered: dict[UUID, tuple[float, bool]] = {}


# --- The rule -------------------------------------------------------------------------------


def may_name(answer: bool | None, asks_first: bool) -> bool:
    """Whether what a source reports of somebody is stored under their name."""
    return not asks_first if answer is None else answer


def may_note(answer: bool | None) -> bool:
    """Whether the portal itself may note that somebody is there: never without a yes."""
    return answer is True


# --- The event's side -----------------------------------------------------------------------


def asks_first(event: Event) -> bool:
    """Whether nobody who has not answered is stored by name."""
    return EventPrivacy.objects.filter(event=event, asks_consent=True).exists()


def notes_presence(event: Event) -> bool:
    """Whether the event's join pages note who is there; not once its attendance is fixed."""
    return noting_presence([event.pk]).exists()


def noting_presence(events: Iterable[int]) -> QuerySet[PresenceSetting, int]:
    """Those of these events, by their primary keys, whose join pages do so."""
    notes = PresenceSetting.objects.filter(event__in=events, is_on=True)
    fixed = notes.exclude(event__attendance_privacy__retained_at__isnull=False)
    return fixed.values_list("event", flat=True)


def is_asked_at(event: Event) -> bool:
    """Whether the event asks at all."""
    return notes_presence(event) or asks_first(event)


def shows_question_at(event: Event) -> bool:
    """The same as join pages ask it, most of which belong to events that ask nobody.

    Each process remembers it for half a minute, so that a click to join costs no query more,
    and no connection to anywhere. Before anything is noted, ``notes_presence`` looks itself.
    """
    now = time.monotonic()
    until, known = _remembered.get(event.uuid, (0.0, False))
    if until <= now:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        known = is_asked_at(event)
        _remembered[event.uuid] = (now + REMEMBERED_S, known)
    return known


def forget(event: Event) -> None:
    """Look again: what the event asks was changed."""
    _remembered.pop(event.uuid, None)


# --- The person's side ----------------------------------------------------------------------


def answer_of(event: Event, user: User) -> bool | None:
    """What the person answered; None: not asked yet, or not answered."""
    found = RecordingConsent.objects.filter(event=event, user=user)
    return found.values_list("is_given", flat=True).first()


def answers_at(event: Event) -> dict[int, bool]:
    """Account -> what they answered, of all who did."""
    return dict(
        RecordingConsent.objects.filter(event=event).values_list("user_id", "is_given").iterator()
    )


def keep_answer(event: Event, user: User, *, is_given: bool) -> None:
    """Keep what the person answered, in place of what they answered before."""
    RecordingConsent.objects.update_or_create(
        event=event,
        user=user,
        defaults={"is_given": is_given, "answered_at": timezone.now()},
    )


def events_asking(user: User) -> QuerySet[Event]:
    """The person's events that ask, or have an answer of theirs that can be changed.

    Of those only that the person may know of: a draft tells nobody its title.
    """
    place = Registration.objects.filter(event=OuterRef("pk"), user=user, withdrawn_at=None)
    answered = RecordingConsent.objects.filter(event=OuterRef("pk"), user=user)
    asks = Q(attendance_privacy__asks_consent=True) | Q(presence_setting__is_on=True)
    known = events_for(user).filter(pk=OuterRef("pk"))
    mine = Event.objects.filter((asks & Exists(place)) | Exists(answered)).filter(Exists(known))
    return mine.select_related("programme_version").order_by("starts_on", "pk")
