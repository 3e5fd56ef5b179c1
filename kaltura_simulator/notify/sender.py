"""Sends notifications from its own threads, with retries.

A notification is stored in the transaction of the change it is about, so none is lost,
and none is sent for a change that was rolled back.
"""

from __future__ import annotations

import http.client
import logging
import threading
import urllib.error
import urllib.request

from kaltura_simulator.notify import events, queue, templates
from kaltura_simulator.notify.queue import FAILED, PENDING, REFUSED, SENDING, SENT
from kaltura_simulator.state.store import Data, ObjectChange
from kaltura_simulator.state.world import World
from kaltura_simulator.web import fetch

logger = logging.getLogger(__name__)
WORKERS = 4
LOOK_S = 0.2


class Notifier:
    """The sender of one simulator's notifications; it listens to every change of the store."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()
        world.store.listener = self.on_changes

    # ------------------------------------------------------------------ listening
    def on_changes(self, changes: list[ObjectChange]) -> None:
        """Store the notifications that these changes trigger; called in their transaction."""
        queued = any(change.kind == queue.KIND and change.before is None for change in changes)
        for change in changes:
            queued = self._enqueue_for(change) or queued
        if queued:
            self.wake()

    def _enqueue_for(self, change: ObjectChange) -> bool:
        """Whether a change triggered a notification."""
        store, queued = self.world.store, False
        if change.kind not in events.OBJECT_TYPES or not store.has_any(
            change.partner, templates.KIND
        ):
            return False
        for event in events.events_of(change):
            for template in templates.triggered_by(store, event):
                queue.enqueue(self.world, template, event)
                queued = True
        return queued

    # -------------------------------------------------------------------- threads
    def resume(self) -> None:
        """Continue with what an earlier process left unsent."""
        store = self.world.store
        with store.transaction():
            left = queue.jobs(store, PENDING, SENDING)
            for partner, job in left:
                if job["status"] == SENDING:
                    store.change(partner, queue.KIND, job["id"], status=PENDING)
        if left:
            self.wake()

    def wake(self) -> None:
        """Start the threads, unless they run already."""
        with self._starting:
            if not self._threads:
                for number in range(WORKERS):
                    name = f"notifier-{number}"
                    thread = threading.Thread(target=self._work, name=name, daemon=True)
                    self._threads.append(thread)
                    thread.start()

    def _work(self) -> None:
        pause = threading.Event()
        while True:
            claimed = self._claim()
            if claimed is None:
                pause.wait(LOOK_S)
                continue
            try:
                self._send(*claimed)
            except Exception as problem:
                # One notification that cannot be sent must not stop the others.
                logger.exception("Notification %s failed", claimed[1]["id"])
                self._note(*claimed, status=FAILED, lastError=str(problem))

    def _claim(self) -> tuple[int, Data] | None:
        steady, store = self.world.clock.steady(), self.world.store
        if not any(store.has_any(partner, queue.KIND) for partner in store.partners()):
            return None
        with store.transaction():
            for partner, job in queue.jobs(store, PENDING):
                if job["nextAt"] <= steady:
                    return partner, store.change(partner, queue.KIND, job["id"], status=SENDING)
        return None

    # -------------------------------------------------------------------- sending
    def _send(self, partner: int, job: Data) -> None:
        if not fetch.is_allowed(job["url"], self.world.options.notify_hosts):
            reason = "this address is not among those of --notify-hosts"
            self._note(partner, job, status=REFUSED, lastError=reason)
            return
        status, error = self._post(job)
        attempts = job["attempts"] + 1
        if status == http.client.OK:
            self._note(
                partner, job, status=SENT, attempts=attempts, lastStatus=status, lastError=""
            )
            return
        settings = queue.settings(self.world.store)
        over = attempts > settings["retries"]
        later = self.world.clock.steady() + settings["first_retry_s"] * 2 ** (attempts - 1)
        outcome = {"status": FAILED} if over else {"status": PENDING, "nextAt": later}
        self._note(partner, job, attempts=attempts, lastStatus=status, lastError=error, **outcome)

    def _post(self, job: Data) -> tuple[int, str]:
        """The receiver's status, 0 when there was none, and what went wrong."""
        body = job["body"].encode() if job["method"] != "GET" else None
        headers = dict(job["headers"])
        seconds = float(job["timeout"] or queue.settings(self.world.store)["timeout_s"])
        try:
            request = urllib.request.Request(job["url"], body, headers, method=job["method"])  # noqa: S310
            with fetch.OPENER.open(request, timeout=seconds) as reply:
                return int(reply.status), f"status {reply.status}"
        except urllib.error.HTTPError as problem:
            return problem.code, f"status {problem.code}"
        except (OSError, ValueError, http.client.HTTPException) as problem:
            return 0, str(problem)

    def _note(self, partner: int, job: Data, **fields: object) -> None:
        """Store the outcome; the account may have been reset meanwhile."""
        store = self.world.store
        with store.transaction():
            if store.get(partner, queue.KIND, job["id"]) is not None:
                store.change(partner, queue.KIND, job["id"], **fields)
