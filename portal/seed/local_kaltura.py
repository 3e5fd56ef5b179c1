"""The local Kaltura of the demo: its controls, and its API for what has no other way."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings

_ADMIN: Final = 2  # KalturaSessionType


class NoLocalKaltura(Exception):
    """The configured Kaltura is not the local one, or refused a request."""


class LocalKaltura:
    """The local Kaltura (docs/simulator.md); a real account has no control API."""

    def __init__(self) -> None:
        self.url = f"{settings.KALTURA_SERVICE_URL}/"
        # No proxy: it could not reach this machine's loopback address.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, path: str, body: Any = None) -> dict[str, Any]:
        """POST ``body`` to a control, or GET without one. Raises NoLocalKaltura if that fails."""
        data = None if body is None else json.dumps(body).encode()
        found: dict[str, Any] = self._send(f"_control/{path}", data)
        return found

    def api(self, action: str, ks: str = "", **sent: object) -> Any:
        """One call of the API, such as ``session.start``; names as a form has them.

        Raises NoLocalKaltura when it is refused.
        """
        service, _, name = action.partition(".")
        fields = {"format": 1, "ks": ks, **sent}
        found = self._send(
            f"api_v3/service/{service}/action/{name}", urllib.parse.urlencode(fields).encode()
        )
        if isinstance(found, dict) and found.get("objectType") == "KalturaAPIException":
            raise NoLocalKaltura(f"{action} is refused: {found['code']}")
        return found

    def session(self, partner: int, secret: str) -> str:
        """A KS of an account's administrator."""
        return str(
            self.api("session.start", secret=secret, partnerId=partner, type=_ADMIN, userId="demo")
        )

    def admin_ks(self) -> str:
        """A KS of the administrator of the portal's own account."""
        return self.session(int(settings.KALTURA_PARTNER_ID), settings.KALTURA_ADMIN_SECRET)

    @contextmanager
    def lists_at_once(self) -> Iterator[None]:
        """Meanwhile lists show at once what was written."""
        before = self.call("state")["index_delay"]
        self.call("index-delay", {"seconds": 0})
        try:
            yield
        finally:
            self.call("index-delay", {"seconds": before})

    def _send(self, path: str, data: bytes | None) -> Any:
        request = urllib.request.Request(self.url + path, data)  # noqa: S310  http(s) by settings
        try:
            with self._opener.open(request, timeout=60) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            said = error.read(500).decode(errors="replace").strip()
            raise NoLocalKaltura(f"{request.full_url} answers {error.code}: {said}") from error
        except (OSError, ValueError) as error:
            raise NoLocalKaltura(
                f"No local Kaltura answers at KALTURA_SERVICE_URL "
                f"({settings.KALTURA_SERVICE_URL}): {error}. Start kaltura_simulator there."
            ) from error
