"""What the portal remembers of a batch: each link before its call and after each answer.

Before an add is sent, its link says so in the database (``adding_since``): whoever comes
after a death in between waits out the index delay, looks the key up, and only then decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.adapters.base import Write
from kaltura_bridge.api.client import Answer
from kaltura_bridge.api.errors import (
    ABSENT,
    ErrorClass,
    KalturaError,
    RemoteRejected,
    RemoteUnavailable,
)
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.sync.batch_state import Standing
from kaltura_bridge.sync.observe import index_delay
from kaltura_bridge.sync.outcome import Problem
from kaltura_bridge.sync.planner import DELETED, Action, Operation, made_for

_EXISTING_ID = re.compile(r"id \[(\d+)\]")
RELINK_SOON = timedelta(seconds=1)
BURIED: dict[str, Any] = {
    "remote_id": None,
    "made_for": DELETED,
    "pushed": {},
    "pushed_at": None,
    "seen": {},
    "ignored": [],
    "gone": False,
}
STORED = ("remote_id", "made_for", "pushed", "pushed_at", "seen", "seen_at", "gone", "adding_since")


def save_links(links: Sequence[RemoteLink], fields: Sequence[str]) -> None:
    """Save these fields, row by row: bulk_update takes several times as long for so many."""
    with transaction.atomic():
        # In one order, as a person's repair locks them too.
        for link in sorted(links, key=lambda link: link.pk):
            values = {name: getattr(link, name) for name in fields}
            RemoteLink.objects.filter(pk=link.pk).update(**values)


class Ledger:
    """Keeps the links of a batch true while it is on its way."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing

    def say_adding(self, adds: Sequence[Operation]) -> None:
        """Commit that these adds are about to be sent."""
        now = timezone.now()
        for operation in adds:
            operation.link = operation.link or self._new_link(operation)
            assert operation.spec is not None  # adds have one
            operation.link.adding_since = now
            operation.link.made_for = made_for(operation.spec, self.standing.ids)
        links = [o.link for o in adds if o.link]
        save_links([link for link in links if link.pk], ("adding_since", "made_for"))
        RemoteLink.objects.bulk_create([link for link in links if link.pk is None])

    def nothing_added(self, adds: Sequence[Operation]) -> None:
        """None was sent; what was deleted to make room may still be listed and stays in doubt."""
        for operation in adds:
            self._not_adding(operation)
        pks = [o.link.pk for o in adds if o.link and not o.replaces]
        RemoteLink.objects.filter(pk__in=pks).update(adding_since=None)

    def record(self, operation: Operation, answer: Answer) -> KalturaError | None:
        """Note one answer on its own. Returns an error that stops the whole account."""
        if isinstance(answer, KalturaError):
            return self._record_error(operation, answer)
        if operation.action is not Action.DELETE and answer in (None, ""):
            self._record_error(operation, RemoteUnavailable("an empty answer", sent=True))
        else:
            self._record_success(operation, answer)
        return None

    def _record_success(self, operation: Operation, answer: Any) -> None:
        link, spec = operation.link, operation.spec
        assert link is not None  # made before the call
        past = {"create": "created", "update": "updated", "delete": "deleted"}
        done = past.get(operation.action, "updated")
        self.standing.outcomes[operation.target_id].done.append((done, operation.kind))
        if operation.action is Action.DELETE:
            self.bury(operation, link)
            return
        values = self.standing.values(operation)
        assert spec is not None and values is not None  # as when it was sent
        link.made_for = made_for(spec, self.standing.ids)
        if operation.action is Action.CREATE:
            link.remote_id = ADAPTERS[operation.kind].added(Write(spec, values), answer)
            self.standing.ids[operation.identity] = link.remote_id
            link.pushed, link.seen = {name: values[name] for name in spec.fields}, {}
        else:
            written = {name: values[name] for name in operation.changed}
            link.pushed |= written
            # The rest stays as it was seen: it may differ, and somebody must see that.
            link.seen = {**link.seen, **written} if link.seen else {}
        link.pushed_at, link.adding_since, link.gone = timezone.now(), None, False

    def _record_error(self, operation: Operation, error: KalturaError) -> KalturaError | None:
        if isinstance(error, RemoteUnavailable):
            if not error.sent:
                self._not_adding(operation)
            self.standing.failed(operation, error)
            return None
        assert isinstance(error, RemoteRejected)  # the two things an answer can be
        if self._is_done(operation, error):
            self._record_success(operation, None)
        elif error.error_class is ErrorClass.EXISTS and self._may_pass(operation, error):
            self._record_existing(operation, error)
        else:
            if error.kind != "server error":  # which may have come after the work was done
                self._not_adding(operation)
            self.standing.failed(operation, error)
        return error if error.error_class is ErrorClass.STOP else None

    @staticmethod
    def _is_done(operation: Operation, error: RemoteRejected) -> bool:
        """Whether the refusal says that what we wanted is already so."""
        if operation.action is Action.DELETE:
            return error.code in ABSENT
        return operation.action is Action.CREATE and error.error_class is ErrorClass.DONE

    @staticmethod
    def _may_pass(operation: Operation, error: RemoteRejected) -> bool:
        """Whether looking again may help: at an add, and where Kaltura asked its stale index."""
        moved = operation.action is Action.UPDATE and error.code == "SCHEDULE_TIME_IN_USE"
        return operation.action is Action.CREATE or moved

    def _record_existing(self, operation: Operation, error: RemoteRejected) -> None:
        """Kaltura says that it exists: it names the id, or we look again once lists caught up.

        When we have waited for that already and still do not find it, it is not ours.
        """
        link, target = operation.link, self.standing.targets[operation.target_id]
        assert link is not None  # made before the call
        if error.code == "METADATA_ALREADY_EXISTS" and (found := _EXISTING_ID.search(str(error))):
            link.remote_id, link.adding_since, link.pushed = found[1], None, {}
            text = f"The {operation.label} exists already; we compare it."
            until = timezone.now() + RELINK_SOON
            self.standing.problem(target.pk, Problem("waiting", text, not_before=until, weight=0))
        elif target.error_kind == error.kind and target.attempts:
            self._not_adding(operation)
            self.standing.failed(operation, error)
        else:
            text = (
                f"Kaltura says that something stands where the {operation.label} should "
                f"({error.code}); we look again once its lists are up to date."
            )
            until = timezone.now() + index_delay()
            self.standing.problem(target.pk, Problem(error.kind, text, not_before=until))

    @staticmethod
    def _not_adding(operation: Operation) -> None:
        if operation.link is not None and not operation.replaces:
            operation.link.adding_since = None

    def relink(self, operation: Operation) -> None:
        """Adopt what carries our key; what it holds is the base of the comparison."""
        found = operation.found
        assert found is not None and operation.spec is not None  # what RELINK means
        link = operation.link or self._new_link(operation)
        managed = {n: v for n, v in found.fields.items() if n in operation.spec.fields}
        link.remote_id, link.pushed, link.adding_since = found.remote_id, managed, None
        link.made_for = made_for(operation.spec, self.standing.ids)
        operation.link = link
        if self._store_alone(operation, link):
            self.standing.ids[operation.identity] = found.remote_id
            self.standing.outcomes[operation.target_id].done.append(("found", operation.kind))

    @staticmethod
    def _new_link(operation: Operation) -> RemoteLink:
        return RemoteLink(
            target_id=operation.target_id, kind=str(operation.kind), key=operation.key
        )

    def bury(self, operation: Operation, link: RemoteLink) -> None:
        """It is gone there; where lists may still show it, the link remembers for a while."""
        self.standing.ids.pop(operation.identity, None)
        lists_lag = ADAPTERS[operation.kind].get(link.remote_id or "0|0") is not None
        for name, value in BURIED.items():
            setattr(link, name, copy(value))
        link.adding_since, operation.link = timezone.now(), None
        if lists_lag and not self.standing.targets[operation.target_id].removed:
            save_links([link], (*BURIED, "adding_since"))
        else:
            link.delete()

    def store(self, operations: Sequence[Operation]) -> None:
        changed = [o for o in operations if o.link is not None]
        try:
            save_links([o.link for o in changed if o.link], STORED)
        except IntegrityError:
            for operation in changed:
                if operation.link:
                    self._store_alone(operation, operation.link)

    def _store_alone(self, operation: Operation, link: RemoteLink) -> bool:
        """Save one link; an id that another object holds already is told, not shared."""
        try:
            with transaction.atomic():
                link.save()
        except IntegrityError:
            text = (
                f"The {operation.label} ({link.remote_id}) belongs to another object of the "
                "portal already. Unlink one of the two, then Retry."
            )
            self.standing.problem(operation.target_id, Problem("shared", text, needs_person=True))
            return False
        return True
