"""What becomes of unreleased changes and of releases when a person is erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from events.drafts.kinds import KINDS
from events.models import Release, Speaker, UnreleasedChange, User


def forget_profiles(sender: type, user: User, note: Callable[[str, int], None], **_: Any) -> None:
    """Earlier and later versions of the profiles that were theirs go, as from history.

    As it stands in the event a profile is the event's, and stays.
    """
    name = KINDS[Speaker].name
    profiles = Speaker.objects.filter(user=user)
    mine = set(profiles.values_list("pk", flat=True))
    waiting = UnreleasedChange.objects.filter(model=name, object_id__in=mine)
    note(UnreleasedChange._meta.label, waiting.delete()[0])
    releases = Release.objects.filter(event__in=profiles.values("event"))
    for release in releases.select_for_update():
        theirs = [
            change
            for change in release.changes
            if change["model"] == name and change["object_id"] in mine
        ]
        if theirs:
            release.changes = [change for change in release.changes if change not in theirs]
            release.save(update_fields=["changes"])
            note(Release._meta.label, 1)
