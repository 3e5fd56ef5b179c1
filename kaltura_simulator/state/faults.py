"""Faults on request: which calls fail, how, and how often.

A mode says when it acts (its phase) and what the caller sees. What is done in each
phase is implemented elsewhere: ``web.http_faults`` (REQUEST, REPLY) and ``api.call_faults`` (CALL,
RESULT); WORK prolongs the work of a service.
"""

from __future__ import annotations

import fnmatch
import random
import threading
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any, NamedTuple

DAY_S = 86_400


class FaultPhase(Enum):
    """When a fault acts."""

    #: Instead of the whole HTTP request, before anything is done.
    REQUEST = "request"
    #: Instead of one API call; the other calls of a multirequest are done.
    CALL = "call"
    #: While the work is done.
    WORK = "work"
    #: On the result of a call whose work is done.
    RESULT = "result"
    #: On the HTTP reply, after all of the work is done.
    REPLY = "reply"


class FaultMode(NamedTuple):
    """One way to fail."""

    phase: FaultPhase
    description: str


_REQUEST, _CALL, _WORK, _RESULT, _REPLY = FaultPhase
MODES = {
    "refuse": FaultMode(_REQUEST, "the connection is closed before anything is done"),
    "lose_reply": FaultMode(
        _REPLY, "the work is done, then the connection is closed without an answer"
    ),
    "cut_reply": FaultMode(_REPLY, "the work is done, the answer stops in the middle"),
    "slow_reply": FaultMode(_REPLY, "the work is done, the answer comes `seconds` later"),
    "slow_work": FaultMode(
        _WORK, "the work takes `seconds` longer, and what it locks stays locked"
    ),
    "status_429": FaultMode(
        _REQUEST, "429 Too Many Requests, with Retry-After when `retry_after` is given"
    ),
    "status_5xx": FaultMode(_REQUEST, "`status` (default 503) with a page of HTML"),
    "error_page": FaultMode(
        _REQUEST, "200 with a page of HTML that says `message` (default An error occurred)"
    ),
    "rate_limited": FaultMode(
        _CALL, "a success envelope around `Access to svc->action was rate limited`"
    ),
    "expired_ks": FaultMode(_CALL, 'INVALID_KS with the word "EXPIRED"'),
    "api_error": FaultMode(
        _CALL, "an API error with `code`, and `message` or the arguments (`args`) of Kaltura's"
    ),
    "lose_item": FaultMode(
        _RESULT, "the work is done, a list or table answers without one of its rows"
    ),
    "lose_page": FaultMode(
        _RESULT, "the work is done, a page of a list or table (`page`, else any) comes without rows"
    ),
}


class InvalidFault(ValueError):
    """A fault was described wrongly; the text says how."""


def action_glob(name: str) -> str:
    """``scheduleEvent.add`` and ``schedule_scheduleevent.add`` as one lower-case pattern.

    A plugin's service may be named without its plugin; both forms match.
    """
    service, _, action = name.lower().replace("->", ".").partition(".")
    return f"{service}.{action or '*'}"


@dataclass
class Fault:
    """One rule, for the actions that ``action`` (a glob) matches.

    ``times`` None means always; ``probability`` is the chance at each match.
    """

    action: str
    mode: str
    times: int | None = 1
    probability: float = 1.0
    seconds: float = 1.0
    retry_after: int | None = None
    status: int = 503
    code: str = "INTERNAL_SERVERL_ERROR"
    message: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    #: Only calls that ask for this page of a list; None for any.
    page: int | None = None
    id: int = 0

    @property
    def phase(self) -> FaultPhase:
        """When this fault acts."""
        return MODES[self.mode].phase

    def matches(self, service: str, action: str, page: int) -> bool:
        """Whether this rule matches ``service.action``, with or without its plugin's name."""
        if self.page is not None and self.page != page:
            return False
        names = {f"{service}.{action}", f"{service.rpartition('_')[2]}.{action}"}
        return any(fnmatch.fnmatchcase(name.lower(), self.action) for name in names)


class Faults:
    """The fault rules, tried in the order they were added; the first that matches acts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []
        self._next = 1
        self._random = random.Random(7)  # noqa: S311 - repeatable, for tests

    def add(self, description: dict[str, Any]) -> Fault:
        """Add a rule. Raises InvalidFault naming the field that is wrong."""
        fault = _fault(description)
        with self._lock:
            fault.id, self._next = self._next, self._next + 1
            self._rules.append(fault)
        return fault

    def take(self, service: str, action: str, page: int = 1) -> Fault | None:
        """The rule that acts on this call, counted as used; ``page`` is that of a list."""
        if not self._rules:
            return None
        with self._lock:
            for fault in self._rules:
                fits = fault.matches(service, action, page)
                if fits and self._random.random() < fault.probability:
                    self._use(fault)
                    return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self._rules.remove(fault)

    def drop(self, fault_id: int | None = None) -> None:
        """Remove one rule, or all."""
        with self._lock:
            self._rules = [f for f in self._rules if fault_id is not None and f.id != fault_id]

    def rules(self) -> list[dict[str, Any]]:
        """The active rules, as JSON."""
        with self._lock:
            return [asdict(fault) for fault in self._rules]


def _fault(description: dict[str, Any]) -> Fault:
    unknown = set(description) - set(Fault.__dataclass_fields__) - {"id"}
    if unknown:
        raise InvalidFault(f"unknown field {sorted(unknown)[0]!r}")
    if not isinstance(description.get("action"), str):
        raise InvalidFault("'action' is missing; for example scheduleEvent.add or *")
    if description.get("mode") not in MODES:
        raise InvalidFault(f"'mode' must be one of {', '.join(MODES)}")
    fields = {name: value for name, value in description.items() if name != "id"}
    fault = Fault(**fields | {"action": action_glob(fields["action"])})
    if fault.times is not None and (not _is_whole(fault.times) or fault.times < 1):
        raise InvalidFault("'times' must be a number of 1 or more, or null for ever")
    if not isinstance(fault.probability, int | float) or not 0 < fault.probability <= 1:
        raise InvalidFault("'probability' must be above 0 and at most 1")
    if fault.page is not None and (not _is_whole(fault.page) or fault.page < 1):
        raise InvalidFault("'page' must be a number of 1 or more, or null for any")
    _check_reply(fault)
    return fault


def _check_reply(fault: Fault) -> None:
    """What the caller is to see can be sent."""
    seconds = fault.seconds
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, int | float)
        or not 0 <= seconds < DAY_S
    ):
        raise InvalidFault(f"'seconds' must be from 0 to {DAY_S}")
    if fault.retry_after is not None and (
        not _is_whole(fault.retry_after) or not 0 <= fault.retry_after < DAY_S
    ):
        raise InvalidFault("'retry_after' must be a number of seconds, or null for none")
    if not _is_whole(fault.status) or not 500 <= fault.status < 600:
        raise InvalidFault("'status' must be from 500 to 599")
    if not isinstance(fault.code, str) or not isinstance(fault.message, str):
        raise InvalidFault("'code' and 'message' must be texts")
    if not isinstance(fault.args, dict):
        raise InvalidFault("'args' must be an object")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
