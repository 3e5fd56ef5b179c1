"""Calls that the web process makes while somebody waits: few, short, without the client.

The published client takes more than 60 MB, which every web process would hold for a call now
and then. A call here is one JSON request with a time limit; nothing is tried again, so a
``RemoteUnavailable`` says whether it may have been done. Whoever calls mints a KS for what the
call needs and nothing more: the KS of the sync stays with the worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings

from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.api.masking import mask_secrets

TIMEOUT_S: Final = 2.0
_CONNECT_S: Final = 1.0
_JSON: Final = "1"
_CLIENT_TAG: Final = "event-portal-web"
_RATE_LIMITED: Final = "was rate limited"


@dataclass(frozen=True)
class LightCall:
    """One call. Values go as Kaltura's own client sends them: scalars as text.

    ``service`` and ``action`` as on the wire, such as ``livestream`` and ``isLive``. Without
    ``ks`` it is asked as anybody would.
    """

    service: str
    action: str
    params: Mapping[str, Any] = field(default_factory=dict)
    ks: str = field(default="", repr=False)

    def body(self) -> dict[str, Any]:
        """What is sent, beside what every request has."""
        return {**self.params, **({"ks": self.ks} if self.ks else {})}


def call(one: LightCall, timeout_s: float = TIMEOUT_S) -> Any:
    """The answer of one call, as JSON. Raises RemoteRejected and RemoteUnavailable."""
    answer = _read(_post(f"service/{one.service}/action/{one.action}", one.body(), timeout_s))
    if isinstance(answer, KalturaError):
        raise answer
    return answer


def call_all(calls: Sequence[LightCall], timeout_s: float = TIMEOUT_S) -> list[Any]:
    """Several calls in one request; each answer, or the KalturaError that it ended with.

    Raises RemoteUnavailable when there is no usable answer to all of them.
    """
    subs = {
        str(number): {"service": each.service, "action": each.action, **each.body()}
        for number, each in enumerate(calls)
    }
    answers = _post("service/multirequest", subs, timeout_s)
    if not isinstance(answers, list) or len(answers) != len(calls):
        refused = _read(answers)
        if isinstance(refused, KalturaError):
            raise refused
        raise RemoteUnavailable("an incomplete answer", sent=True)
    return [_read(each) for each in answers]


def _post(path: str, body: Mapping[str, Any], timeout_s: float) -> Any:
    import requests  # most pages of the web process never call Kaltura

    url = f"{settings.KALTURA_SERVICE_URL.rstrip('/')}/api_v3/{path}"
    sent = {
        "clientTag": _CLIENT_TAG,
        "format": _JSON,
        "partnerId": str(settings.KALTURA_PARTNER_ID),
        **body,
    }
    try:
        # The content type must be exactly application/json, which this gives.
        response = requests.post(
            url, json=sent, timeout=(_CONNECT_S, timeout_s), allow_redirects=False
        )
    except requests.ConnectTimeout:
        raise RemoteUnavailable("no connection in time", sent=False) from None
    except requests.Timeout:
        raise RemoteUnavailable("no answer in time", sent=True) from None
    except requests.RequestException as error:
        if _was_refused(error):
            raise RemoteUnavailable("no connection", sent=False) from None
        raise RemoteUnavailable("connection lost", sent=True) from None
    if not response.ok:
        raise RemoteUnavailable(f"HTTP {response.status_code}", sent=response.status_code >= 500)
    try:
        return response.json()
    except ValueError:
        raise RemoteUnavailable("an answer that cannot be read", sent=True) from None


def _was_refused(error: Exception) -> bool:
    """Whether no connection was ever made, so that nothing can have been done."""
    from urllib3.exceptions import NewConnectionError

    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


def _read(answer: Any) -> Any:
    """An answer as it is, or as the error that it tells of."""
    if isinstance(answer, str) and answer.endswith(_RATE_LIMITED):
        return RemoteUnavailable("our calls are rate limited", sent=False)
    if isinstance(answer, dict) and answer.get("objectType") == "KalturaAPIException":
        code, message = str(answer.get("code", "")), str(answer.get("message", ""))
        return RemoteRejected(mask_secrets(code), mask_secrets(message))
    return answer
