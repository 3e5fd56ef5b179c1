"""Whether viewers see captions: what rules and people want of it, told to Kaltura.

REACH may deliver captions that Kaltura's player hides (``displayOnPlayer``). What somebody
wants of them is written down first; a worker sends it. The same value may be sent twice without
harm, so a lost answer is answered by sending once more; only one worker at a time sends, so that
an older wish never overtakes a newer one. Source: captionAsset.update of the caption plugin.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from kaltura_bridge.api.client import Kaltura, Request, new, wire
from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable, user_message
from kaltura_bridge.leases import LeaseLost, Leases
from kaltura_bridge.models import (
    CaptionFeature,
    CaptionOrder,
    CaptionTrack,
    ErrorClass,
    OrderState,
    TrackWish,
    Transcript,
)

logger = logging.getLogger(__name__)

LEASES: Final = Leases(CaptionTrack, lambda: settings.KALTURA_LEASE_S, "transcript__session")
PAUSE: Final = timedelta(minutes=1)
_ABSENT: Final = "CAPTION_ASSET_ID_NOT_FOUND"
GONE: Final = "Kaltura no longer has these captions."
#: Of two captions of a language Kaltura hides the one whose accuracy is less, whatever is sent.
OVERRULED: Final = (
    "Kaltura did not change it: of two captions in one language its player shows the more "
    "accurate ones. Hide or delete the others first."
)


def want_delivered() -> int:
    """Want shown what was delivered hidden and is to be shown at once. Returns how many orders.

    Once for each order: what somebody hides again later stays hidden.
    """
    mine = CaptionTrack.objects.filter(
        asset_id=OuterRef("output_id"),
        transcript__session=OuterRef("session"),
        transcript__entry_id=OuterRef("entry_id"),
    )
    delivered = CaptionOrder.objects.filter(
        Exists(mine),
        state=OrderState.READY,
        feature=CaptionFeature.RECORDING,
        shows_at_once=True,
        show_decided_at=None,
    )
    return sum(map(_decide, delivered.exclude(output_id="").order_by("pk")))


@transaction.atomic
def _decide(order: CaptionOrder) -> bool:
    undecided = CaptionOrder.objects.filter(pk=order.pk, show_decided_at=None, shows_at_once=True)
    if not undecided.update(show_decided_at=timezone.now()):
        return False
    tracks = CaptionTrack.objects.filter(
        transcript__session=order.session_id,
        transcript__entry_id=order.entry_id,
        asset_id=order.output_id,
    )
    hidden = tracks.filter(is_shown=False, wish="")
    hidden.update(wish=TrackWish.SHOW, wish_at=timezone.now(), trouble="")
    return True


def carry_out(kaltura: Kaltura) -> int:
    """Tell Kaltura what is wanted of captions. Returns how many it was told about.

    What Kaltura refuses of one leaves the others alone. Raises KalturaError when it does not
    answer or refuses the account; the wish stays.
    """
    LEASES.free_dead()
    done = 0
    while track := LEASES.take(_wished()):
        done += 1
        try:
            _tell(kaltura, track)
        except LeaseLost:
            logger.info("Captions %s are another worker's by now.", track.asset_id)
            _read_again(track)
    return done


def _wished() -> QuerySet[CaptionTrack]:
    wished = CaptionTrack.objects.filter(wish_at__lte=timezone.now()).exclude(wish="")
    return wished.order_by("wish_at", "pk")


def _tell(kaltura: Kaltura, track: CaptionTrack) -> None:
    is_wanted = track.wish == TrackWish.SHOW
    changed = new("KalturaCaptionAsset", displayOnPlayer=is_wanted)
    update = Request(lambda c: c.caption.captionAsset.update(track.asset_id, changed), write=True)
    LEASES.keep(track)
    answer = kaltura.ask_once([update])[0]
    if isinstance(answer, KalturaError):
        _refused(track, answer)
    else:
        _keep(track, is_wanted, is_shown=wire(answer.displayOnPlayer) != "0")


def _release(track: CaptionTrack, **changes: Any) -> None:
    """Let go of it, with changes to the wish unless somebody wants something else by now.

    Raises LeaseLost.
    """
    with transaction.atomic():
        if changes:
            same = CaptionTrack.objects.filter(
                pk=track.pk, holder=track.holder, wish=track.wish, wish_at=track.wish_at
            )
            same.update(**changes)
        LEASES.release(track)


def _read_again(track: CaptionTrack) -> None:
    entry_id = track.transcript.entry_id
    Transcript.objects.filter(entry_id=entry_id).update(look_at=timezone.now())


def _keep(track: CaptionTrack, is_wanted: bool, *, is_shown: bool) -> None:
    """Write down what Kaltura made of it, for every session that has these captions."""
    with transaction.atomic():
        same = CaptionTrack.objects.filter(
            asset_id=track.asset_id, transcript__entry_id=track.transcript.entry_id
        )
        same.update(is_shown=is_shown)
        _release(track, wish="", wish_at=None, trouble="" if is_shown == is_wanted else OVERRULED)
        _read_again(track)  # Others of its language may have been hidden for it.


def _refused(track: CaptionTrack, error: KalturaError) -> None:
    """A wish that cannot be granted is dropped, with a sentence; trouble leaves it."""
    later = timezone.now() + PAUSE
    if isinstance(error, RemoteUnavailable):
        if not error.sent:
            _release(track)
        # What was sent may still be under way: nothing else is, until the lease is over.
        raise error
    if error.error_class is ErrorClass.STOP:
        _release(track)
        raise error
    if error.error_class is ErrorClass.RETRY:
        _release(track, wish_at=later, trouble=user_message(str(track), error))
        return
    is_gone = isinstance(error, RemoteRejected) and error.code == _ABSENT
    _release(
        track, wish="", wish_at=None, trouble=GONE if is_gone else user_message(str(track), error)
    )
    logger.warning("Captions %s could not be changed: %s", track.asset_id, error)
    if is_gone:
        _read_again(track)
