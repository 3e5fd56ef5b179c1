"""The one path of captions: read what there is, apply the rules, order, follow, fetch, show.

Whoever wakes a worker for captions ends here; with nothing to do it costs a few queries and
no call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db.models import Exists, OuterRef

from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.api.errors import KalturaError, RemoteRejected
from kaltura_bridge.captions import (
    catalogue,
    following,
    ordering,
    plan,
    results,
    rules,
    showing,
)
from kaltura_bridge.models import (
    CaptionOrder,
    ErrorClass,
    ErrorKind,
    OrderState,
    Recording,
    RecordingStatus,
    Transcript,
)
from kaltura_bridge.sync import pause

logger = logging.getLogger(__name__)


def look_after_captions(*, read_catalogue: bool = False) -> None:
    """Do all that is due. ``read_catalogue``: read it anew even when nobody needs it now.

    What Kaltura refuses at one stage leaves the others alone. Only when it does not answer, or
    refuses the account itself, everything pauses.
    """
    if pause.is_paused():
        return
    kaltura = Kaltura()
    for stage in _stages(read_catalogue):
        try:
            stage(kaltura)
        except KalturaError as error:
            if _is_of_account(error):
                pause.record_result(error)
                return
            logger.warning("Captions, %s: %s", stage.__name__.strip("_"), error)
    if kaltura.calls:
        pause.record_result(None)


def _is_of_account(error: KalturaError) -> bool:
    """Whether it would befall every call alike, rather than one that Kaltura does not allow."""
    if error.error_class is ErrorClass.STOP or error.kind is ErrorKind.RATE_LIMIT:
        return True
    return error.error_class is ErrorClass.RETRY and not isinstance(error, RemoteRejected)


def _stages(read_catalogue: bool) -> list[Callable[[Kaltura], object]]:
    read = [catalogue.refresh] if read_catalogue else []
    return [_read_captions, *read, _follow_plan, _apply_rules, _place, _follow, _show]


def _read_captions(kaltura: Kaltura) -> None:
    _expect_captions()
    results.fetch_due(kaltura)


def _follow_plan(kaltura: Kaltura) -> None:
    """First what is no longer right, so that it stands in the way of nothing."""
    plan.follow_plan()
    following.carry_out_wishes(kaltura)
    if plan.to_order_again().exists():
        catalogue.refresh_if_old(kaltura)
        plan.order_again()


def _apply_rules(kaltura: Kaltura) -> None:
    if rules.active_rules().exists():
        rules.apply_rules(catalogue.refresh_if_old(kaltura))


def _place(kaltura: Kaltura) -> None:
    _release_held()
    ordering.place_due(kaltura)


def _follow(kaltura: Kaltura) -> None:
    if following.follow_due(kaltura):
        results.fetch_due(kaltura)


def _show(kaltura: Kaltura) -> None:
    showing.want_delivered()
    if showing.carry_out(kaltura):
        results.fetch_due(kaltura)


def _expect_captions() -> None:
    """Every recording that is ready gets its captions read, new ones first."""
    known = Transcript.objects.filter(session=OuterRef("session"), entry_id=OuterRef("entry_id"))
    ready = Recording.objects.filter(~Exists(known), state=RecordingStatus.READY)
    for recording in ready.select_related("session")[:500]:
        results.expect(recording.session, recording.entry_id)


def _release_held() -> None:
    """Orders of people that were held because the session was not at Kaltura yet.

    Those of rules are the rules' to release, and what a deleted rule has left is nobody's.
    """
    held = CaptionOrder.objects.filter(state=OrderState.HELD, rule=None)
    held.exclude(ordered_by=None).update(state=OrderState.WAITING)
