"""Sends notifications from threads of its own, again and again until they arrive.

A notification is written down in the transaction of the change it is about, so none
is lost and none is sent for work that was undone.
"""

from __future__ import annotations

import http.client
import ipaddress
import logging
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kaltura_simulator.notify import bodies, events, templates
from kaltura_simulator.notify.events import Event
from kaltura_simulator.state.store import Change, Data

if TYPE_CHECKING:
    from kaltura_simulator.world import World

logger = logging.getLogger(__name__)
KIND = "notification_job"
PENDING, SENDING, SENT, FAILED, REFUSED = "pending", "sending", "sent", "failed", "refused"
SETTINGS: dict[str, float] = {"retries": 10, "first_retry_s": 1.0, "timeout_s": 10.0}
KEPT_JOBS = 500
WORKERS = 4
LOOK_S = 0.2


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A receiver cannot send us elsewhere."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing."""


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


class Notifier:
    """The notifications of one simulator."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()

    # ----------------------------------------------------------------- enqueueing
    def take(self, changes: list[Change]) -> None:
        """Write down what these changes set off; called inside their transaction."""
        store, queued = self.world.store, False
        for change in changes:
            if change.kind not in events.OBJECT_TYPES or not store.any(
                change.partner, templates.KIND
            ):
                continue
            for event in events.events_of(change):
                for template in templates.fired(store, event):
                    self.queue(template, event)
                    queued = True
        if queued:
            self.wake()

    def queue(self, template: Data, event: Event) -> int:
        """Write one notification down; returns its number."""
        store, partner = self.world.store, event.partner
        key = store.next_id(KIND)
        secret = self.world.secrets(partner)[0]
        job = bodies.request(template, event, key, secret) | {
            "id": key,
            "templateId": template["id"],
            "createdAt": self.world.clock.now(),
            "timeout": template.get("timeout") or 0,
            "status": PENDING,
            "attempts": 0,
            "nextAt": self.world.clock.steady(),
        }
        store.put(partner, KIND, key, job)
        self._forget_old(partner)
        return key

    def _forget_old(self, partner: int) -> None:
        done = [
            j for j in self.world.store.all(partner, KIND) if j["status"] not in {PENDING, SENDING}
        ]
        for job in done[: max(0, len(done) - KEPT_JOBS)]:
            self.world.store.delete(partner, KIND, job["id"])

    # -------------------------------------------------------------------- threads
    def resume(self) -> None:
        """Take up what the last run left unsent."""
        left = False
        with self.world.store.transaction():
            for partner, job in self._jobs(PENDING, SENDING):
                left = True
                if job["status"] == SENDING:
                    self.world.store.change(partner, KIND, job["id"], status=PENDING)
        if left:
            self.wake()

    def wake(self) -> None:
        """See that somebody sends."""
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

    def _jobs(self, *states: str) -> list[tuple[int, Data]]:
        store = self.world.store
        rows = ((partner, job) for partner in store.partners() for job in store.all(partner, KIND))
        return [(partner, job) for partner, job in rows if job["status"] in states]

    def _claim(self) -> tuple[int, Data] | None:
        steady, store = self.world.clock.steady(), self.world.store
        if not any(store.any(partner, KIND) for partner in store.partners()):
            return None
        with store.transaction():
            for partner, job in self._jobs(PENDING):
                if job["nextAt"] <= steady:
                    return partner, store.change(partner, KIND, job["id"], status=SENDING)
        return None

    # -------------------------------------------------------------------- sending
    def settings(self) -> dict[str, float]:
        """How often and how fast a notification is sent again."""
        chosen: dict[str, float] = self.world.store.setting("notify", {})
        return SETTINGS | chosen

    def _send(self, partner: int, job: Data) -> None:
        if not self.may_go_to(job["url"]):
            reason = "this address is not on this machine; see --notify-hosts"
            self._note(partner, job, status=REFUSED, lastError=reason)
            return
        status, error = self._post(job)
        attempts = job["attempts"] + 1
        if status == http.client.OK:
            self._note(
                partner, job, status=SENT, attempts=attempts, lastStatus=status, lastError=""
            )
            return
        how = self.settings()
        over = attempts > how["retries"]
        later = self.world.clock.steady() + how["first_retry_s"] * 2 ** (attempts - 1)
        outcome = {"status": FAILED} if over else {"status": PENDING, "nextAt": later}
        self._note(partner, job, attempts=attempts, lastStatus=status, lastError=error, **outcome)

    def _post(self, job: Data) -> tuple[int, str]:
        """The receiver's status, 0 when there was none, and what went wrong."""
        body = job["body"].encode() if job["method"] != "GET" else None
        headers = dict(job["headers"])
        seconds = float(job["timeout"] or self.settings()["timeout_s"])
        try:
            asked = urllib.request.Request(job["url"], body, headers, method=job["method"])  # noqa: S310
            with _OPENER.open(asked, timeout=seconds) as reply:
                return int(reply.status), f"status {reply.status}"
        except urllib.error.HTTPError as problem:
            return problem.code, f"status {problem.code}"
        except (OSError, ValueError, http.client.HTTPException) as problem:
            return 0, str(problem)

    def _note(self, partner: int, job: Data, **fields: object) -> None:
        """Write down how it went; the account may have been reset meanwhile."""
        store = self.world.store
        with store.transaction():
            if store.get(partner, KIND, job["id"]) is not None:
                store.change(partner, KIND, job["id"], **fields)

    def may_go_to(self, url: str) -> bool:
        """Whether an address is on this machine, or one that the options allow."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            return False
        allowed = {name.strip().lower() for name in self.world.options.notify_hosts.split(",")}
        return parts.scheme in {"http", "https"} and (_is_loopback(host) or host in allowed - {""})


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
