"""Privacy contexts and galleries: whether Kaltura holds what events chose, and KAF shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from events.models import Event, EventStatus, Track
from kaltura_bridge.api import ks
from kaltura_bridge.api.client import Request, wire
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.delivery.options import is_for_members, privacy_context_of
from kaltura_bridge.doctor.base import (
    Check,
    CheckResult,
    CheckVerdict,
    DoctorRun,
    failed,
    ok,
    skipped,
    warning,
)
from kaltura_bridge.doctor.connection import CLOCK, CREDENTIALS
from kaltura_bridge.doctor.fetch import NoAnswer
from kaltura_bridge.doctor.kaf import KAF, damage, judge
from kaltura_bridge.gallery.looking import open_gallery, signed_for
from kaltura_bridge.gallery.places import category_of, is_ambiguous
from kaltura_bridge.members.people import events_with_members
from kaltura_bridge.models import EventDelivery

_MEMBERS_ONLY: Final = "3"
_NAMED: Final = 5


def check_contexts(run: DoctorRun) -> CheckResult:
    """Whether each event's category has its privacy context, and is as private as the event.

    So must its tracks be: they inherit members, not privacy.
    """
    events = list(events_with_members().prefetch_related("tracks"))
    planned = [each for event in events for each in _with_tracks(event)]
    held = [(each, found) for each in planned if (found := category_of(each, ""))]
    answers = run.kaltura.ask([_get(found.remote_id) for _, found in held])
    wrong = [str(each) for (each, _), row in zip(held, answers, strict=True) if _is_open(each, row)]
    if wrong:
        return failed(
            f"Kaltura does not keep to the privacy of {_names(wrong)}.",
            "Open their Kaltura pages under Sync states and choose Push.",
        )
    if unguarded := _unguarded():
        return warning(
            f"{_names(unguarded)}: not open to everybody, with a gallery and no privacy context.",
            "Set one under Delivery, so that Kaltura shows the gallery to members only.",
        )
    if not events:
        return ok("No event has a privacy context.")
    return ok(f"{len(held)} categories are as private as their events.")


def _with_tracks(event: Event) -> list[Event | Track]:
    return [event, *event.tracks.all()]


def _get(remote_id: str) -> Request:
    return Request(lambda c: c.category.get(remote_id), as_row=True)


def _is_open(planned: Event | Track, row: Any) -> bool:
    """Whether the category shows more than the event allows, or to whom nobody can tell."""
    if isinstance(row, KalturaError):
        return True
    event = planned if isinstance(planned, Event) else planned.event
    if privacy_context_of(event) not in wire(row.privacyContexts).split(","):
        return True
    return is_for_members(event) and wire(row.privacy) != _MEMBERS_ONLY


def _unguarded() -> list[str]:
    chosen = EventDelivery.objects.filter(gallery=True, privacy_context="")
    events: Iterable[Event] = (each.event for each in chosen.select_related("event"))
    return [str(event) for event in events if is_for_members(event)]


def _names(titles: Sequence[str]) -> str:
    shown = ", ".join(f"“{title}”" for title in titles[:_NAMED])
    return shown if len(titles) <= _NAMED else f"{shown} and {len(titles) - _NAMED} more"


def check_gallery(run: DoctorRun) -> CheckResult:
    """Open one event's gallery with a KS of ours, and again with a damaged one.

    Of no other category: KAF makes one of any name that it does not know.
    """
    if not ks.can_mint():
        return skipped("Only KALTURA_ADMIN_SECRET can sign people in, and it is empty.")
    chosen = EventDelivery.objects.filter(gallery=True).select_related("event").order_by("-pk")
    category = next((found for d in chosen if (found := category_of(d.event, ""))), None)
    if category is None:
        return ok("No event shows Kaltura's gallery.")
    good = signed_for(category)
    try:
        signed, damaged = open_gallery(good), open_gallery(damage(good))
    except NoAnswer as error:
        return failed(f"KAF's gallery does not answer: {error}.", "Ask Kaltura about this KAF.")
    if signed.status >= 400:
        return failed(
            f"KAF refuses the gallery “{category.name}” (HTTP {signed.status}).",
            "Check KALTURA_GALLERY_PATH and KALTURA_GALLERY_PRIVILEGE with Kaltura. Visitors get "
            "the agenda meanwhile.",
        )
    if (judged := judge(signed, damaged)).verdict is not CheckVerdict.OK:
        return judged
    if untold := _untold():
        return warning(
            f"KAF cannot tell the gallery of {_names(untold)} from another of the same name.",
            "Visitors get the agenda instead. Rename it, or let KALTURA_GALLERY_PRIVILEGE name "
            "categories by their number, if your KAF reads that.",
        )
    return judged


def _untold() -> list[str]:
    """The events and tracks with a gallery whose name alone does not say which is meant."""
    chosen = Event.objects.filter(delivery__gallery=True).exclude(status=EventStatus.DRAFT)
    planned = [
        each
        for event in chosen.prefetch_related("tracks").order_by("pk")
        for each in _with_tracks(event)
    ]
    return [
        str(each)
        for each in planned
        if (found := category_of(each, "")) and is_ambiguous(each, found)
    ]


CHECKS = (
    Check("privacy contexts", check_contexts, needs=(CREDENTIALS,)),
    Check("KAF gallery", check_gallery, needs=(KAF, CREDENTIALS, CLOCK)),
)
