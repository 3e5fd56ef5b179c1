"""People on stage say when they can come; the planner plans by it.

The hours are the planner's own (``SpeakerHours``): a person sees and edits theirs alone, managers
all of them. That somebody has answered is kept apart, for whoever can always come has no hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.actions import NotAllowed
from events.agenda.days import is_over
from events.changes import changes
from events.models import (
    Event,
    OutgoingMail,
    PlannerRules,
    Speaker,
    SpeakerAvailability,
    SpeakerHours,
    StageRules,
    User,
)
from events.outbox.enqueue import enqueue_mail
from events.outbox.kinds import Items, MailKind, register_kind
from events.speakers.fields import digest

#: Whoever was asked so long ago and has not answered is reminded, once.
REMIND_AFTER: Final = timedelta(days=5)
_AT_A_TIME: Final = 100

Span = tuple[datetime, datetime]


class HoursChanged(Exception):
    """Somebody else wrote other hours since the page was made."""


def hours_of(speaker: Speaker) -> list[Span]:
    """When the person can come; none for always."""
    rows = SpeakerHours.objects.filter(speaker=speaker).order_by("starts_at", "pk")
    return list(rows.values_list("starts_at", "ends_at"))


def hours_token(spans: Sequence[Span]) -> str:
    return digest([[start.timestamp(), end.timestamp()] for start, end in spans])


@changes()
def say_hours(user: User, speaker: Speaker, spans: Sequence[Span], seen: str) -> None:
    """Put these hours in the place of what was there, and note that the person has answered.

    Raises HoursChanged unless what was there is what the page showed, and NotAllowed for a
    profile that is not theirs, or where the event does not ask.
    """
    held = Speaker.objects.select_for_update(of=("self",), no_key=True).select_related("event")
    found = held.filter(pk=speaker.pk, user=user).first()
    if found is None:
        raise NotAllowed(_("This profile is not yours any more."))
    if not StageRules.of(found.event).asks_hours:
        raise NotAllowed(_("The organisers do not ask for this any more."))
    before = hours_of(found)
    if hours_token(before) != seen:
        raise HoursChanged
    SpeakerAvailability.objects.update_or_create(
        speaker=found, defaults={"answered_at": timezone.now()}
    )
    if list(spans) == before:
        return
    SpeakerHours.objects.filter(speaker=found).delete()
    SpeakerHours.objects.bulk_create(
        SpeakerHours(speaker=found, starts_at=start, ends_at=end) for start, end in spans
    )
    PlannerRules.touch(found.event)


# --- What managers see, and asking ------------------------------------------------------------


@dataclass(frozen=True)
class HoursAnswers:
    """Who has said when they can come, and who has not; ``to_ask``: of those, who can be asked."""

    answered: int
    missing: tuple[Speaker, ...]
    to_ask: int


def answers_of(event: Event) -> HoursAnswers:
    """Those who are in a session; two queries."""
    rows = Speaker.objects.filter(event=event, appearances__isnull=False).distinct()
    people = list(rows.select_related("availability", "user").order_by("name", "pk"))
    with_hours = set(
        SpeakerHours.objects.filter(speaker__event=event).values_list("speaker", flat=True)
    )
    missing = tuple(each for each in people if not _has_answered(each, with_hours))
    to_ask = sum(1 for each in missing if each.user_id and not _was_asked(each))
    return HoursAnswers(len(people) - len(missing), missing, to_ask)


def _has_answered(speaker: Speaker, with_hours: set[int]) -> bool:
    """By themselves, or by somebody who wrote their hours down for them."""
    said = getattr(speaker, "availability", None)
    return speaker.pk in with_hours or bool(said and said.answered_at)


def _was_asked(speaker: Speaker) -> bool:
    said = getattr(speaker, "availability", None)
    return bool(said and said.asked_at)


@transaction.atomic
def ask_for_hours(event: Event) -> int:
    """Owe a mail to everybody with an account who was not asked yet. Returns to how many."""
    if not StageRules.of(event).asks_hours:
        return 0
    now, asked = timezone.now(), 0
    for speaker in answers_of(event).missing:
        if speaker.user is None:
            continue
        SpeakerAvailability.objects.get_or_create(speaker=speaker)
        rows = SpeakerAvailability.objects.filter(speaker=speaker, asked_at=None, answered_at=None)
        if rows.update(asked_at=now):
            _ask(speaker, "asked")
            asked += 1
    return asked


def remind_of_hours(now: datetime) -> None:
    """One reminder for each who was asked and has not answered, while the event is to come."""
    while _remind_some(now):
        pass


@transaction.atomic
def _remind_some(now: datetime) -> bool:
    due = SpeakerAvailability.objects.filter(
        answered_at=None, reminded_at=None, asked_at__lte=now - REMIND_AFTER
    )
    held = due.select_for_update(of=("self",), skip_locked=True).order_by("pk")
    rows = list(held.select_related("speaker__event", "speaker__user")[:_AT_A_TIME])
    SpeakerAvailability.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)
    for row in rows:
        if row.speaker.user and not row.speaker.hours.exists():
            _ask(row.speaker, "reminded")
    return bool(rows)


def _ask(speaker: Speaker, why: str) -> None:
    assert speaker.user
    enqueue_mail(
        STAGE_HOURS,
        speaker.user,
        f"hours:{speaker.uuid}:{why}",
        event=speaker.event,
        context={"speaker": speaker.pk},
    )


def _unanswered(mails: Sequence[OutgoingMail]) -> Items:
    """Those who still have not answered, where the event still asks and is to come."""
    rows = Speaker.objects.filter(
        Q(availability=None) | Q(availability__answered_at=None),
        pk__in=[mail.context.get("speaker") for mail in mails],
        user=mails[0].user,
        hours=None,
        event__stage_rules__asks_hours=True,
    ).select_related("event__programme_version")
    found = rows.in_bulk()
    return {
        mail.pk: _item(found[mail.context["speaker"]])
        for mail in mails
        if mail.context.get("speaker") in found
        and not _is_past(found[mail.context["speaker"]].event)
    }


def _is_past(event: Event) -> bool:
    return is_over(event.ends_on, event.zone, timezone.now())


def _item(speaker: Speaker) -> dict[str, Any]:
    path = reverse("events:stage_hours", args=[speaker.uuid])
    return {"speaker": speaker, "event": speaker.event, "address": settings.SITE_URL + path}


STAGE_HOURS: Final = register_kind(
    MailKind(
        "stage_hours",
        gettext_lazy("You get this mail because you are on stage at {event}."),
        must_arrive=False,
        items_of=_unanswered,
    )
)
