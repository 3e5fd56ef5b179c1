"""What a person may choose when the plan and Kaltura differ; each choice is a verb in the admin.

None of them calls Kaltura: they change what the next sync will find, and queue that sync.
Nothing here happens by itself. A choice is about an object, or some fields of one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from kaltura_bridge.fields import label_of
from kaltura_bridge.models import (
    Account,
    RelinkLookup,
    RemoteLink,
    SyncAttempt,
    SyncTarget,
    TargetKind,
)
from kaltura_bridge.queue import notify_worker_on_commit
from kaltura_bridge.repair import adopt, relinking
from kaltura_bridge.specs import Identity, Kind, key_field, key_for
from kaltura_bridge.sync import states
from kaltura_bridge.sync.desired import remembered_specs

# As the class of a link, it fits no wanted one: so the plan deletes what is left at Kaltura
# and creates a new object.
RECREATE: Final = "anew"


class CannotRepair(Exception):
    """This choice is not possible; the text says why and what to do instead."""


@transaction.atomic
def retry(targets: QuerySet[SyncTarget]) -> int:
    """Compare and send these again, now, even if the account is paused. Returns how many."""
    queued = states.touch_all(targets)
    Account.objects.update(paused_until=None)
    notify_worker_on_commit()
    return queued


@transaction.atomic
def push(targets: QuerySet[SyncTarget]) -> int:
    """Overwrite what was changed at Kaltura with what is planned here.

    What Kaltura holds becomes the base of the comparison, so every field that differs
    counts as changed here. Returns how many fields will be written.
    """
    links = RemoteLink.objects.filter(target__in=targets).select_for_update()
    fields = sum(_push(link, link.drift) for link in links)
    retry(targets)
    return fields


@transaction.atomic
def push_fields(link: RemoteLink, names: Collection[str]) -> int:
    """As ``push``, for these fields of one object. Returns how many will be written."""
    link = _locked(link)
    chosen = [name for name in link.drift if name in names]
    _push(link, chosen)
    _note_fields(link, "Push", chosen)
    _queue(link)
    return len(chosen)


def _push(link: RemoteLink, names: Collection[str]) -> int:
    if names:
        link.pushed |= {name: link.seen[name] for name in names}
        link.save(update_fields=["pushed"])
    return len(names)


@transaction.atomic
def adopt_fields(link: RemoteLink, names: Collection[str]) -> int:
    """Plan here what Kaltura holds in these fields. Returns how many were adopted.

    Raises CannotRepair or ValidationError when it cannot be planned; then nothing changed.
    """
    link = _locked(link)
    theirs = adoptable(link, names)
    if theirs:
        adopt.save_with(link, theirs)
        link.pushed |= theirs
        link.save(update_fields=["pushed"])
    _note_fields(link, "Adopt", theirs)
    _queue(link)
    return len(theirs)


def adoptable(link: RemoteLink, names: Collection[str]) -> dict[str, str]:
    """Kaltura's values of these fields, where they drifted.

    Raises CannotRepair when one of the fields stands for nothing that is planned.
    """
    theirs = {name: link.seen[name] for name in link.drift if name in names}
    refused = [
        f"{label_of(link.kind, name)}: {why}"
        for name in theirs
        if (why := adopt.why_not(link, name))
    ]
    if refused:
        raise CannotRepair(f"This cannot be adopted ({', '.join(refused)}). Push or ignore it.")
    return theirs


@transaction.atomic
def ignore_fields(link: RemoteLink, names: Collection[str]) -> int:
    """Neither compare nor write these fields any more. Returns how many are ignored by this."""
    link = _locked(link)
    known = sorted(name for name in names if name in link.pushed)
    link.ignored = sorted({*link.ignored, *known})
    link.save(update_fields=["ignored"])
    _note_fields(link, "Ignore", known)
    _queue(link)
    return len(known)


@transaction.atomic
def unignore_fields(link: RemoteLink, names: Collection[str]) -> int:
    """Compare these fields again. What differs shows as drift after the next sync."""
    link = _locked(link)
    compared = [name for name in link.ignored if name in names]
    link.ignored = [name for name in link.ignored if name not in names]
    link.save(update_fields=["ignored"])
    _note_fields(link, "Stop ignoring", compared)
    _queue(link)
    return len(compared)


@transaction.atomic
def recreate(targets: QuerySet[SyncTarget]) -> int:
    """Create again what was deleted or cancelled at Kaltura. Returns how many objects."""
    gone = gone_of(targets)
    categories = [link for link in gone if link.kind == Kind.CATEGORY]
    RemoteLink.objects.filter(pk__in=[link.pk for link in gone]).update(
        made_for=RECREATE, gone=False
    )
    for category in categories:
        _inside(category).update(made_for=RECREATE, gone=False)
    # Objects that refer to a category wait until it has an ID again.
    RemoteLink.objects.filter(pk__in=[c.pk for c in categories]).update(remote_id=None)
    for link in gone:
        _note(link, f"Recreate: {_name(link)}.")
    # The sessions of a recreated category must be placed in it again.
    events = {category.target.event_uuid for category in categories}
    retry(SyncTarget.objects.filter(Q(pk__in=targets.values("pk")) | Q(event_uuid__in=events)))
    return len(gone)


def gone_of(targets: QuerySet[SyncTarget]) -> list[RemoteLink]:
    """What is missing at Kaltura of these targets, and the missing categories that they need."""
    missing = RemoteLink.objects.filter(gone=True).select_related("target")
    own = list(missing.filter(target__in=targets.values("pk")))
    categories = {f"portal:{link.key.partition('@')[2]}" for link in own if "@" in link.key}
    events = {key_for(link.target.event_uuid) for link in own}
    needed = missing.filter(kind=Kind.CATEGORY, key__in=categories | events)
    known = {link.pk for link in own}
    return [*own, *(link for link in needed if link.pk not in known)]


def _inside(category: RemoteLink) -> QuerySet[RemoteLink]:
    """The sessions' places in a category, and its members (their keys end alike)."""
    ending = f"@{category.target.object_uuid}"
    kinds = (Kind.CATEGORY_ENTRY, Kind.CATEGORY_USER)
    return RemoteLink.objects.filter(kind__in=kinds, key__endswith=ending)


@transaction.atomic
def unlink(link: RemoteLink) -> int:
    """Stop managing an object: it stays at Kaltura as it is, and nothing replaces it.

    What depends on it is unlinked with it. Returns how many objects were.
    Raises CannotRepair for what belongs to an event or a track: sessions need it.
    """
    link = _locked(link)
    if link.target.kind != TargetKind.SESSION:
        raise CannotRepair("Sessions need it. Relink it to another object instead.")
    dependents = dependents_of(link)
    _note(link, f"Unlink: {_name(link)}. It stays at Kaltura as it is.")
    number = RemoteLink.objects.filter(pk__in=[each.pk for each in dependents]).update(
        unlinked=True, remote_id=None, adding_since=None, gone=False, pushed={}, seen={}
    )
    _queue(link)
    return number


def dependents_of(link: RemoteLink) -> list[RemoteLink]:
    """The object itself and all of its target that refer to it, directly or through another."""
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
    """Manage an unlinked object again, and what depends on it. Returns how many objects.

    The next sync finds what carries our key, and creates what does not exist.
    """
    link = _locked(link)
    dependents = [each.pk for each in dependents_of(link) if each.unlinked]
    _note(link, f"Link again: {_name(link)}.")
    RemoteLink.objects.filter(pk__in=dependents).delete()
    _queue(link)
    return len(dependents)


@transaction.atomic
def relink(link: RemoteLink, lookup: RelinkLookup) -> None:
    """Link to another object at Kaltura that was looked up, and gets our key and our fields.

    The one before stays at Kaltura. Raises CannotRepair when the ID is not possible, or the
    person who looked may not choose what they saw.
    """
    link = _locked(link)
    check_relink(link, lookup)
    remote_id = lookup.remote_id
    _note(link, f"Relink: {_name(link)}. Now {remote_id}, before {link.remote_id or 'nothing'}.")
    with _refusing_shared():
        RemoteLink.objects.filter(pk=link.pk).update(
            remote_id=remote_id,
            unlinked=False,
            gone=False,
            adding_since=None,
            # Should it get another key before the next sync, both sides have changed it.
            pushed={key_field(Kind(link.kind)): lookup.carried},
            seen={},
            made_for="",
            pushed_at=None,
        )
    _queue(link)


def check_relink(link: RemoteLink, lookup: RelinkLookup) -> None:
    """Raises CannotRepair when this object cannot be linked to what was looked up."""
    if why_not := relinking.why_no_id(link, lookup.remote_id):
        raise CannotRepair(why_not)
    if not relinking.may_link(link, lookup):
        raise CannotRepair(relinking.NO_SUCH_OBJECT)


@contextmanager
def _refusing_shared() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:  # someone linked it between the check and the update
        raise CannotRepair(relinking.NO_SUCH_OBJECT) from error


def _locked(link: RemoteLink) -> RemoteLink:
    """The row as it is now, locked until the end of the transaction."""
    rows = RemoteLink.objects.select_for_update(of=("self",)).select_related("target")
    return rows.get(pk=link.pk)


def _queue(link: RemoteLink) -> None:
    retry(SyncTarget.objects.filter(pk=link.target_id))


def _name(link: RemoteLink) -> str:
    return f"{link.get_kind_display().lower()} {link.remote_id or ''}".strip()


def _note_fields(link: RemoteLink, choice: str, names: Collection[str]) -> None:
    labels = ", ".join(label_of(link.kind, name) for name in names) or "no field"
    _note(link, f"{choice}: {labels} of the {link.get_kind_display().lower()}.")


def _note(link: RemoteLink, text: str) -> None:
    """A line in the target's history: what a person chose."""
    SyncAttempt.objects.create(target=link.target, outcome=link.target.state, message=text)
