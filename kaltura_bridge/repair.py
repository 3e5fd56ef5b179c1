"""What a person may choose when something is not in step; each choice is a verb in the admin.

None of them asks Kaltura: they change what the next sync will find, and ring for it.
Nothing here happens by itself. A choice is about an object, or some fields of one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from kaltura_bridge import adopt, states
from kaltura_bridge.models import Account, RemoteLink, SyncAttempt, SyncTarget
from kaltura_bridge.receivers import ring_on_commit
from kaltura_bridge.specs import Kind

# Such a link is of no known class, so the plan deletes what is left there and makes it anew.
ANEW: Final = "anew"
# What hangs on these goes and comes with them.
_CARRIES: Final = (Kind.ENTRY, Kind.ROOM)


class CannotRepair(Exception):
    """This choice does not exist here; the text says why and what to do instead."""


@transaction.atomic
def retry(targets: QuerySet[SyncTarget]) -> int:
    """Compare and send again, now, even if the account rests. Returns how many were called up."""
    called = states.touch_all(targets)
    Account.objects.update(paused_until=None)
    ring_on_commit()
    return called


@transaction.atomic
def push_ours(targets: QuerySet[SyncTarget]) -> int:
    """Overwrite what someone changed at Kaltura with what is planned here.

    What Kaltura holds becomes the base of the comparison, so every field that differs
    counts as changed here. Returns how many fields will be written.
    """
    links = RemoteLink.objects.filter(target__in=targets).select_for_update()
    fields = sum(_push(link, link.drift) for link in links)
    retry(targets)
    return fields


@transaction.atomic
def push_fields(link: RemoteLink, names: Collection[str]) -> int:
    """As ``push_ours``, for these fields of one object. Returns how many will be written."""
    link = _locked(link)
    number = _push(link, [name for name in link.drift if name in names])
    _call_up(link)
    return number


def _push(link: RemoteLink, names: Collection[str]) -> int:
    if names:
        link.pushed |= {name: link.seen[name] for name in names}
        link.save(update_fields=["pushed"])
    return len(names)


@transaction.atomic
def adopt_fields(link: RemoteLink, names: Collection[str]) -> int:
    """Plan here what Kaltura holds in these fields. Returns how many were taken over.

    Raises CannotRepair or ValidationError when the plan cannot be so; then nothing changed.
    """
    link = _locked(link)
    theirs = {name: link.seen[name] for name in link.drift if name in names}
    unknown = [name for name in theirs if not adopt.can_adopt(link, name)]
    if unknown:
        raise CannotRepair(
            f"{', '.join(unknown)} cannot be taken over: the portal plans no such thing. "
            "Push ours, or leave it to Kaltura."
        )
    adopt.take_over(link, theirs)
    link.pushed |= theirs
    link.save(update_fields=["pushed"])
    _call_up(link)
    return len(theirs)


@transaction.atomic
def ignore_fields(link: RemoteLink, names: Collection[str]) -> int:
    """Leave these fields to Kaltura for good: neither compared nor written."""
    link = _locked(link)
    known = sorted(name for name in names if name in link.pushed)
    link.ignored = sorted({*link.ignored, *known})
    link.save(update_fields=["ignored"])
    _call_up(link)
    return len(known)


@transaction.atomic
def heed_fields(link: RemoteLink, names: Collection[str]) -> int:
    """Compare these fields again. What differs shows as drift at the next look."""
    link = _locked(link)
    back = [name for name in link.ignored if name in names]
    link.ignored = [name for name in link.ignored if name not in names]
    link.save(update_fields=["ignored"])
    _call_up(link)
    return len(back)


@transaction.atomic
def recreate(targets: QuerySet[SyncTarget]) -> int:
    """Make anew what someone deleted or cancelled at Kaltura. Returns how many objects."""
    gone = RemoteLink.objects.filter(target__in=targets, gone=True)
    number = gone.update(made_for=ANEW, gone=False)
    events = {link.target.event_uuid for link in _categories(targets)}
    # What had its place in a category that comes anew needs a place again.
    retry(SyncTarget.objects.filter(Q(pk__in=targets.values("pk")) | Q(event_uuid__in=events)))
    return number


def _categories(targets: QuerySet[SyncTarget]) -> QuerySet[RemoteLink]:
    anew = RemoteLink.objects.filter(target__in=targets, kind=Kind.CATEGORY, made_for=ANEW)
    return anew.select_related("target")


@transaction.atomic
def unlink(link: RemoteLink) -> int:
    """Let go of an object: it stays at Kaltura as it is, and nothing is made in its place.

    What hangs on an entry is let go with it. Returns how many objects were.
    Raises CannotRepair for a category, in which others have their places.
    """
    link = _locked(link)
    if link.kind == Kind.CATEGORY:
        raise CannotRepair(
            "Sessions have their place in this category. Link another category instead."
        )
    with_it = RemoteLink.objects.filter(pk=link.pk)
    if link.kind in _CARRIES:
        with_it = RemoteLink.objects.filter(target_id=link.target_id)
    _note(link, f"Unlinked {link}: it stays at Kaltura as it is.")
    number = with_it.update(
        let_go=True, remote_id=None, adding_since=None, gone=False, pushed={}, seen={}
    )
    _call_up(link)
    return number


@transaction.atomic
def link_again(link: RemoteLink) -> None:
    """Manage an object that was let go: what carries our key is found, or made anew."""
    RemoteLink.objects.filter(pk=_locked(link).pk).delete()
    _note(link, f"{link.get_kind_display()} is managed again.")
    _call_up(link)


@transaction.atomic
def relink(link: RemoteLink, remote_id: str) -> None:
    """Stand for another object at Kaltura from now on, which gets our key and our fields.

    The next sync reads it and says so when there is no such object. The one before stays
    there as it is. Raises CannotRepair when another planned object stands for it.
    """
    link = _locked(link)
    taken = RemoteLink.objects.filter(kind=link.kind, remote_id=remote_id).exclude(pk=link.pk)
    if other := taken.select_related("target").first():
        raise CannotRepair(
            f"{remote_id} belongs to the {other.target} already. Unlink it there first."
        )
    _note(link, f"Linked to {remote_id} instead of {link.remote_id or 'nothing'}.")
    RemoteLink.objects.filter(pk=link.pk).update(
        remote_id=remote_id,
        let_go=False,
        gone=False,
        adding_since=None,
        pushed={},
        seen={},
        made_for="",
        pushed_at=None,
    )
    _call_up(link)


def _locked(link: RemoteLink) -> RemoteLink:
    """The row as it is now, held until the choice is made."""
    return RemoteLink.objects.select_for_update().select_related("target").get(pk=link.pk)


def _call_up(link: RemoteLink) -> None:
    retry(SyncTarget.objects.filter(pk=link.target_id))


def _note(link: RemoteLink, text: str) -> None:
    SyncAttempt.objects.create(target=link.target, outcome=link.target.state, message=text)
