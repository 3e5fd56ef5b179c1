"""What people and Kaltura's notifications write about orders; a worker does the rest.

Nothing here speaks to Kaltura. Each write repeats the state that the person saw, so a stale
page undoes nothing, and a form that is sent twice orders once.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from events.models import Event, Session, User
from kaltura_bridge.captions import retiming
from kaltura_bridge.captions.plan import may_have_live
from kaltura_bridge.captions.pricing import CaptionQuote
from kaltura_bridge.captions.rules import CaptionNeed, withdraw
from kaltura_bridge.models import (
    CaptionFeature,
    CaptionOrder,
    CaptionRule,
    CaptionTrack,
    OrderState,
    OrderWish,
    Recording,
    RecordingStatus,
    RemoteLink,
    TrackWish,
)
from kaltura_bridge.models.captions import ABORTABLE, ORDER_ENDS
from kaltura_bridge.queue import TaskName, enqueue
from kaltura_bridge.specs import Kind, key_for


def apply_rules_soon(events: set[int]) -> None:
    """Have a worker apply the rules of these events after the commit, where any are in force.

    For what has just become ready or published; what nobody tells of waits for the next pass.
    """
    rules = CaptionRule.objects.filter(event__in=events, is_active=True)
    if events and rules.exists():
        transaction.on_commit(partial(enqueue, TaskName.CAPTIONS))


def needs_of_session(session: Session, now: datetime) -> list[tuple[CaptionNeed, str]]:
    """What of a session captions can be ordered for, each with its name."""
    ready = Recording.objects.filter(session=session, state=RecordingStatus.READY)
    found = [
        (
            CaptionNeed(session, each.entry_id, "", each.seconds or None, CaptionFeature.RECORDING),
            str(each),
        )
        for each in ready
    ]
    if session.starts_at > now and may_have_live(session):
        links = RemoteLink.objects.filter(kind=Kind.ENTRY, key=key_for(session.uuid), gone=False)
        if entry_id := links.values_list("remote_id", flat=True).first():
            length = int(session.duration.total_seconds())
            need = CaptionNeed(session, entry_id, "", length, CaptionFeature.LIVE)
            found.append((need, str(session)))
    return found


def order(
    user: User, need: CaptionNeed, offer: CaptionQuote, key: UUID, *, shows_at_once: bool = True
) -> CaptionOrder | None:
    """Order what somebody has seen the price of. ``key`` is their form's: None, it was sent twice.

    It is written down here; a worker places it.
    """
    made = CaptionOrder(
        session=need.session,
        ordered_by=user,
        key=key,
        entry_id=need.entry_id,
        feature=need.feature,
        language=offer.item.language,
        catalog_item_id=offer.item.id,
        item_name=offer.item.name,
        price=offer.price,
        starts_at=need.starts_at,
        ends_at=need.ends_at,
        shows_at_once=shows_at_once,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        return None
    note(user, need.session, f"Ordered {offer.item.name} for {need.entry_id}.", ADDITION)
    return made


def wish(user: User, about: CaptionOrder, what: str, reason: str = "") -> bool:
    """Abort, approve or reject an order; False when it has moved on meanwhile."""
    if what == OrderWish.ABORT and withdraw(about):
        _note_order(user, about, f"Withdrew {about.item_name}.")
        return True
    mine = CaptionOrder.objects.filter(pk=about.pk, state=about.state, task_id__isnull=False)
    if what not in allowed_wishes(about) or not mine.update(
        wish=what, wish_reason=reason, reason="", look_at=timezone.now()
    ):
        return False
    words = f"{OrderWish(what).name.capitalize()}: {about.item_name}, task {about.task_id}."
    _note_order(user, about, words)
    return True


def wish_shown(user: User, track: CaptionTrack, what: str) -> bool:
    """Have Kaltura show captions to viewers, or hide them; False when that is so already.

    They are hidden on the portal at once, and shown when Kaltura shows them.
    """
    mine = CaptionTrack.objects.filter(pk=track.pk).exclude(wish=what)
    done = Q(is_shown=what == TrackWish.SHOW) & Q(wish="")
    if not mine.exclude(done).update(wish=what, wish_at=timezone.now(), trouble=""):
        return False
    words = f"{TrackWish(what).name.capitalize()} {track} ({track.asset_id})."
    note(user, track.transcript.session, words)
    return True


def keep_outdated(user: User, track: CaptionTrack) -> bool:
    """Show captions although their recording was cut; False when nobody withholds them."""
    if not retiming.keep_as_they_are(track):
        return False
    words = f"Kept {track} ({track.asset_id}) as they were before the cut."
    note(user, track.transcript.session, words)
    return True


def show_as_ruled(rule: CaptionRule) -> None:
    """Have what a rule ordered, and is not delivered yet, shown as the rule says by now."""
    orders = CaptionOrder.objects.filter(rule=rule).exclude(state__in=ORDER_ENDS)
    orders.update(shows_at_once=rule.shows_at_once)


def _note_order(user: User, about: CaptionOrder, words: str) -> None:
    thing = about.session or about.event
    if thing is not None:
        note(user, thing, words)


def allowed_wishes(about: CaptionOrder) -> list[str]:
    """What somebody may want of an order as it stands."""
    if about.is_over or about.wish:
        return []
    if about.task_id is None:
        return [OrderWish.ABORT] if about.adding_since is None else []
    wishes = [OrderWish.ABORT] if about.state in ABORTABLE else []
    if about.state == OrderState.MODERATION:
        wishes += [OrderWish.APPROVE, OrderWish.REJECT]
    return list(wishes)


def note_task_changed(task_id: str) -> bool:
    """Kaltura says that a task changed: look at it next. Whether it is one of ours."""
    if not task_id.isdecimal() or len(task_id) > 18:
        return False
    mine = CaptionOrder.objects.filter(task_id=int(task_id)).exclude(state__in=ORDER_ENDS)
    return bool(mine.update(look_at=timezone.now()))


def note(user: User, about: Event | Session, words: str, flag: int = CHANGE) -> None:
    """A line in the history of the event's or session's page in the admin."""
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(type(about)),
        object_id=str(about.pk),
        object_repr=str(about)[:200],
        action_flag=flag,
        change_message=f"Captions: {words}",
    )


def copy_rules(original: Event, copy: Event) -> None:
    """The rules of a copied event, about its own tracks, out of force.

    Whoever copies an event has not said yes to what its rules cost.
    """
    tracks = dict(copy.tracks.values_list("slug", "pk"))
    for rule in CaptionRule.objects.filter(event=original).select_related("track"):
        if rule.track:
            rule.track_id = tracks.get(rule.track.slug)
            if rule.track_id is None:
                continue
        rule.pk, rule.event, rule.is_active = None, copy, False
        rule._state.adding = True
        rule.save()
