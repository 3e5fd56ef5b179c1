"""Whether a session may use what it points to at Kaltura; pure."""

from __future__ import annotations

from events.models import Session
from kaltura_bridge.delivery.options import DeliveryOptions, options_for
from kaltura_bridge.delivery.references import Reference, references_of
from kaltura_bridge.models import ErrorKind
from kaltura_bridge.recipes.base import CannotSend, Context, is_shown


def check_references(session: Session, context: Context) -> None:
    """Raises CannotSend for what is not there, or is another event's, in the same words.

    A team may use what has no owner in the portal, what is its own event's, and what a
    planner of both events chose.
    """
    if context.pointed is None:  # nobody looked
        return
    options = options_for(session)
    for reference in references_of(session, options):
        # What is not shown plays nothing, so it needs no video.
        is_due = is_shown(session) if reference.is_video else not _was_sent(reference, context)
        if is_due and not _may_use(session, options, reference, context):
            raise CannotSend(
                ErrorKind.NO_VIDEO if reference.is_video else ErrorKind.INCOMPLETE,
                f"There is no {reference.label} {reference.to.remote_id} that you may choose. "
                "Choose another one under Delivery.",
            )


def _was_sent(reference: Reference, context: Context) -> bool:
    return reference.to.remote_id in context.sent


def _may_use(
    session: Session, options: DeliveryOptions, reference: Reference, context: Context
) -> bool:
    found = (context.pointed or {}).get(reference.to)
    if found is None:
        return False
    is_own = found.owner in ("", str(session.event.uuid))
    return is_own or reference.to.remote_id in options.lent_ids
