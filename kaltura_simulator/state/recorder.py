"""The recent requests with their answers, and the counts of all.

Secrets are masked whenever calls are read.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

KEEP = 2000
MAX_TEXT = 4000
_SECRET_NAMES = re.compile(
    r"^(ks|secret|adminsecret|usersecret|token|tokenhash|streampassword|srtpass|password|kalsig)$"
)
_KS_TEXT = re.compile(r"djJ8[\w=+/-]{40,}|/ks/[^/\s?&\"<]{20,}")
_SECRET_XML = re.compile(r"(<(token|streamPassword|srtPass|secret|adminSecret)>)[^<]+")
_SECRET_JSON = re.compile(r'("(?:token|streamPassword|srtPass|secret|adminSecret)":\s*")[^"]+')
_READS = ("get", "list", "islive", "ping", "serve", "count", "search")
MASK = "***"


@dataclass
class CallRecord:
    """One API call: a sub-request of a multirequest is a call of its own."""

    at: float
    service: str
    action: str
    params: dict[str, Any]
    partner: int | None
    user: str
    outcome: str
    answer: str
    ms: float
    fault: str | None = None
    request: int = 0

    @property
    def writes(self) -> bool:
        """Whether the action may change something."""
        return is_write(self.service, self.action)


def is_write(service: str, action: str) -> bool:
    """Whether an action may change something, by its name."""
    if service.lower() == "session" or action.lower() == "startsession":
        return False
    return not action.lower().startswith(_READS)


def masked(value: Any, name: str = "") -> Any:
    """``value`` with every secret in it hidden."""
    if isinstance(value, dict):
        return {key: masked(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    if value and _SECRET_NAMES.match(name.lower()):
        return MASK
    return masked_text(value) if isinstance(value, str) else value


def masked_text(text: str) -> str:
    """A text with every Kaltura Session and secret in it hidden."""
    text = _SECRET_JSON.sub(rf"\1{MASK}", _SECRET_XML.sub(rf"\1{MASK}", text))
    return _KS_TEXT.sub(MASK, text)


class Recorder:
    """The last KEEP calls, and the counts of all calls since the last reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._calls: deque[CallRecord] = deque(maxlen=KEEP)
            self._counts: Counter[str] = Counter()
            self._requests = 0
            self._writes = 0

    def http_request(self) -> int:
        """Count an HTTP request; its number."""
        with self._lock:
            self._requests += 1
            return self._requests

    def add(self, call: CallRecord) -> None:
        """Keep a call whose params and answer are not masked yet."""
        call.answer = call.answer[:MAX_TEXT]
        with self._lock:
            self._calls.append(call)
            self._counts[f"{call.service}.{call.action}"] += 1
            self._writes += call.writes

    def calls(self, action: str = "", outcome: str = "", limit: int = KEEP) -> list[dict[str, Any]]:
        """The calls kept, newest last; ``action`` as ``service.action`` or a part of it."""
        with self._lock:
            kept = list(self._calls)
        wanted = action.lower()
        chosen = [
            call
            for call in kept
            if wanted in f"{call.service}.{call.action}".lower()
            and (not outcome or call.outcome == outcome)
        ]
        return [_shown(call) for call in chosen[-limit:]]

    def counts(self) -> dict[str, Any]:
        """How many HTTP requests, calls and writes, and how many of each action."""
        with self._lock:
            return {
                "requests": self._requests,
                "calls": sum(self._counts.values()),
                "writes": self._writes,
                "by_action": dict(sorted(self._counts.items())),
            }


def _shown(call: CallRecord) -> dict[str, Any]:
    shown = asdict(call) | {"writes": call.writes}
    return shown | {"params": masked(call.params), "answer": masked_text(call.answer)}
