"""The one path of captions: read what there is, apply the rules, order, follow, fetch.

Whoever wakes a worker for captions ends here; with nothing to do it costs a few queries and
no call.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.captions import catalogue, following, ordering, results, rules
from kaltura_bridge.models import (
    CaptionOrder,
    OrderState,
    Recording,
    RecordingStatus,
    Transcript,
)
from kaltura_bridge.sync import pause


def look_after_captions(*, read_catalogue: bool = False) -> None:
    """Do all that is due. ``read_catalogue``: read it anew even when nobody needs it now."""
    if pause.is_paused():
        return
    kaltura = Kaltura()
    try:
        _look_after(kaltura, read_catalogue)
    except KalturaError as error:
        pause.record_result(error)
    else:
        if kaltura.calls:
            pause.record_result(None)


def _look_after(kaltura: Kaltura, read_catalogue: bool) -> None:
    _expect_captions()
    results.fetch_due(kaltura)
    if read_catalogue:
        catalogue.refresh(kaltura)
    if rules.active_rules().exists():
        rules.apply_rules(catalogue.refresh_if_old(kaltura))
    _release_held()
    ordering.place_due(kaltura)
    following.carry_out_wishes(kaltura)
    if following.follow_due(kaltura):
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
