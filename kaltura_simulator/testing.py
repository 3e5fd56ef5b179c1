"""A simulator for tests and benchmarks: a process of its own, driven over HTTP.

>>> simulator = Simulator.start()
>>> simulator.lose_reply("scheduleEvent.add")
>>> simulator.keys("scheduleEvent")
[]
>>> simulator.stop()

Actions are named ``scheduleEvent.add`` or as on the wire, ``schedule_scheduleevent.add``;
kinds of object ``scheduleEvent``, ``category``, ``liveStream`` and so on. Only the
standard library is used, so that anything may import this.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from kaltura_simulator import constants

ROOT = Path(__file__).resolve().parents[1]
START_S = 20.0
#: What a test need not say: its own servers may be called.
_FOR_TESTS = {
    "--background": "lists",
    "--notify-hosts": "127.0.0.1,localhost",
    "--fetch-hosts": "127.0.0.1,localhost",
    # Otherwise every test would wait half a minute for a broadcast to end.
    "--live-cache": "off",
}
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
#: The store's kind behind each name, and the entry type it is narrowed to.
_KINDS: dict[str, tuple[str, Any]] = {
    "category": ("category", None),
    "entry": ("entry", None),
    "baseEntry": ("entry", None),
    "liveStream": ("entry", 7),
    "media": ("entry", 1),
    "room": ("entry", "room.room"),
    "metadata": ("metadata", None),
    "metadataProfile": ("metadata_profile", None),
    "categoryEntry": ("category_entry", None),
    "categoryUser": ("category_user", None),
    "scheduleEvent": ("schedule_event", None),
    "scheduleResource": ("schedule_resource", None),
    "scheduleEventResource": ("schedule_event_resource", None),
    "appToken": ("app_token", None),
    "entryVendorTask": ("vendor_task", None),
    "reachProfile": ("reach_profile", None),
    "captionAsset": ("caption_asset", None),
    "attachmentAsset": ("attachment_asset", None),
    "eventNotificationTemplate": ("notification_template", None),
    "user": ("user", None),
}
#: The status that means "deleted", for kinds that keep what was deleted.
_DELETED = {"category": 3, "entry": 3, "schedule_event": 3, "schedule_resource": 3, "user": 2}


class SimulatorFailed(RuntimeError):
    """The simulator did not start, or refused a request of the test."""


class Simulator:
    """One running simulator. ``url`` is the service URL for a Kaltura client."""

    admin_secret = constants.ADMIN_SECRET
    user_secret = constants.USER_SECRET

    def __init__(self, data: str, port: int, index_delay: float, partner_id: int, *options: str):
        self.data, self.port, self.index_delay = data, port, index_delay
        self.partner_id, self.options = partner_id, options
        self.url = f"http://{constants.HOST}:{port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def start(
        cls,
        *options: str,
        data: str = "",
        port: int = 0,
        index_delay: float = 0.0,
        partner_id: int = constants.PARTNER_ID,
    ) -> Simulator:
        """Start one on a free port; without ``data`` in a folder that is deleted when it stops.

        ``options`` are further arguments for its command line: ``"--provision", "reach"``.
        """
        folder = None if data else tempfile.TemporaryDirectory(prefix="kaltura-simulator-")
        if folder is not None:
            data = str(Path(folder.name) / "kaltura.sqlite3")
        simulator = cls(data, port or free_port(), index_delay, partner_id, *options)
        simulator._folder = folder
        atexit.register(simulator.stop)
        simulator.launch()
        return simulator

    # ------------------------------------------------------------------- process
    def launch(self) -> None:
        """Run the process and wait until it answers."""
        command = [sys.executable, "-m", "kaltura_simulator"]
        command += ["--bind", f"{constants.HOST}:{self.port}", "--data", self.data]
        command += ["--index-delay", str(self.index_delay)]
        command += ["--partner-id", str(self.partner_id), *self.options]
        for option, value in _FOR_TESTS.items():
            command += [] if option in self.options else [option, value]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None:
                raise SimulatorFailed(f"The simulator ended with {self._process.returncode}.")
            if time.monotonic() > deadline:
                self.kill()
                raise SimulatorFailed(f"The simulator did not answer within {START_S:.0f} s.")
            time.sleep(0.02)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, SimulatorFailed):
            self.state()
            return True
        return False

    def stop(self) -> None:
        """Stop it properly, and delete its own data folder."""
        self._signal(signal.SIGTERM)
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        atexit.unregister(self.stop)

    def kill(self) -> None:
        """Kill it as ``kill -9`` does; the data stays for ``restart``."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        # The whole process group: after -9 no parent is left to stop the worker.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def restart(self) -> None:
        """Kill it and start it again with the same port and data."""
        self.kill()
        self.launch()

    # ------------------------------------------------------------------- control
    def control(self, method: str, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        """One request to ``/_control/``; raises SimulatorFailed with its reason."""
        url = f"{self.url}/_control/{path}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data, method=method)  # noqa: S310 - loopback
        try:
            with _OPENER.open(request, timeout=30) as reply:
                found: dict[str, Any] = json.load(reply)
                return found
        except urllib.error.HTTPError as problem:
            raise SimulatorFailed(problem.read().decode("utf-8", "replace")) from problem

    def state(self) -> dict[str, Any]:
        """The state: accounts, clock, faults, numbers of objects."""
        return self.control("GET", "state")

    def reset(self) -> None:
        """Start over: a freshly provisioned account, real time, no faults, nothing recorded."""
        self.control("POST", "reset", {})

    def advance(self, seconds: float) -> None:
        """Move its clock forward; lists catch up with what was written before."""
        self.control("POST", "clock", {"advance": seconds})

    def set_clock(self, unix: float) -> None:
        """Set its clock; it runs on from there."""
        self.control("POST", "clock", {"set": unix})

    def freeze(self, frozen: bool = True) -> None:
        """Stop its clock, or let it run on."""
        self.control("POST", "clock", {"freeze": frozen})

    def set_index_delay(self, seconds: float) -> None:
        """From now on lists lag this far behind writes."""
        self.control("POST", "index-delay", {"seconds": seconds})

    def set_background(self, seconds: float | None) -> None:
        """From now on work behind an answer takes this long; None: as long as lists lag."""
        self.control("POST", "background", {"seconds": seconds})

    def keep_live_answers(self, is_on: bool) -> None:
        """From now on ``liveStream.isLive`` is kept as at Kaltura, by the clock; or is not."""
        self.control("POST", "live-cache", {"on": is_on})

    def show_wide_characters_as(self, text: str) -> None:
        """From now on readers see ``?`` or ``????`` where a character beyond U+FFFF was."""
        self.control("POST", "wide-characters", {"shown_as": text})

    def set_latency(self, seconds: float) -> None:
        """From now on every HTTP request of the API takes this much longer."""
        self.control("POST", "latency", {"seconds": seconds})

    def switch(self, entry_id: str, state: str) -> None:
        """Put a live entry ``on_air``, into ``preview``, or ``off``."""
        self.control("POST", "entry", {"id": entry_id, "state": state})

    def encode(self, server: str, key: str) -> str:
        """An encoder sends to this address with this key; returns the entry that takes it."""
        return str(self.control("POST", "encoder", {"server": server, "key": key})["id"])

    def stop_encoding(self, entry_id: str) -> None:
        """The entry's encoder is disconnected."""
        self.control("POST", "encoder", {"stop": entry_id})

    def block(self, blocked: bool = True) -> None:
        """Refuse every call for the account, as Kaltura's staff can have it, or no longer."""
        self.control("POST", "account", {"blocked": blocked})

    def switch_token(self, token_id: str, active: bool) -> None:
        """Disable an app token and its sessions, or enable them, as Kaltura's staff can."""
        self.control("POST", "app-token", {"id": token_id, "active": active})

    def set_length(self, entry_id: str, seconds: int) -> None:
        """Set a clip's length; 0 is what Kaltura says before it knows."""
        self.control("POST", "entry", {"id": entry_id, "seconds": seconds})

    def fail_replacement(self, entry_id: str) -> None:
        """What is to become a clip's content cannot be converted."""
        self.control("POST", "entry", {"id": entry_id, "fails": "replacement"})

    def set_recording(self, seconds: float) -> None:
        """From now on a recording is processed this long before it is ready."""
        self.control("POST", "recordings", {"seconds": seconds})

    def record_room(self, room_id: str, seconds: float, name: str = "") -> str:
        """A meeting of this length was recorded; returns the recording's id."""
        body = {"id": room_id, "seconds": seconds, "name": name}
        return str(self.control("POST", "recordings", body)["id"])

    def recordings(self) -> list[dict[str, Any]]:
        """The recordings of live streams and rooms, deleted ones too."""
        return list(self.control("GET", "recordings")["recordings"])

    # -------------------------------------------------------------------- visits
    def add_visits(self, rows: list[dict[str, Any]]) -> list[str]:
        """Add past or present visits (entryId, userId, joined, left ...); returns their ids."""
        return list(self.control("POST", "visits", rows)["added"])

    def visits(self, **query: str) -> list[dict[str, Any]]:
        """Who was where; ``entryId`` and ``userId`` narrow it."""
        return list(self.control("GET", "visits", **query)["visits"])

    def set_visits(self, **seconds: float) -> None:
        """``silence_s`` ends a visit, ``run_gap_s`` a run; ``beat_s`` is between heartbeats."""
        self.control("POST", "visits/settings", seconds)

    def set_newrow(self, **switches: Any) -> None:
        """Options of the meeting analytics: spelling, milliseconds, running_end and more."""
        self.control("POST", "newrow", switches)

    # ------------------------------------------------------------- notifications
    def notifications(self) -> list[dict[str, Any]]:
        """The notifications that were sent, and those that wait."""
        return list(self.control("GET", "notifications")["notifications"])

    def set_notifications(self, **settings: float) -> None:
        """``retries``, ``first_retry_s`` and ``timeout_s`` of notifications."""
        self.control("POST", "notifications", settings)

    def set_features(self, **features: bool) -> None:
        """What the account may do: reach, virtualEvents, notificationTemplates and more."""
        self.control("POST", "features", features)

    # -------------------------------------------------------------------- faults
    def fault(self, action: str, mode: str, **how: Any) -> int:
        """Add a fault for an action (a glob); ``times`` is 1 by default, None means always."""
        return int(self.control("POST", "faults", {"action": action, "mode": mode, **how})["id"])

    def lose_reply(self, action: str, times: int | None = 1) -> int:
        """The work is done, but the caller gets no reply."""
        return self.fault(action, "lose_reply", times=times)

    def refuse(self, action: str = "*", times: int | None = None) -> int:
        """Close connections before anything is done."""
        return self.fault(action, "refuse", times=times)

    def lose_page(self, action: str, page: int | None = None, times: int | None = 1) -> int:
        """A page of a list comes without its items: ``page``, or the next one requested."""
        return self.fault(action, "lose_page", page=page, times=times)

    def slow_work(self, action: str, seconds: float, times: int | None = 1) -> int:
        """The work takes longer, and what it locks meanwhile stays locked."""
        return self.fault(action, "slow_work", seconds=seconds, times=times)

    def answer_with(self, action: str, code: str, times: int | None = 1, **args: object) -> int:
        """An API error with Kaltura's message; ``args`` are the arguments of the message."""
        return self.fault(action, "api_error", code=code, args=args, times=times)

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.control("DELETE", "faults")

    # -------------------------------------------------------------------- looking
    def requests(self, action: str = "", limit: int = 2000) -> list[dict[str, Any]]:
        """The calls it saw, oldest first: service, action, params, outcome, answer, ms."""
        found = self.control("GET", "requests", action=action, limit=limit)
        return list(found["requests"])

    def calls(self, action: str = "") -> int:
        """How many API calls it got, of one action or of all."""
        counts = self.control("GET", "calls")
        if not action:
            return int(counts["calls"])
        wanted = action.lower()
        return sum(
            number
            for name, number in counts["by_action"].items()
            if wanted in {name.lower(), name.lower().partition("_")[2]}
        )

    def writes(self) -> int:
        """How many of its calls may have changed something."""
        return int(self.control("GET", "calls")["writes"])

    def forget_requests(self) -> None:
        """Forget all requests and count from zero."""
        self.control("DELETE", "requests")

    def objects(self, kind: str, deleted: bool = False) -> list[dict[str, Any]]:
        """The objects of a kind as they are now, whatever the index delay."""
        store_kind, entry_type = _KINDS.get(kind, (kind, None))
        rows = self.control("GET", "objects", kind=store_kind)["objects"]
        gone = _DELETED.get(store_kind)
        return [
            row
            for row in rows
            if (entry_type is None or row["type"] == entry_type)
            and (deleted or gone is None or row["status"] != gone)
        ]

    def keys(self, kind: str) -> list[str]:
        """The ``referenceId`` or ``systemName`` of each object of a kind, oldest first."""
        rows = self.objects(kind)
        found = (row.get("referenceId") or row.get("systemName") for row in rows)
        return [key for key in found if key]


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind((constants.HOST, 0))
        return int(probe.getsockname()[1])
