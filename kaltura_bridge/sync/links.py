"""What the portal remembers of a batch: each link before its call and after each answer.

Before an add is sent, its link says so in the database (``adding_since``): whoever comes
after a death in between waits out the index delay, looks the key up, and only then decides.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.adapters.base import Write
from kaltura_bridge.api.adapters.thumbnails import VERSION as PICTURE_VERSION
from kaltura_bridge.api.adapters.thumbnails import picture_version
from kaltura_bridge.api.client import Answer
from kaltura_bridge.api.errors import ABSENT, KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.models import ErrorClass, ErrorKind, RemoteLink, SyncTarget
from kaltura_bridge.recordings.looks import look_for_entries
from kaltura_bridge.specs import Identity, Kind, recorded_id
from kaltura_bridge.sync.batch_state import BatchState
from kaltura_bridge.sync.lag import index_delay
from kaltura_bridge.sync.operations import (
    Action,
    Create,
    Delete,
    Relink,
    Remove,
    Update,
    Writing,
)
from kaltura_bridge.sync.outcome import Problem
from kaltura_bridge.sync.planner import DELETED, made_for

logger = logging.getLogger(__name__)

_EXISTING_ID: Final = re.compile(r"id \[(\d+)\]")
RELINK_SOON: Final = timedelta(seconds=1)
# A link whose object is deleted: it stays while lists may still show the object.
TOMBSTONE: Final[Mapping[str, Any]] = {
    "remote_id": None,
    "made_for": DELETED,
    "pushed": {},
    "pushed_at": None,
    "seen": {},
    "ignored": [],
    "narrowed": [],
    "gone": False,
    "cancelled": False,
}
STORED: Final = (
    "remote_id",
    "made_for",
    "pushed",
    "pushed_at",
    "seen",
    "seen_at",
    "gone",
    "cancelled",
    "adding_since",
)
DOUBTS: Final = 8  # how many a link remembers
_DONE: Final = {Action.CREATE: "created", Action.DELETE: "deleted"}


def save_links(links: Iterable[RemoteLink], fields: Iterable[str]) -> None:
    """Save these fields, row by row: bulk_update takes several times as long for so many."""
    names = list(fields)
    with transaction.atomic():
        # In one order, as a person's repair locks them too: two who lock the same rows in
        # different orders would wait for each other for ever.
        # What was found and is to go, no link ever stood for.
        for link in sorted((each for each in links if each.pk), key=lambda link: link.pk):
            values = {name: getattr(link, name) for name in names}
            RemoteLink.objects.filter(pk=link.pk).update(**values)


class LinkStore:
    """Keeps the links of a batch true while it is on its way."""

    def __init__(self, state: BatchState) -> None:
        self._state = state
        self._made: dict[Identity, RemoteLink] = {}  # by creates and relinks of this batch
        self._deleted: set[Identity] = set()

    # Before a call

    def mark_adding(self, creates: Sequence[Create]) -> None:
        """Commit that these are about to be sent."""
        now, links = timezone.now(), []
        for operation in creates:
            link = self._link_of(operation)
            _note_doubt(link)
            link.adding_since = now
            link.made_for = made_for(operation.spec, self._state.ids)
            links.append(link)
        save_links((link for link in links if link.pk), ("adding_since", "made_for", "doubts"))
        RemoteLink.objects.bulk_create([link for link in links if link.pk is None])

    def clear_adding(self, creates: Sequence[Create]) -> None:
        """None was sent; what was deleted to make room may still be listed and stays in doubt."""
        for operation in creates:
            self._clear_adding(operation)
        pks = [self._link_of(o).pk for o in creates if not o.replaces]
        RemoteLink.objects.filter(pk__in=pks).update(adding_since=None)

    def is_deleted(self, operation: Delete) -> bool:
        """Whether this batch has deleted it by now."""
        return operation.identity in self._deleted

    # After an answer

    def record(
        self, operation: Writing | Delete, values: Mapping[str, str], answer: Answer
    ) -> KalturaError | None:
        """Note one answer on its own; ``values`` are the fields as they were sent.

        Returns an error that stops the whole account.
        """
        if isinstance(answer, KalturaError):
            return self._record_error(operation, values, answer)
        # The client reads a reply that is plain text as None; only deletes have no answer.
        if answer in (None, "") and not isinstance(operation, Delete):
            empty = RemoteUnavailable("an empty answer", sent=True)
            return self._record_error(operation, values, empty)
        self._record_success(operation, values, answer)
        return None

    def _record_success(
        self, operation: Writing | Delete, values: Mapping[str, str], answer: Any
    ) -> None:
        done = _DONE.get(operation.action, "updated")
        self._state.outcomes[operation.target_id].done.append((done, operation.kind))
        match operation:
            case Remove():
                pass  # the link is of another object
            case Delete():
                self.tombstone(operation)
            case Create():
                self._record_created(operation, values, answer)
            case Update() | Relink():
                self._record_updated(operation, values)
        if operation.kind is Kind.THUMBNAIL and not isinstance(operation, Delete):
            self._record_picture(self._link_of(operation), answer)

    def _record_created(self, operation: Create, values: Mapping[str, str], answer: Any) -> None:
        link, spec = self._link_of(operation), operation.spec
        link.remote_id = ADAPTERS[operation.kind].new_id(Write(spec, values), answer)
        self._state.ids[operation.identity] = link.remote_id
        link.pushed, link.seen = {name: values[name] for name in spec.fields}, {}
        self._mark_written(link, operation)

    def _record_updated(self, operation: Update | Relink, values: Mapping[str, str]) -> None:
        link = self._link_of(operation)
        written = {name: values[name] for name in operation.written}
        link.pushed |= written
        # The rest stays as it was seen: it may differ, and somebody must see that.
        link.seen = {**link.seen, **written} if link.seen else {}
        self._mark_written(link, operation)

    @staticmethod
    def _record_picture(link: RemoteLink, entry: Any) -> None:
        """The version of our picture; where the answer has none, that of the next look."""
        link.pushed.pop(PICTURE_VERSION, None)
        link.seen = {}
        if version := picture_version(entry):
            link.pushed[PICTURE_VERSION] = version

    def _mark_written(self, link: RemoteLink, operation: Writing) -> None:
        link.made_for = made_for(operation.spec, self._state.ids)
        link.pushed_at, link.adding_since = timezone.now(), None
        link.gone = link.cancelled = False

    def _record_error(
        self, operation: Writing | Delete, values: Mapping[str, str], error: KalturaError
    ) -> KalturaError | None:
        if isinstance(error, RemoteRejected) and _is_done(operation, error):
            self._record_success(operation, values, None)
        elif isinstance(error, RemoteRejected) and _has_no_recording(operation, error):
            self._forget_recording(operation)
        elif self._is_name_of_another(operation, values, error):
            self._clear_adding(operation)
            self._choose_other_name(operation, values["name"])
        elif isinstance(error, RemoteRejected) and _may_be_found(operation, error):
            self._record_existing(operation, error)
        else:
            if not may_have_been_done(error):
                self._clear_adding(operation)
            self._state.add_error(operation, error)
        return error if error.error_class is ErrorClass.STOP else None

    def _forget_recording(self, operation: Writing | Delete) -> None:
        """Somebody deleted a recording at Kaltura: there is nothing to list any more.

        The look for recordings finds that, too, and notes it.
        """
        link = self._link_of(operation)
        if link.pk:
            link.delete()
        look_for_entries([recorded_id(operation.key)])

    def _record_existing(self, operation: Writing | Delete, error: RemoteRejected) -> None:
        """Kaltura says that it exists: it names the id, or we look again once lists caught up.

        When we have waited for that already and still do not find it, it is not ours.
        """
        link, target = self._link_of(operation), self._state.targets[operation.target_id]
        named = _EXISTING_ID.search(str(error)) if error.code == "METADATA_ALREADY_EXISTS" else None
        if named:
            link.remote_id, link.adding_since, link.pushed = named[1], None, {}
            text = f"The {operation.label} exists already; we compare it."
            until = timezone.now() + RELINK_SOON
            self._state.add_problem(target.pk, Problem(ErrorKind.WAITING, text, until, weight=0))
        elif _was_looked_for(target, error) and not self._state.lists_lag_longer:
            self._clear_adding(operation)
            self._state.add_error(operation, error)
        else:
            text = (
                f"Kaltura says that something stands where the {operation.label} should "
                f"({error.code}); we look again once its lists are up to date."
            )
            until = timezone.now() + index_delay()
            self._state.add_problem(target.pk, Problem(error.kind, text, until, passes=True))

    def _is_name_of_another(
        self, operation: Writing | Delete, values: Mapping[str, str], error: KalturaError
    ) -> bool:
        """Whether a category's name certainly stands for somebody else's, and another is left.

        At an add it may be our own, of which only the reply was lost: once we look for that.
        """
        target = self._state.targets[operation.target_id]
        if error.kind is not ErrorKind.NAME_TAKEN or values["name"] in target.taken_names:
            return False
        if isinstance(operation, Update | Relink):
            return True
        return _was_looked_for(target, error) and not self._state.lists_lag_longer

    def _choose_other_name(self, operation: Writing | Delete, taken: str) -> None:
        """Remember the taken name; the recipe makes another one (recipes/categories.py)."""
        target = self._state.targets[operation.target_id]
        names = [*target.taken_names, taken]
        SyncTarget.objects.filter(pk=target.pk).update(taken_names=names)
        text = f"The name of the {operation.label} is taken at Kaltura; it gets another one."
        until = timezone.now() + RELINK_SOON
        self._state.add_problem(target.pk, Problem(ErrorKind.WAITING, text, until, weight=0))

    def relink(self, operation: Relink) -> bool:
        """Adopt what carries our key; what it holds is the base of the comparison.

        False, with the problem reported, when it is another object's already.
        """
        found, link = operation.found, self._link_of(operation)
        managed = {n: v for n, v in found.fields.items() if n in operation.spec.fields}
        _note_doubt(link)
        link.remote_id, link.pushed, link.adding_since = found.remote_id, managed, None
        link.made_for = made_for(operation.spec, self._state.ids)
        if not self._save_alone(operation):
            self._state.ids.pop(operation.identity, None)  # nothing of ours may hang on it
            return False
        self._state.ids[operation.identity] = found.remote_id
        self._state.outcomes[operation.target_id].done.append(("found", operation.kind))
        return True

    def tombstone(self, operation: Delete) -> None:
        """It is gone there; where lists may still show it, the link remembers for a while."""
        link = operation.link
        self._state.ids.pop(operation.identity, None)
        self._deleted.add(operation.identity)
        for name, value in TOMBSTONE.items():
            setattr(link, name, copy(value))
        link.adding_since = timezone.now()
        lists_lag = ADAPTERS[operation.kind].get(operation.remote_id) is not None
        if lists_lag and not self._state.targets[operation.target_id].removed:
            save_links([link], (*TOMBSTONE, "adding_since"))
        elif link.pk:
            link.delete()

    def leave(self, operation: Delete) -> None:
        """It is not ours any more: it stays at Kaltura, and the portal forgets it."""
        logger.warning("%s stays at Kaltura: it does not carry %s", operation.link, operation.key)
        self._state.outcomes[operation.target_id].done.append(("left alone", operation.kind))
        if not isinstance(operation, Remove):
            self.tombstone(operation)

    def save(self, operations: Iterable[Writing | Delete]) -> None:
        """Write the links of these operations down; finished deletes are so already."""
        open_ = [o for o in operations if not (isinstance(o, Delete) and self.is_deleted(o))]
        try:
            save_links((self._link_of(o) for o in open_), STORED)
        except IntegrityError:
            for operation in open_:
                self._save_alone(operation)

    def _save_alone(self, operation: Writing | Delete) -> bool:
        """Save one link; an id that another object holds already is reported, not shared."""
        link = self._link_of(operation)
        try:
            with transaction.atomic():
                link.save()
        except IntegrityError:
            text = (
                f"The {operation.label} ({link.remote_id}) belongs to another object of the "
                "portal already. Unlink one of the two, then Retry."
            )
            self._state.add_problem(operation.target_id, Problem(ErrorKind.SHARED, text))
            return False
        return True

    def _clear_adding(self, operation: Writing | Delete) -> None:
        """Nothing was added, unless what it replaces was deleted and may still be listed."""
        if not (isinstance(operation, Create) and operation.replaces):
            self._link_of(operation).adding_since = None

    def _link_of(self, operation: Writing | Delete) -> RemoteLink:
        """The link of an operation's object. What is made or adopted may get a new one here."""
        if isinstance(operation, Update | Delete):
            return operation.link
        if operation.identity not in self._made:
            self._made[operation.identity] = operation.link or RemoteLink(
                target_id=operation.target_id, kind=str(operation.kind), key=operation.key
            )
        return self._made[operation.identity]


def _note_doubt(link: RemoteLink) -> None:
    """Remember an add whose outcome was never known: what it made may appear in lists yet."""
    if link.adding_since and link.made_for != DELETED:
        link.doubts = [*link.doubts, link.adding_since.timestamp()][-DOUBTS:]


def _is_done(operation: Writing | Delete, error: RemoteRejected) -> bool:
    """Whether the refusal says that what we wanted is already so."""
    if isinstance(operation, Delete):
        return error.code in ABSENT
    return isinstance(operation, Create) and error.error_class is ErrorClass.DONE


def _has_no_recording(operation: Writing | Delete, error: RemoteRejected) -> bool:
    is_place = isinstance(operation, Create) and bool(recorded_id(operation.key))
    return is_place and error.code in ABSENT - {"CATEGORY_NOT_FOUND"}


def _was_looked_for(target: SyncTarget, error: KalturaError) -> bool:
    """Whether the last try ended alike, so lists are up to date and show nothing of ours."""
    return target.error_kind == error.kind and target.attempts > 0


def _may_be_found(operation: Writing | Delete, error: RemoteRejected) -> bool:
    """Whether looking again may help: at an add, and where Kaltura asked its stale index."""
    if error.error_class is not ErrorClass.EXISTS:
        return False
    moved = isinstance(operation, Update) and error.code == "SCHEDULE_TIME_IN_USE"
    return isinstance(operation, Create) or moved


def may_have_been_done(error: KalturaError) -> bool:
    """Whether the work may be done all the same: an error of the server may come after it."""
    if isinstance(error, RemoteUnavailable):
        return error.sent
    return error.kind is ErrorKind.SERVER_ERROR
