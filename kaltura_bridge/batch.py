"""One claimed batch of targets on its way: observe, plan, apply layer by layer, record, release.

Nothing here runs inside a transaction while Kaltura is asked, and the domain is read
only once, after the claim. Before an add is sent, its link says so in the database
(``adding_since``): whoever comes after a death in between waits out the index delay,
looks the key up, and only then decides.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Sequence
from copy import copy
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from kaltura_bridge import states
from kaltura_bridge.client import BATCH, Answer, Kaltura, Request, chunks
from kaltura_bridge.desired import context_for, desired_for, foreign_entries, load
from kaltura_bridge.errors import (
    ABSENT,
    KalturaError,
    RemoteRejected,
    RemoteUnavailable,
    Verdict,
)
from kaltura_bridge.gateway import DESKS
from kaltura_bridge.gateway.base import Write
from kaltura_bridge.models import RemoteLink, SyncAttempt, SyncState, SyncTarget
from kaltura_bridge.observe import Observation, index_delay, observe
from kaltura_bridge.outcome import Outcome, Problem, problem_from
from kaltura_bridge.plan import (
    DELETED,
    Action,
    Known,
    Operation,
    held_after,
    layers,
    made_for,
    plan,
    resolve,
)
from kaltura_bridge.resources import Resources, resources_for
from kaltura_bridge.specs import Identity, Kind, Ref
from kaltura_bridge.twins import twin_times, twin_words
from kaltura_bridge.videos import videos_for
from kaltura_bridge.words import field_words

logger = logging.getLogger(__name__)
_EXISTING_ID = re.compile(r"id \[(\d+)\]")
RELINK_SOON = timedelta(seconds=1)
BLOCKED_FOR = timedelta(seconds=2)
SEEN = ("seen", "seen_at", "gone")
BURIED: dict[str, Any] = {
    "remote_id": None,
    "made_for": DELETED,
    "pushed": {},
    "pushed_at": None,
    "seen": {},
    "ignored": [],
    "gone": False,
}
STORED = ("remote_id", "made_for", "pushed", "pushed_at", *SEEN, "adding_since")


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
        shown: frozenset[str] | None = None,
    ) -> None:
        """``shown``: fingerprints of a plan; then nothing else than that is written."""
        self.holder, self.kaltura, self.shown = holder, kaltura, shown
        self.targets = {target.pk: target for target in targets}
        self.outcomes: dict[int, Outcome] = defaultdict(Outcome)
        self.ids: dict[Identity, str] = {}
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
            self._problem(pk, problem)
        links = list(
            RemoteLink.objects.filter(target__in=self.targets.values()).select_related("target")
        )
        specs = [spec for specs in desired.specs.values() for spec in specs]
        observation = observe(self.kaltura, specs, links, self.resources)
        self.ids = observation.ids
        operations = plan(desired.specs, known_for(links, observation))
        for operation in operations:
            if operation.begins_anew:
                self.ids.pop(operation.identity, None)
        self._note_observation(links, observation)
        for layer in layers(self._allowed(operations)):
            self._apply_layer(layer)

    # Before anything is written

    def _note_observation(self, links: Sequence[RemoteLink], observation: Observation) -> None:
        """Remember what was seen; a read that failed holds up its own target only."""
        now = timezone.now()
        changed: list[RemoteLink] = []
        same: list[RemoteLink] = []
        for link in links:
            before = (link.seen, link.gone)
            identity = (Kind(link.kind), link.key)
            found = [
                o for o in observation.objects.get(identity, ()) if o.remote_id == link.remote_id
            ]
            link.gone = identity in observation.gone or any(o.dead for o in found)
            if found:
                link.seen, link.seen_at = dict(found[0].fields), now
            (same if (link.seen, link.gone) == before else changed).append(link)
        # Most are as they were, and one statement does for all of those.
        seen_now = [link.pk for link in same if link.seen_at == now]
        RemoteLink.objects.filter(pk__in=seen_now).update(seen_at=now)
        self._store(changed, SEEN)
        for (kind, key), error in observation.errors.items():
            for link in links:
                if (link.kind, link.key) == (kind, key):
                    self._problem(link.target_id, problem_from(str(link), error))

    def _allowed(self, operations: Sequence[Operation]) -> list[Operation]:
        """Operations of targets that may be written to; the others are told why not."""
        for operation in operations:
            self._report(operation)
        self._report_twins(operations)
        self._note_agreements(operations)
        stopped = {o.target_id for o in operations if o.action is Action.GONE}
        stopped |= {o.target_id for o in operations if self._is_news(o)}
        stopped |= {pk for pk, outcome in self.outcomes.items() if self._unread(outcome)}
        return [o for o in operations if o.target_id not in stopped]

    def _is_news(self, operation: Operation) -> bool:
        """Whether someone applies a plan in which this was not shown to them."""
        if self.shown is None or not operation.needs_call or operation.fingerprint in self.shown:
            return False
        text = "The plan changed after it was shown. Nothing of it was sent; look at it again."
        self._problem(operation.target_id, Problem("plan changed", text, needs_person=True))
        return True

    @staticmethod
    def _unread(outcome: Outcome) -> bool:
        return any(problem.kind not in ("conflict", "doubles") for problem in outcome.problems)

    def _report(self, operation: Operation) -> None:
        """Tell what the plan found that no write of ours may settle."""
        if operation.action is Action.GONE:
            text = (
                f"Someone deleted the {operation.label} at Kaltura. "
                "Choose Recreate to make it anew, or delete it here."
            )
            self._problem(operation.target_id, Problem("gone", text, needs_person=True, weight=3))
        moved = [*operation.drift, *operation.conflicts]
        changed = [f"{operation.kind.label} {field_words(name)}" for name in moved]
        self.outcomes[operation.target_id].changed_there += changed
        for name, (ours, theirs) in operation.conflicts.items():
            text = (
                f"{name} of the {operation.label} changed both here (“{ours}”) and at Kaltura "
                f"(“{theirs}”). Choose on its page: Push ours, or Adopt theirs."
            )
            self._problem(operation.target_id, Problem("conflict", text, needs_person=True))
        if operation.doubles:
            text = (
                f"Kaltura holds the {operation.label} more than once (also "
                f"{', '.join(operation.doubles)}). Delete the others at Kaltura, then Retry."
            )
            self._problem(operation.target_id, Problem("doubles", text, needs_person=True))

    def _report_twins(self, operations: Sequence[Operation]) -> None:
        held: dict[int, list[Operation]] = defaultdict(list)
        for operation in operations:
            held[operation.target_id].append(operation)
        for target_id, own in held.items():
            twins = twin_times(self.targets[target_id].object_uuid, held_after(own))
            if twins:
                self.outcomes[target_id].changed_there.append(twin_words(twins))

    def _note_agreements(self, operations: Sequence[Operation]) -> None:
        """Where both sides came to the same, that is the base from now on."""
        agreed = [o for o in operations if o.agreed and o.link]
        for operation in agreed:
            assert operation.link is not None
            operation.link.pushed |= operation.agreed
        self._store([o.link for o in agreed if o.link], ("pushed",))

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
            self._problem(
                operation.target_id, Problem("waiting", text, not_before=operation.not_before)
            )
        elif operation.action is Action.FORGET and link is not None:
            link.delete()
        elif operation.action is Action.RELINK and operation.found is not None:
            self._relink(operation)
        elif operation.action is Action.DELETE and link is not None and not self._delete(operation):
            self._bury(operation, link)

    def _relink(self, operation: Operation) -> None:
        """Adopt what carries our key; what it holds is the base of the comparison."""
        found = operation.found
        assert found is not None and operation.spec is not None  # what RELINK means
        link = operation.link or self._new_link(operation)
        managed = {n: v for n, v in found.fields.items() if n in operation.spec.fields}
        link.remote_id, link.pushed, link.adding_since = found.remote_id, managed, None
        link.made_for = made_for(operation.spec, self.ids)
        operation.link = link
        if self._store_alone(operation, link):
            self.ids[operation.identity] = found.remote_id
            self.outcomes[operation.target_id].done.append(("found", operation.kind))

    @staticmethod
    def _new_link(operation: Operation) -> RemoteLink:
        return RemoteLink(
            target_id=operation.target_id, kind=str(operation.kind), key=operation.key
        )

    def _request(self, operation: Operation) -> Request | None:
        """The call for one operation; None, with a problem told, when it cannot be made yet."""
        desk = DESKS[operation.kind]
        if operation.action is Action.DELETE:
            return self._delete(operation)
        if operation.replaces and operation.replaces.link and operation.replaces.link.pk:
            return None  # the old one is still there, and its problem told
        values = self._values(operation)
        spec = operation.spec
        if values is None or spec is None:
            return None
        try:
            if operation.action is Action.CREATE:
                return desk.add(Write(spec, values), self.resources)
            changed = {name: values[name] for name in operation.changed}
            remote_id = self.ids[operation.identity]
            write = Write(spec, values, remote_id, changed, operation.found)
            return desk.update(write, self.resources)
        except KalturaError as error:
            self._problem(operation.target_id, problem_from(operation.label, error))
            return None

    @staticmethod
    def _delete(operation: Operation) -> Request | None:
        """The call that deletes; None where there is none, and the link alone goes."""
        if operation.link is None:
            return None  # it needed none, and is gone
        found = operation.found.remote_id if operation.found else ""
        return DESKS[operation.kind].delete(operation.link.remote_id or found)

    def _values(self, operation: Operation) -> dict[str, str] | None:
        """Fields with every reference resolved; None when what is referred to is not there yet."""
        assert operation.spec is not None  # creates and updates have one
        wanted = {**operation.spec.fields, **operation.spec.create_only}
        values: dict[str, str] = {}
        for name, value in wanted.items():
            resolved = resolve(value, self.ids)
            if isinstance(resolved, Ref):
                self._blocked(operation, resolved)
                return None
            values[name] = resolved
        return values

    def _blocked(self, operation: Operation, ref: Ref) -> None:
        text = f"The {operation.label} waits for its {ref.kind.label.lower()} at Kaltura."
        until = timezone.now() + BLOCKED_FOR
        problem = Problem("waiting", text, not_before=until, weight=0)
        self._problem(operation.target_id, problem)

    def _send(self, calls: Sequence[tuple[Operation, Request]]) -> None:
        held = states.renew(self.holder, [self.targets[o.target_id] for o, _ in calls])
        calls = [(o, r) for o, r in calls if o.target_id in held]
        if not calls:
            return
        adds = [o for o, _ in calls if o.action is Action.CREATE]
        self._say_adding(adds)
        try:
            answers = self.kaltura.ask_once([r for _, r in calls])
        except KalturaError as error:
            if isinstance(error, RemoteUnavailable) and error.sent:
                self._say_adding(adds)  # Kaltura may be at it still
            else:
                self._nothing_added(adds)
            raise
        stop: KalturaError | None = None
        for (operation, _), answer in zip(calls, answers, strict=True):
            stop = self._record(operation, answer) or stop
        self._store_links([o for o, _ in calls])
        if stop:
            raise stop

    def _say_adding(self, adds: Sequence[Operation]) -> None:
        """Commit that these adds are about to be sent."""
        now = timezone.now()
        for operation in adds:
            operation.link = operation.link or self._new_link(operation)
            assert operation.spec is not None  # adds have one
            operation.link.adding_since = now
            operation.link.made_for = made_for(operation.spec, self.ids)
        links = [o.link for o in adds if o.link]
        self._store([link for link in links if link.pk], ("adding_since", "made_for"))
        RemoteLink.objects.bulk_create([link for link in links if link.pk is None])

    def _nothing_added(self, adds: Sequence[Operation]) -> None:
        """None was sent; what was deleted to make room may still be listed and stays in doubt."""
        for operation in adds:
            self._not_adding(operation)
        pks = [o.link.pk for o in adds if o.link and not o.replaces]
        RemoteLink.objects.filter(pk__in=pks).update(adding_since=None)

    # Recording

    def _record(self, operation: Operation, answer: Answer) -> KalturaError | None:
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
        self.outcomes[operation.target_id].done.append((done, operation.kind))
        if operation.action is Action.DELETE:
            self._bury(operation, link)
            return
        values = self._values(operation)
        assert spec is not None and values is not None  # as when it was sent
        link.made_for = made_for(spec, self.ids)
        if operation.action is Action.CREATE:
            link.remote_id = DESKS[operation.kind].added(Write(spec, values), answer)
            self.ids[operation.identity] = link.remote_id
            link.pushed, link.seen = {name: values[name] for name in spec.fields}, {}
        else:
            written = {name: values[name] for name in operation.changed}
            link.pushed |= written
            # The rest stays as it was seen: it may differ, and somebody must see that.
            link.seen = {**link.seen, **written} if link.seen else {}
        link.pushed_at, link.adding_since, link.gone = timezone.now(), None, False

    def _bury(self, operation: Operation, link: RemoteLink) -> None:
        """It is gone there; where lists may still show it, the link remembers for a while."""
        self.ids.pop(operation.identity, None)
        lists_lag = DESKS[operation.kind].get(link.remote_id or "0|0") is not None
        for name, value in BURIED.items():
            setattr(link, name, copy(value))
        link.adding_since, operation.link = timezone.now(), None
        if lists_lag and not self.targets[operation.target_id].removed:
            link.save(update_fields=[*BURIED, "adding_since"])
        else:
            link.delete()

    def _record_error(self, operation: Operation, error: KalturaError) -> KalturaError | None:
        if isinstance(error, RemoteUnavailable):
            if not error.sent:
                self._not_adding(operation)
            self._problem(operation.target_id, problem_from(operation.label, error))
            return None
        assert isinstance(error, RemoteRejected)  # the two things an answer can be
        if self._is_done(operation, error):
            self._record_success(operation, None)
        elif error.verdict is Verdict.EXISTS and self._may_pass(operation, error):
            self._record_existing(operation, error)
        else:
            if error.kind != "server error":  # which may have come after the work was done
                self._not_adding(operation)
            self._problem(operation.target_id, problem_from(operation.label, error))
        return error if error.verdict is Verdict.STOP else None

    @staticmethod
    def _is_done(operation: Operation, error: RemoteRejected) -> bool:
        """Whether the refusal says that what we wanted is already so."""
        if operation.action is Action.DELETE:
            return error.code in ABSENT
        return operation.action is Action.CREATE and error.verdict is Verdict.DONE

    @staticmethod
    def _may_pass(operation: Operation, error: RemoteRejected) -> bool:
        """Whether looking again may help: at an add, and where Kaltura asked its stale index."""
        moved = operation.action is Action.UPDATE and error.code == "SCHEDULE_TIME_IN_USE"
        return operation.action is Action.CREATE or moved

    def _record_existing(self, operation: Operation, error: RemoteRejected) -> None:
        """Kaltura says that it exists: it names the id, or we look again once lists caught up.

        When we have waited for that already and still do not find it, it is not ours.
        """
        link, target = operation.link, self.targets[operation.target_id]
        assert link is not None  # made before the call
        if error.code == "METADATA_ALREADY_EXISTS" and (found := _EXISTING_ID.search(str(error))):
            link.remote_id, link.adding_since, link.pushed = found[1], None, {}
            text = f"The {operation.label} exists already; we compare it."
            until = timezone.now() + RELINK_SOON
            self._problem(target.pk, Problem("waiting", text, not_before=until, weight=0))
        elif target.error_kind == error.kind and target.attempts:
            self._not_adding(operation)
            self._problem(target.pk, problem_from(operation.label, error))
        else:
            text = problem_from(operation.label, error).text
            until = timezone.now() + index_delay()
            self._problem(target.pk, Problem(error.kind, text, not_before=until))

    @staticmethod
    def _not_adding(operation: Operation) -> None:
        if operation.link is not None and not operation.replaces:
            operation.link.adding_since = None

    def _store_links(self, operations: Sequence[Operation]) -> None:
        changed = [o for o in operations if o.link is not None]
        try:
            self._store([o.link for o in changed if o.link], STORED)
        except IntegrityError:
            for operation in changed:
                if operation.link:
                    self._store_alone(operation, operation.link)

    @staticmethod
    def _store(links: Sequence[RemoteLink], fields: Sequence[str]) -> None:
        """Save these fields, row by row: bulk_update takes several times as long for so many."""
        with transaction.atomic():
            # In one order, as a person's repair locks them too.
            for link in sorted(links, key=lambda link: link.pk):
                values = {name: getattr(link, name) for name in fields}
                RemoteLink.objects.filter(pk=link.pk).update(**values)

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
            self._problem(operation.target_id, Problem("shared", text, needs_person=True))
            return False
        return True

    # The end

    def _problem(self, target_id: int, problem: Problem) -> None:
        self.outcomes[target_id].problems.append(problem)

    def _all_have(self, problem: Problem) -> None:
        for pk in self.targets:
            self._problem(pk, problem)

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
            self._problem(pk, Problem(problem.kind, problem.text, not_before=until, weight=2))

    def _release(self) -> None:
        attempts = []
        for pk, target in self.targets.items():
            outcome = self.outcomes[pk]
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
