"""What a person may choose when something is not in step; each choice is a verb in the admin.

None of them asks Kaltura: they change what the next sync will find, and wake a worker for it.
Nothing here happens by itself. A choice is about an object, or some fields of one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from kaltura_bridge.fields import label_of
from kaltura_bridge.models import Account, RemoteLink, SyncAttempt, SyncTarget, TargetKind
from kaltura_bridge.queue import notify_worker_on_commit
from kaltura_bridge.repair import adopt
from kaltura_bridge.specs import Identity, Kind, key_for
from kaltura_bridge.sync import states
from kaltura_bridge.sync.desired import remembered_specs

# Such a link is of no known class, so the plan deletes what is left there and makes it anew.
ANEW: Final = "anew"
_ENTRY_ID: Final = re.compile(r"[0-9]_[0-9a-z]{8}")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
# What a person may link to another object, and how its ids look. The others hang on these.
RELINKED: Final[Mapping[Kind, re.Pattern[str]]] = {
    Kind.CATEGORY: _NUMBER,
    Kind.ENTRY: _ENTRY_ID,
    Kind.ROOM: _ENTRY_ID,
    Kind.SCHEDULE_EVENT: _NUMBER,
    Kind.RESOURCE: _NUMBER,
}


class CannotRepair(Exception):
    """This choice does not exist here; the text says why and what to do instead."""


@transaction.atomic
def retry(targets: QuerySet[SyncTarget]) -> int:
    """Compare and send again, now, even if the account rests. Returns how many were called up."""
    called = states.touch_all(targets)
    Account.objects.update(paused_until=None)
    notify_worker_on_commit()
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
    chosen = [name for name in link.drift if name in names]
    _push(link, chosen)
    _note(link, "Push ours", chosen)
    _call_up(link)
    return len(chosen)


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
    theirs = adoptable(link, names)
    if theirs:
        adopt.save_with(link, theirs)
        link.pushed |= theirs
        link.save(update_fields=["pushed"])
    _note(link, "Adopt theirs", theirs)
    _call_up(link)
    return len(theirs)


def adoptable(link: RemoteLink, names: Collection[str]) -> dict[str, str]:
    """Kaltura's values of these fields, where they drifted.

    Raises CannotRepair when nothing that is planned stands for one of them.
    """
    theirs = {name: link.seen[name] for name in link.drift if name in names}
    refused = [
        f"{label_of(link.kind, name)}: {why}"
        for name in theirs
        if (why := adopt.why_not(link, name))
    ]
    if refused:
        raise CannotRepair(
            f"This cannot be taken over ({'; '.join(refused)}). Push ours, or ignore it."
        )
    return theirs


@transaction.atomic
def ignore_fields(link: RemoteLink, names: Collection[str]) -> int:
    """Leave these fields to Kaltura for good: neither compared nor written."""
    link = _locked(link)
    known = sorted(name for name in names if name in link.pushed)
    link.ignored = sorted({*link.ignored, *known})
    link.save(update_fields=["ignored"])
    _note(link, "Ignore from now on", known)
    _call_up(link)
    return len(known)


@transaction.atomic
def heed_fields(link: RemoteLink, names: Collection[str]) -> int:
    """Compare these fields again. What differs shows as drift at the next look."""
    link = _locked(link)
    back = [name for name in link.ignored if name in names]
    link.ignored = [name for name in link.ignored if name not in names]
    link.save(update_fields=["ignored"])
    _note(link, "Stop ignoring", back)
    _call_up(link)
    return len(back)


@transaction.atomic
def recreate(targets: QuerySet[SyncTarget]) -> int:
    """Make anew what someone deleted or cancelled at Kaltura. Returns how many objects."""
    gone = gone_of(targets)
    categories = [link for link in gone if link.kind == Kind.CATEGORY]
    RemoteLink.objects.filter(pk__in=[link.pk for link in gone]).update(made_for=ANEW, gone=False)
    for category in categories:
        _places(category).update(made_for=ANEW, gone=False)
    # Whoever needs it waits until it has an id again.
    RemoteLink.objects.filter(pk__in=[c.pk for c in categories]).update(remote_id=None)
    for link in gone:
        _note(link, f"Recreate {link}")
    # What had its place in a category that comes anew needs a place again.
    events = {category.target.event_uuid for category in categories}
    retry(SyncTarget.objects.filter(Q(pk__in=targets.values("pk")) | Q(event_uuid__in=events)))
    return len(gone)


def gone_of(targets: QuerySet[SyncTarget]) -> list[RemoteLink]:
    """What is missing at Kaltura of these targets, and the missing categories that it needs."""
    missing = RemoteLink.objects.filter(gone=True).select_related("target")
    own = list(missing.filter(target__in=targets.values("pk")))
    homes = {f"portal:{link.key.partition('@')[2]}" for link in own if "@" in link.key}
    tops = {key_for(link.target.event_uuid) for link in own}
    needed = missing.filter(kind=Kind.CATEGORY, key__in=homes | tops)
    known = {link.pk for link in own}
    return [*own, *(link for link in needed if link.pk not in known)]


def _places(category: RemoteLink) -> QuerySet[RemoteLink]:
    """The sessions' places in a category (recipes/base.py makes their keys)."""
    home = f"@{category.target.object_uuid}"
    return RemoteLink.objects.filter(kind=Kind.CATEGORY_ENTRY, key__endswith=home)


@transaction.atomic
def unlink(link: RemoteLink) -> int:
    """Let go of an object: it stays at Kaltura as it is, and nothing is made in its place.

    What hangs on it is let go with it. Returns how many objects were.
    Raises CannotRepair for what belongs to an event or a track: sessions need it.
    """
    link = _locked(link)
    if link.target.kind != TargetKind.SESSION:
        raise CannotRepair("Sessions need it. Link another one instead.")
    with_it = hanging_on(link)
    _note(link, f"Unlinked {link}: it stays at Kaltura as it is")
    number = RemoteLink.objects.filter(pk__in=[each.pk for each in with_it]).update(
        let_go=True, remote_id=None, adding_since=None, gone=False, pushed={}, seen={}
    )
    _call_up(link)
    return number


def hanging_on(link: RemoteLink) -> list[RemoteLink]:
    """The object itself and all of its target that refers to it, at first or second hand."""
    needs = {
        spec.identity: {(ref.kind, ref.key) for ref in spec.refs}
        for spec in remembered_specs([link.target])
    }
    found: set[Identity] = {(Kind(link.kind), link.key)}
    while more := {one for one, needed in needs.items() if needed & found} - found:
        found |= more
    return [each for each in link.target.links.all() if (Kind(each.kind), each.key) in found]


@transaction.atomic
def link_again(link: RemoteLink) -> int:
    """Manage an object that was let go, and what hangs on it. Returns how many objects.

    What carries our key is found, or made anew.
    """
    link = _locked(link)
    with_it = [each.pk for each in hanging_on(link) if each.let_go]
    _note(link, f"{link.get_kind_display()} is managed again")
    RemoteLink.objects.filter(pk__in=with_it).delete()
    _call_up(link)
    return len(with_it)


@transaction.atomic
def relink(link: RemoteLink, remote_id: str) -> None:
    """Stand for another object at Kaltura from now on, which gets our key and our fields.

    The next sync reads it and says so when there is no such object. The one before stays
    there. Raises CannotRepair when the id cannot be, or another planned object has it.
    """
    link = _locked(link)
    check_relink(link, remote_id)
    _note(link, f"Linked to {remote_id} instead of {link.remote_id or 'nothing'}")
    with _refusing_shared(remote_id):
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


def check_relink(link: RemoteLink, remote_id: str) -> None:
    """Raises CannotRepair when this object cannot stand for that one."""
    form = RELINKED.get(Kind(link.kind))
    if form is None:
        raise CannotRepair("It belongs to another object at Kaltura and goes where that goes.")
    if not form.fullmatch(remote_id):
        raise CannotRepair(f"“{remote_id}” is no id of this kind. Copy it from Kaltura.")
    if remote_id == link.remote_id:
        raise CannotRepair(f"It is linked to {remote_id} already.")
    taken = RemoteLink.objects.filter(kind=link.kind, remote_id=remote_id).exclude(pk=link.pk)
    if other := taken.select_related("target").first():
        raise CannotRepair(
            f"{remote_id} belongs to the {other.target} already. Unlink it there first."
        )


@contextmanager
def _refusing_shared(remote_id: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:  # someone linked it between the check and the update
        raise CannotRepair(f"{remote_id} belongs to another object by now.") from error


def _locked(link: RemoteLink) -> RemoteLink:
    """The row as it is now, held until the choice is made."""
    rows = RemoteLink.objects.select_for_update(of=("self",)).select_related("target")
    return rows.get(pk=link.pk)


def _call_up(link: RemoteLink) -> None:
    retry(SyncTarget.objects.filter(pk=link.target_id))


def _note(link: RemoteLink, choice: str, names: Collection[str] = ()) -> None:
    """A line in the target's history: what a person chose."""
    words = ", ".join(label_of(link.kind, name) for name in names)
    text = f"{choice}: {link.get_kind_display()} {words}." if words else f"{choice}."
    SyncAttempt.objects.create(target=link.target, outcome=link.target.state, message=text)
