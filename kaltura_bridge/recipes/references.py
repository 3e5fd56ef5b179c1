"""Whether a planned object may use what it points to at Kaltura; pure."""

from __future__ import annotations

from events.models import Event, Session, Track
from kaltura_bridge.delivery.references import Reference, options_of, references_in
from kaltura_bridge.models import ErrorKind
from kaltura_bridge.recipes.base import CannotSend, Context, is_shown


def check_references(planned: Event | Track | Session, context: Context) -> None:
    """Raises CannotSend for what is not there, or is another event's, in the same words.

    A team may use what has no owner in the portal, what is its own event's, and what a
    planner of both events chose.
    """
    if context.pointed is None:  # nobody looked
        return
    for reference in references_in(planned):
        if _is_due(planned, reference, context) and not _may_use(planned, reference, context):
            raise CannotSend(
                ErrorKind.NO_VIDEO if reference.is_video else ErrorKind.INCOMPLETE,
                f"There is no {reference.label} {reference.to.remote_id} that you may choose. "
                "Choose another one under Delivery.",
            )


def _is_due(planned: Event | Track | Session, reference: Reference, context: Context) -> bool:
    """Whether it is sent now. What is not shown plays nothing, so it needs no video."""
    if reference.is_video:
        return isinstance(planned, Session) and is_shown(planned)
    return reference not in context.sent


def _may_use(planned: Event | Track | Session, reference: Reference, context: Context) -> bool:
    found = (context.pointed or {}).get(reference.to)
    if found is None:
        return False
    event = planned if isinstance(planned, Event) else planned.event
    is_own = found.owner in ("", str(event.uuid))
    return is_own or reference.to.remote_id in options_of(planned).lent_ids
