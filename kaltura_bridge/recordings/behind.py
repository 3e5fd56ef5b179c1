"""Whether Kaltura lists a session's recordings as the desk says: by the sync, nobody is asked.

Whatever changes what attendees see makes the session wait for the sync in the same transaction;
so whose session is in sync, for that one Kaltura follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from events.models import Session
from kaltura_bridge.models import SyncState, SyncTarget, TargetKind


@dataclass(frozen=True)
class KalturaBehind:
    """Kaltura does not list yet, or still lists, what the desk says. ``target``: its sync."""

    target: SyncTarget

    @property
    def text(self) -> str:
        """Why, as far as the last try tells."""
        if not self.target.error:
            return _("Kaltura is just being told which recordings it may list.")
        return _("Kaltura does not follow yet: %(why)s") % {"why": self.target.error}

    @property
    def has_failed(self) -> bool:
        """Whether somebody must do something."""
        return self.target.state == SyncState.FAILED


def behind(sessions: Iterable[Session]) -> dict[int, KalturaBehind]:
    """By primary key, those sessions for which Kaltura does not follow. One query."""
    by_uuid = {session.uuid: session.pk for session in sessions}
    targets = SyncTarget.objects.filter(kind=TargetKind.SESSION, object_uuid__in=by_uuid)
    late = targets.exclude(state=SyncState.SYNCED).order_by()
    return {by_uuid[target.object_uuid]: KalturaBehind(target) for target in late}
