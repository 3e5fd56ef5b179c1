"""Privacy contexts and galleries: whether Kaltura holds what events chose, and KAF shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from events.models import Event, EventStatus, Track
from kaltura_bridge.api import ks
from kaltura_bridge.api.client import Request, wire
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.delivery.options import (
    event_delivery,
    is_for_members,
    privacy_context_of,
)
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
from kaltura_bridge.models import EventDelivery, PlayerChoice, SessionDelivery

_MEMBERS_ONLY: Final = "3"
_NAMED: Final = 5
_NO_PLAYER: Final = ("", PlayerChoice.KAF)


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
    if warnings := [*_unguarded(), *_shared()]:
        return warning(" ".join(seen for seen, _ in warnings), " ".join(fix for _, fix in warnings))
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


def _unguarded() -> Iterator[tuple[str, str]]:
    """What is wrong, and what to do, with events for some whose KS may see everybody's."""
    events = Event.objects.select_related("delivery").order_by("pk")
    private = [e for e in events if is_for_members(e) and not privacy_context_of(e)]
    chosen = {event.pk: event_delivery(event) for event in private}
    if shown := [str(e) for e in private if (own := chosen[e.pk]) and own.gallery]:
        yield (
            f"{_names(shown)}: not open to everybody, with a gallery and no privacy context.",
            "Set one under Delivery, so that Kaltura shows the gallery to members only.",
        )
    rows = SessionDelivery.objects.exclude(player__in=_NO_PLAYER)
    by_session = set(rows.values_list("session__event_id", flat=True))
    watched = [
        str(e)
        for e in private
        if e.pk in by_session or ((own := chosen[e.pk]) and own.player not in _NO_PLAYER)
    ]
    if watched:
        yield (
            f"{_names(watched)}: not open to everybody, watched in a player without a privacy "
            "context, whose KS reads what no context guards, of whichever event.",
            "Set one under Delivery, so that the player sees what its viewer may see.",
        )


def _shared() -> Iterator[tuple[str, str]]:
    """The same of events that share a context, which Kaltura compares whatever the case."""
    events: dict[str, list[str]] = defaultdict(list)
    for event in events_with_members().order_by("pk"):
        events[privacy_context_of(event).lower()].append(str(event))
    for name, titles in events.items():
        if len(titles) > 1:
            yield (
                f"{_names(titles)} have the same privacy context ({name}): whoever belongs to one "
                "could see at Kaltura what the other does not keep for its members.",
                "Give each its own under Delivery, unless they are meant for the same people.",
            )


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
