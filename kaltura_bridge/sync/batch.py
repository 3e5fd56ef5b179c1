"""One claimed batch of targets on its way: observe, plan, apply layer by layer, record, release.

Nothing here runs inside a transaction while Kaltura is asked, and the domain is read
only once, after the claim. findings.py notes what was seen, ledger.py what was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from kaltura_bridge.api.account import Resources, resources_for
from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.adapters.base import Write
from kaltura_bridge.api.client import BATCH, Kaltura, Request, chunks
from kaltura_bridge.api.errors import KalturaError, RemoteUnavailable
from kaltura_bridge.api.videos import videos_for
from kaltura_bridge.models import RemoteLink, SyncAttempt, SyncState, SyncTarget
from kaltura_bridge.sync import drift, states
from kaltura_bridge.sync.batch_state import Standing
from kaltura_bridge.sync.desired import context_for, desired_for, foreign_entries, load
from kaltura_bridge.sync.links import Ledger
from kaltura_bridge.sync.observe import Observation, index_delay, observe
from kaltura_bridge.sync.outcome import Outcome, Problem, problem_from
from kaltura_bridge.sync.planner import DELETED, Action, Known, Operation, layers, plan

logger = logging.getLogger(__name__)


def known_for(links: Sequence[RemoteLink], observation: Observation) -> Known:
    return Known(
        links=links,
        observed=observation.objects,
        gone=frozenset(observation.gone),
        ids=observation.ids,
        now=timezone.now(),
        index_delay=index_delay(),
    )


class Batch:
    """The targets that one holder claimed, and how each of them fares."""

    def __init__(
        self,
        holder: str,
        targets: Sequence[SyncTarget],
        kaltura: Kaltura,
        approved: frozenset[str] | None = None,
    ) -> None:
        """``approved``: fingerprints of a plan; then nothing else than that is written."""
        self.holder, self.kaltura, self.approved = holder, kaltura, approved
        self.targets = {target.pk: target for target in targets}
        self.standing = Standing(self.targets)
        self.ledger = Ledger(self.standing)
        self.resources: Resources

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
            logger.exception("A batch of %d targets failed", len(self.targets))
            text = f"The portal failed ({type(error).__name__}). Tell its operator, then Retry."
            self._all_have(Problem("internal", text, needs_person=True))
        self._release()
        return ended

    def _run(self) -> None:
        self.resources = resources_for(self.kaltura)
        planned = load(list(self.targets.values()))
        videos = videos_for(self.kaltura, foreign_entries(planned))
        context = context_for(self.resources, videos)
        desired = desired_for(list(self.targets.values()), planned, context)
        for pk, missing in desired.missing.items():
            problem = Problem(missing.kind, str(missing), needs_person=not missing.waits)
            self.standing.problem(pk, problem)
        links = list(
            RemoteLink.objects.filter(target__in=self.targets.values()).select_related("target")
        )
        specs = [spec for specs in desired.specs.values() for spec in specs]
        observation = observe(self.kaltura, specs, links, self.resources)
        self.standing.ids = observation.ids
        operations = plan(desired.specs, known_for(links, observation))
        for operation in operations:
            if operation.begins_anew:
                self.standing.ids.pop(operation.identity, None)
        drift.note_observation(self.standing, links, observation)
        for layer in layers(self._allowed(operations)):
            self._apply_layer(layer)

    # Before anything is written

    def _allowed(self, operations: Sequence[Operation]) -> list[Operation]:
        """Operations of targets that may be written to; the others are told why not."""
        drift.report(self.standing, operations)
        stopped = {o.target_id for o in operations if o.action is Action.GONE}
        stopped |= {o.target_id for o in operations if self._is_unapproved(o)}
        stopped |= {pk for pk, outcome in self.standing.outcomes.items() if self._unread(outcome)}
        return [o for o in operations if o.target_id not in stopped]

    def _is_unapproved(self, operation: Operation) -> bool:
        """Whether someone applies a plan that they saw without this operation."""
        if self.approved is None or not operation.needs_call:
            return False
        if operation.fingerprint in self.approved:
            return False
        text = "The plan changed after it was shown. Nothing of it was sent; look at it again."
        self.standing.problem(operation.target_id, Problem("plan changed", text, needs_person=True))
        return True

    @staticmethod
    def _unread(outcome: Outcome) -> bool:
        return any(problem.kind not in ("conflict", "doubles") for problem in outcome.problems)

    # Applying

    def _apply_layer(self, layer: Sequence[Operation]) -> None:
        for operation in layer:
            self._settle_without_call(operation)
        calls = [(o, r) for o in layer if o.needs_call and (r := self._request(o))]
        for chunk in chunks(calls, BATCH):
            self._send(chunk)

    def _settle_without_call(self, operation: Operation) -> None:
        link = operation.link
        if operation.action is Action.WAIT:
            text = "We wait until Kaltura's lists are up to date, then look again."
            self.standing.problem(
                operation.target_id, Problem("waiting", text, not_before=operation.not_before)
            )
        elif operation.action is Action.FORGET and link is not None:
            link.delete()
        elif operation.action is Action.RELINK and operation.found is not None:
            self.ledger.relink(operation)
        elif operation.action is Action.DELETE and link is not None and not self._delete(operation):
            self.ledger.bury(operation, link)

    def _request(self, operation: Operation) -> Request | None:
        """The call for one operation; None, with a problem told, when it cannot be made yet."""
        adapter = ADAPTERS[operation.kind]
        if operation.action is Action.DELETE:
            return self._delete(operation)
        if operation.replaces and operation.replaces.link and operation.replaces.link.pk:
            return None  # the old one is still there, and its problem told
        values = self.standing.values(operation)
        spec = operation.spec
        if values is None or spec is None:
            return None
        try:
            if operation.action is Action.CREATE:
                return adapter.add(Write(spec, values), self.resources)
            changed = {name: values[name] for name in operation.changed}
            remote_id = self.standing.ids[operation.identity]
            write = Write(spec, values, remote_id, changed, operation.found)
            return adapter.update(write, self.resources)
        except KalturaError as error:
            self.standing.failed(operation, error)
            return None

    @staticmethod
    def _delete(operation: Operation) -> Request | None:
        """The call that deletes; None where there is none, and the link alone goes."""
        if operation.link is None:
            return None  # it needed none, and is gone
        found = operation.found.remote_id if operation.found else ""
        return ADAPTERS[operation.kind].delete(operation.link.remote_id or found)

    def _send(self, calls: Sequence[tuple[Operation, Request]]) -> None:
        held = states.renew(self.holder, [self.targets[o.target_id] for o, _ in calls])
        calls = [(o, r) for o, r in calls if o.target_id in held]
        if not calls:
            return
        adds = [o for o, _ in calls if o.action is Action.CREATE]
        self.ledger.say_adding(adds)
        try:
            answers = self.kaltura.ask_once([r for _, r in calls])
        except KalturaError as error:
            if isinstance(error, RemoteUnavailable) and error.sent:
                self.ledger.say_adding(adds)  # Kaltura may be at it still
            else:
                self.ledger.nothing_added(adds)
            raise
        stop: KalturaError | None = None
        for (operation, _), answer in zip(calls, answers, strict=True):
            stop = self.ledger.record(operation, answer) or stop
        self.ledger.store([o for o, _ in calls])
        if stop:
            raise stop

    # The end

    def _all_have(self, problem: Problem) -> None:
        for pk in self.targets:
            self.standing.problem(pk, problem)

    def _all_wait(self, error: KalturaError) -> None:
        """The batch ended early: who is not through waits, adds in doubt until lists tell."""
        in_doubt: dict[int, Any] = {}
        for link in RemoteLink.objects.filter(
            target__in=self.targets, remote_id=None, adding_since__isnull=False
        ).exclude(made_for=DELETED):
            in_doubt[link.target_id] = link.adding_since + index_delay()  # type: ignore[operator]
        problem = problem_from("the account", error)
        for pk in self.targets:
            until = in_doubt.get(pk) or problem.not_before or timezone.now()
            self.standing.problem(
                pk, Problem(problem.kind, problem.text, not_before=until, weight=2)
            )

    def _release(self) -> None:
        attempts = []
        for pk, target in self.targets.items():
            outcome = self.standing.outcomes[pk]
            if self._finished(target, outcome):
                continue
            worst = outcome.worst
            now = timezone.now()
            states.release(
                target,
                self.holder,
                outcome.state,
                attempts=target.attempts + 1 if worst else 0,
                next_attempt_at=outcome.next_attempt(target) if worst else now,
                error_kind=worst.kind if worst else "",
                error=worst.text if worst else "",
                changed_there=outcome.there,
                synced_at=target.synced_at if worst else now,
            )
            if outcome.is_news(target):
                attempts.append(self._attempt(target, outcome))
        SyncAttempt.objects.bulk_create(attempts)

    @staticmethod
    def _finished(target: SyncTarget, outcome: Outcome) -> bool:
        """Whether a deleted object is deleted at Kaltura too: then nothing remains of it."""
        left = target.links.exclude(made_for=DELETED)
        if not target.removed or outcome.problems or left.exists():
            return False
        return bool(SyncTarget.objects.filter(pk=target.pk, version=target.version).delete()[0])

    @staticmethod
    def _attempt(target: SyncTarget, outcome: Outcome) -> SyncAttempt:
        worst = outcome.worst
        return SyncAttempt(
            target=target,
            outcome=SyncState(outcome.state),
            error_kind=worst.kind if worst else "",
            message=outcome.message,
        )
