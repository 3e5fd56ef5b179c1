"""One claimed batch of targets: prepare, report drift, write layer by layer, release.

Nothing here runs inside a transaction while Kaltura is asked. What is read, and in which
order, stands in prepare.py; what links remember, in links.py; the drift report in drift.py.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.adapters.base import Write
from kaltura_bridge.api.adapters.owned import Deletion, OwnedObject
from kaltura_bridge.api.client import BATCH, Answer, Kaltura, Request, chunks
from kaltura_bridge.api.errors import (
    FROZEN_ON_AIR,
    KalturaError,
    NotOurs,
    RemoteRejected,
    RemoteUnavailable,
)
from kaltura_bridge.api.ownership import confirm
from kaltura_bridge.api.pictures import PictureChecks
from kaltura_bridge.fields import frozen_fields
from kaltura_bridge.models import ErrorKind, RemoteLink, SyncTarget
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync import drift, states
from kaltura_bridge.sync.batch_state import BatchState
from kaltura_bridge.sync.dependants import report_blocked, wake_dependants
from kaltura_bridge.sync.lag import index_delay
from kaltura_bridge.sync.links import LinkStore
from kaltura_bridge.sync.operations import (
    Create,
    Delete,
    Forget,
    Gone,
    Operation,
    Relink,
    Update,
    Wait,
    Writing,
    without_fields,
)
from kaltura_bridge.sync.outcome import Problem, picture_problem, problem_from
from kaltura_bridge.sync.places import PlaceGuard
from kaltura_bridge.sync.planner import DELETED, layers
from kaltura_bridge.sync.prepare import prepare
from kaltura_bridge.sync.release import release

logger = logging.getLogger(__name__)

# Problems that leave the rest of their target free to be written: they are about one
# field, or about another object.
_HARMLESS = frozenset({ErrorKind.CONFLICT, ErrorKind.DUPLICATES})


@dataclass(frozen=True)
class PreparedCall:
    """An operation with the call that does it, and the fields as that sends them."""

    operation: Writing | Delete
    request: Request
    values: Mapping[str, str]


class Batch:
    """The targets that one holder claimed, brought in sync once."""

    def __init__(
        self,
        holder: str,
        targets: Sequence[SyncTarget],
        kaltura: Kaltura,
        approved: frozenset[str] | None = None,
    ) -> None:
        """``approved``: fingerprints of a plan; then nothing else than that is written."""
        self._holder, self._kaltura, self._approved = holder, kaltura, approved
        self._state = BatchState(targets)
        self._links = LinkStore(self._state)
        self._pictures = PictureChecks()

    def run(self) -> KalturaError | None:
        """Do everything once and release every target.

        Returns the error that ended the batch early, if one did; the account may need a rest.
        """
        ended: KalturaError | None = None
        try:
            self._run()
        except KalturaError as error:
            ended = error
            self._all_wait(error)
        except Exception as error:
            logger.exception("A batch of %d targets failed", len(self._state.targets))
            text = f"The portal failed ({type(error).__name__}). Tell its operator, then Retry."
            for pk in self._state.targets:
                self._state.add_problem(pk, Problem(ErrorKind.INTERNAL, text))
        blockages = report_blocked(self._state)
        release(self._state, self._holder)
        wake_dependants(self._state, blockages)
        return ended

    def _run(self) -> None:
        prepared = prepare(self._kaltura, list(self._state.targets.values()))
        for pk, missing in prepared.missing.items():
            self._state.add_problem(pk, Problem(missing.kind, str(missing)))
        self._state.ids = {**prepared.observation.ids}
        self._state.lists_lag_longer = prepared.observation.lags_longer
        for operation in prepared.operations:
            if operation.is_not_there_yet or isinstance(operation, Gone):
                self._state.ids.pop(operation.identity, None)
        drift.record_observation(self._state, prepared.links, prepared.observation)
        drift.report_drift(self._state, prepared.operations)
        places = PlaceGuard(self._state, self._holder, prepared.observation)
        for layer in layers(self._writable(prepared.operations)):
            self._apply_layer(places.without_held(layer), prepared.resources)

    # Before anything is written

    def _writable(self, operations: Sequence[Operation]) -> list[Operation]:
        """Operations of targets that may be written to; for the others the reason is reported."""
        stopped = {o.target_id for o in operations if isinstance(o, Gone)}
        stopped |= {o.target_id for o in operations if self._is_unapproved(o)}
        for pk, outcome in self._state.outcomes.items():
            if any(problem.kind not in _HARMLESS for problem in outcome.problems):
                stopped.add(pk)
        return [o for o in operations if o.target_id not in stopped]

    def _is_unapproved(self, operation: Operation) -> bool:
        """Whether someone applies a plan that they saw without this operation."""
        if self._approved is None or not operation.needs_call:
            return False
        if operation.fingerprint in self._approved:
            return False
        text = "The plan has changed since it was made. Nothing was sent: make a new plan."
        self._state.add_problem(operation.target_id, Problem(ErrorKind.PLAN_CHANGED, text))
        return True

    # Writing

    def _apply_layer(self, layer: Sequence[Operation], resources: Resources) -> None:
        calls = [c for o in layer if (c := self._prepare_call(o, resources))]
        for chunk in chunks(calls, BATCH):
            self._send(chunk, resources)
        for some in chunks([o for o in layer if isinstance(o, Delete)], BATCH):
            self._send(self._confirmed(some), resources)

    def _confirmed(self, deletes: Sequence[Delete]) -> list[PreparedCall]:
        """The calls for these deletes: of what still carries its key when it is read now."""
        for forgotten in (o for o in deletes if not ADAPTERS[o.kind].can_delete):
            self._links.tombstone(forgotten)  # it goes with what it belongs to
        asked = [o for o in deletes if ADAPTERS[o.kind].can_delete]
        states.renew(self._holder, [self._state.targets[o.target_id] for o in asked])
        found = confirm(self._kaltura, [Deletion(o.kind, o.remote_id, o.key) for o in asked])
        calls, stop = list[PreparedCall](), None
        for operation, answer in zip(asked, found, strict=True):
            if isinstance(answer, OwnedObject):
                request = ADAPTERS[operation.kind].delete(answer)
                calls.append(PreparedCall(operation, request, {}))
            elif isinstance(answer, NotOurs):
                self._links.leave(operation)
            else:
                stop = self._links.record(operation, {}, answer) or stop
        if stop:
            raise stop
        return calls

    def _prepare_call(self, operation: Operation, resources: Resources) -> PreparedCall | None:
        """The call for an operation; None when it needs none, or must wait, which is reported."""
        match operation:
            case Wait(until=until):
                text = "Waiting until Kaltura's lists are up to date."
                self._state.add_problem(
                    operation.target_id, Problem(ErrorKind.WAITING, text, until)
                )
            case Forget(link=link):
                link.delete()
            case Create(replaces=old) if old and not self._links.is_deleted(old):
                pass  # the old one is still there, and its problem reported
            case Relink() if not self._links.relink(operation):
                pass  # it is another object's
            case Create() | Update() | Relink() if operation.needs_call:
                return self._prepare_write(operation, resources)
            case _:
                pass
        return None

    def _prepare_write(self, operation: Writing, resources: Resources) -> PreparedCall | None:
        values = self._state.resolved(operation)
        if values is None or self._has_no_picture(operation, values):
            return None
        try:
            request = self._request(operation, values, resources)
        except KalturaError as error:  # the account lacks what this kind of object needs
            self._state.add_error(operation, error)
            return None
        return PreparedCall(operation, request, values)

    def _has_no_picture(self, operation: Writing, values: Mapping[str, str]) -> bool:
        """Whether Kaltura would be given what is no picture; everything else goes on."""
        if operation.kind is not Kind.THUMBNAIL:
            return False
        refused = self._pictures.refusal(values["url"])
        if refused:
            problem = picture_problem(operation.label, values["url"], refused)
            self._state.add_problem(operation.target_id, problem)
        return refused is not None

    @staticmethod
    def _request(operation: Writing, values: Mapping[str, str], resources: Resources) -> Request:
        adapter, spec = ADAPTERS[operation.kind], operation.spec
        if isinstance(operation, Create):
            return adapter.add(Write(spec, values), resources)
        changed = {name: values[name] for name in operation.written}
        write = Write(spec, values, operation.remote_id, changed, operation.found)
        return adapter.update(write, resources)

    def _send(self, calls: Sequence[PreparedCall], resources: Resources) -> None:
        """Make these calls in one HTTP request and note each answer on its own."""
        # The lease is renewed before every request and is longer than one can take. A
        # target that was taken over meanwhile is another sender's.
        targets = [self._state.targets[c.operation.target_id] for c in calls]
        held = states.renew(self._holder, targets)
        calls = [c for c in calls if c.operation.target_id in held]
        if not calls:
            return
        adds = [c.operation for c in calls if isinstance(c.operation, Create)]
        self._links.mark_adding(adds)
        try:
            answers = self._kaltura.ask_once([c.request for c in calls])
        except KalturaError as error:
            if isinstance(error, RemoteUnavailable) and error.sent:
                # Kaltura may be at it still, so lists are in doubt from now on.
                self._links.mark_adding(adds)
            else:
                self._links.clear_adding(adds)
            raise
        stop: KalturaError | None = None
        for call, answer in zip(calls, answers, strict=True):
            stop = self._links.record(call.operation, call.values, answer) or stop
        self._links.save(c.operation for c in calls)
        if stop:
            raise stop
        self._send_unfrozen(calls, answers, resources)

    def _send_unfrozen(
        self, calls: Sequence[PreparedCall], answers: Sequence[Answer], resources: Resources
    ) -> None:
        """Of what was refused because it is on air, send what may change there all the same.

        Kaltura refuses the whole update for one such field: a new title would wait for hours.
        This happens once: what is sent again has none of the fields that we know to be frozen.
        """
        again: list[PreparedCall] = []
        for call, answer in zip(calls, answers, strict=True):
            is_on_air = isinstance(answer, RemoteRejected) and answer.code == FROZEN_ON_AIR
            less = without_fields(call.operation, frozen_fields(call.operation.kind))
            if is_on_air and less:
                request = self._request(less, call.values, resources)
                again.append(PreparedCall(less, request, call.values))
        if again:
            self._send(again, resources)

    def _all_wait(self, error: KalturaError) -> None:
        """The batch ended early: who is not through waits, adds in doubt until lists tell."""
        adding = RemoteLink.objects.filter(
            target__in=self._state.targets, remote_id=None, adding_since__isnull=False
        ).exclude(made_for=DELETED)
        since = adding.values_list("target_id", "adding_since")
        in_doubt = {pk: at + index_delay() for pk, at in since if at}
        problem = problem_from("the account", error)
        for pk in self._state.targets:
            until = in_doubt.get(pk) or problem.not_before or timezone.now()
            waiting = Problem(problem.kind, problem.text, until, weight=2, passes=True)
            self._state.add_problem(pk, waiting)
