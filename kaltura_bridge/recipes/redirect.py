"""From the end of a session on, its entry leads to a video: Kaltura's own pages and players follow.

Sources: plugins/schedule/base/lib/model/LiveRedirectScheduleEvent.php of kaltura/server. While
such an event lasts, the entry reads as stopped, so it begins only when nothing is on air.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from events.models import Session
from kaltura_bridge import texts
from kaltura_bridge.delivery.options import DeliveryOptions
from kaltura_bridge.recipes.base import ONCE, is_shown, unix
from kaltura_bridge.specs import Kind, Ref, Spec, Value, key_for

REDIRECT = "redirect"
REDIRECT_FOR = timedelta(days=365)  # Kaltura takes two years (63072000 s) at most


def redirect_spec(session: Session, entry: Ref, to: str, start: datetime) -> Spec:
    """The event that leads from the session's entry to a video, from ``start`` on.

    It is never moved: a session that moves deletes it and creates it again after the main
    event, as the two must not overlap on one entry.
    """
    key = key_for(session.uuid, REDIRECT)
    fields: dict[str, Value] = {
        "referenceId": key,
        "summary": texts.summary(f"{session.title} (replay)"),
        "startDate": unix(start),
        "endDate": unix(start + REDIRECT_FOR),
        "templateEntryId": entry,
        "redirectEntryId": to,
        "recurrenceType": ONCE,
    }
    return Spec(
        Kind.SCHEDULE_EVENT,
        key,
        f"replay of “{session.title}”",
        fields,
        variant="KalturaLiveRedirectScheduleEvent",
        shape=unix(start),
        # Kaltura refuses two events of one entry that overlap, so when both move later
        # the main event must have left its old time first.
        after=((Kind.SCHEDULE_EVENT, key_for(session.uuid)),),
    )


def recording_redirect(session: Session, options: DeliveryOptions, entry: Ref) -> list[Spec]:
    """To the recording that attendees watch, where the event asks for it.

    From the moment at which the doors close, so that a broadcast which overruns stays on air.
    Reads ``session.recordings``.
    """
    if not options.recordings_redirect or not is_shown(session):
        return []
    shown = [recording for recording in session.recordings.all() if recording.is_shown]
    if not shown:
        return []
    return [redirect_spec(session, entry, shown[0].entry_id, session.doors_close_at)]
