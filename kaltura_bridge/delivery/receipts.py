"""How moved sessions stand at Kaltura, for the receipt of a move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Session, SessionStatus
from events.planner.receipts import ReceiptLine, register_channel
from kaltura_bridge.models import SyncState, SyncTarget, TargetKind


def _kaltura(sessions: Sequence[Session], since: datetime) -> Iterator[ReceiptLine]:
    """Each session's target; every save has touched it, so in sync means with the new times."""
    uuids = [session.uuid for session in sessions]
    rows = SyncTarget.objects.filter(kind=TargetKind.SESSION, object_uuid__in=uuids)
    targets = {target.object_uuid: target for target in rows}
    for session in sessions:
        target = targets.get(session.uuid)
        if target is None or target.state in (SyncState.PENDING, SyncState.SENDING):
            yield ReceiptLine(_("“%(session)s” is on its way.") % {"session": session}, False)
        elif target.error:
            text = _("“%(session)s” has failed: %(error)s")
            yield ReceiptLine(text % {"session": session, "error": target.error}, False)
        elif target.state == SyncState.SYNCED:
            yield ReceiptLine(_("“%(session)s” is in sync.") % {"session": session})
        else:
            text = _("“%(session)s”: %(state)s.")
            yield ReceiptLine(
                text % {"session": session, "state": target.get_state_display()}, False
            )


def _passes(sessions: Sequence[Session], since: datetime) -> Iterator[ReceiptLine]:
    """A pass is made at the door for what the session is then; nothing of it is stored."""
    for session in sessions:
        if session.status == SessionStatus.PUBLISHED:
            closes = session.doors_close_at.astimezone(session.event.zone)
            text = _("“%(session)s” can be entered until %(time)s; each entry makes a new pass.")
            yield ReceiptLine(text % {"session": session, "time": f"{closes:%H:%M}"})


def register() -> None:
    register_channel("kaltura", gettext_lazy("Kaltura"), _kaltura)
    register_channel("passes", gettext_lazy("Entering (KS)"), _passes)
