"""What a page says when there are no figures yet: why, and what happens next or what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from analytics.models import Coverage
from events.models import Session


def guidance_for(
    session: Session, sources: Sequence[Coverage], has_place: bool, now: datetime
) -> str:
    """Why there is nothing yet; empty once a pull has worked.

    ``has_place`` says whether the session has a room or webcast at Kaltura.
    """
    if any(source.pulled_at for source in sources):
        return ""
    if sources:
        return _(
            "The last pull failed: %(error)s It is repeated every five minutes until "
            "an hour after the session, then every hour for three days."
        ) % {"error": sources[0].error}
    if now < session.doors_open_at:
        return _("The doors are not open yet. Attendance appears some minutes after they open.")
    if not has_place:
        return _(
            "The session has no room or webcast at Kaltura, so nobody can have joined. "
            "Publish it, and check its Kaltura state on the session's page in the admin."
        )
    return _(
        "Attendance has not been pulled yet. For sessions of the last three days that happens "
        "by itself within minutes; for older ones run: "
        "python manage.py pull_attendance %(event)s"
    ) % {"event": session.event.slug}
