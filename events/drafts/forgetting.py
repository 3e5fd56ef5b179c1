"""What becomes of unreleased changes and of releases when a person is erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from django.db.models import Q

from events.drafts.kinds import KINDS
from events.models import (
    ObjectHistory,
    Release,
    Speaker,
    SpeakerLink,
    TrashedRows,
    UnreleasedChange,
    User,
)
from events.trash.tables import stored

_PROFILE: Final = KINDS[Speaker].name
_LINK: Final = KINDS[SpeakerLink].name


def forget_profiles(sender: type, user: User, note: Callable[[str, int], None], **_: Any) -> None:
    """Earlier and later versions of the profiles that were theirs go, as from history.

    Also of those in the trash, or of events in it. As it stands in the event a profile is the
    event's, and stays. History and trash still know whose they were: they forget after this.
    """
    known = ObjectHistory.objects.filter(model=_PROFILE, people__contains=f",{user.pk},")
    profiles = Speaker.objects.filter(user=user)
    mine = {
        *profiles.values_list("pk", flat=True),
        *known.values_list("object_key", flat=True),
        *_in_trash(user),
    }
    of_profile = Q(model=_PROFILE, object_id__in=mine) | Q(model=_LINK, parent_id__in=mine)
    waiting = UnreleasedChange.objects.filter(of_profile)
    note(UnreleasedChange._meta.label, waiting.delete()[0])
    events = Q(event__in=profiles.values("event")) | Q(event__uuid__in=known.values("event_uuid"))
    for release in Release.objects.filter(events).select_for_update():
        left = [change for change in release.changes if not _is_of(change, mine)]
        if left != release.changes:
            release.changes = left
            release.save(update_fields=["changes"])
            note(Release._meta.label, 1)
    _forget_in_trash(mine, note)


def _is_of(change: Mapping[str, Any], mine: set[int]) -> bool:
    if change["model"] == _LINK:
        return change["parent_id"] in mine
    return change["model"] == _PROFILE and change["object_id"] in mine


def _in_trash(user: User) -> Iterator[int]:
    """The profiles of theirs that are in the trash."""
    chunks = TrashedRows.objects.filter(model=Speaker._meta.label, is_reference=False)
    for chunk in chunks.iterator():
        for row in chunk.rows:
            values = dict(zip(chunk.columns, row, strict=True))
            if values.get("user_id") == stored(user.pk):
                yield values["id"]


def _forget_in_trash(mine: set[int], note: Callable[[str, int], None]) -> None:
    """What waited in events that are in the trash, and their releases."""
    labels = (UnreleasedChange._meta.label, Release._meta.label)
    chunks = TrashedRows.objects.filter(model__in=labels, is_reference=False)
    for chunk in chunks.iterator():
        rows = []
        for row in chunk.rows:
            values = dict(zip(chunk.columns, row, strict=True))
            if chunk.model == Release._meta.label:
                values["changes"] = [each for each in values["changes"] if not _is_of(each, mine)]
            elif _is_of(values, mine):
                continue
            rows.append(list(values.values()))
        if rows != chunk.rows:
            note(TrashedRows._meta.label, 1)
            chunk.rows = rows
            chunk.save(update_fields=["rows"])
