"""A healthy installation for the doctor's tests, and ways to break it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from KalturaClient.Plugins.HttpNotification import (
    KalturaHttpNotificationObjectData,
    KalturaHttpNotificationTemplate,
)

from kaltura_bridge.api import masking
from kaltura_bridge.api.client import Kaltura, new
from kaltura_bridge.audience.definitions import REPORTS
from kaltura_bridge.doctor import ReportLine, registry, run
from portal import heartbeat
from tests.factories import SessionFactory
from tests.kaltura_bridge.support.joining import linked

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

HOOK = "/webhooks/kaltura/"
NOWHERE = "http://127.0.0.1:9"
NEWROW_TOKEN = "demo-newrow-token"
ENTRY_ADDED = 2001  # Kaltura's own notification, to be copied


class Site:
    """A small web server: a status for each path (``*`` for all others), and one text."""

    def __init__(self) -> None:
        self.statuses: dict[str, int] = {HOOK: 405}
        self.text = "{}"
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.text.encode()
                self.send_response(site.statuses.get(self.path, site.statuses.get("*", 404)))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *args: object) -> None:
                """NoAnswer: nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def at_kaltura(call: Callable[[Any], object]) -> Any:
    """Change the account as its owner would in KMC."""
    return Kaltura().one(call)


@dataclass
class HealthyAccount:
    """Settings, a local Kaltura and a site of which every part is well."""

    simulator: Simulator
    settings: Any
    site: Site

    def set_up(self) -> None:
        """Leave the doctor nothing to wish for."""
        self.settings.SITE_URL = self.site.url
        self.settings.KALTURA_WEBHOOK_SECRET = self.settings.KALTURA_ADMIN_SECRET
        self.settings.ALARM_WEBHOOK_URL = f"{self.site.url}/alarms"
        self.settings.ALARM_WEBHOOK_SECRET = "s" * 32
        self.settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID = 1102
        self.settings.NEWROW_API_URL = f"{self.simulator.url}/backend/api"
        self.settings.NEWROW_API_TOKEN = NEWROW_TOKEN
        self.settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement", "realtime", *REPORTS})
        owner = new("KalturaUser", id=self.settings.KALTURA_USER_ID)
        at_kaltura(lambda client: client.user.add(owner))
        self.webcast = self.make_webcast()
        self.template = self.make_notification("OURS")
        heartbeat.beat(heartbeat.WORKER)
        heartbeat.beat(heartbeat.SCHEDULER)

    def make_webcast(self) -> str:
        """A session whose live entry Kaltura has; the entry's id."""
        entry = new("KalturaLiveStreamEntry", name="Keynote", mediaType=201)
        made = at_kaltura(lambda client: client.liveStream.add(entry, "32"))
        return str(linked(SessionFactory(), made.id).remote_id)

    def make_notification(self, system_name: str, with_data: bool = True) -> int:
        """A notification that calls the site, with the object in it or an empty body."""
        body = KalturaHttpNotificationObjectData(apiObjectType="KalturaBaseEntry", format=1)
        copy = KalturaHttpNotificationTemplate(
            url=f"{self.site.url}{HOOK}", secureHashingAlgo=2, systemName=system_name
        )
        if with_data:
            copy.data = body

        def clone(client: Any) -> Any:
            return client.eventNotification.eventNotificationTemplate.clone(ENTRY_ADDED, copy)

        made = int(at_kaltura(clone).id)
        self.set_notification(made, 2)
        return made

    def set_notification(self, key: int, status: int) -> None:
        """Switch a notification on (2) or off (1)."""
        at_kaltura(
            lambda c: c.eventNotification.eventNotificationTemplate.updateStatus(key, status)
        )

    def forbid(self, action: str) -> None:
        """Kaltura says from now on that this action is not ours."""
        words = f"The access to service [{action.replace('.', '->')}] is forbidden"
        self.simulator.fault(
            action, "api_error", code="SERVICE_FORBIDDEN", message=words, times=None
        )

    def use_app_token(self, **fields: Any) -> None:
        """Settings with an application token and no secret, made as the account's owner would."""
        wish = {"sessionType": 2, "sessionUserId": self.settings.KALTURA_USER_ID}
        wish["sessionPrivileges"] = "disableentitlement"
        token = new("KalturaAppToken", hashType="SHA256", **wish | fields)
        made = at_kaltura(lambda client: client.appToken.add(token))
        self.settings.KALTURA_APP_TOKEN_ID = made.id
        self.settings.KALTURA_APP_TOKEN = made.token
        self.settings.KALTURA_ADMIN_SECRET = ""


def look(settings: Any, **times: float) -> dict[str, ReportLine]:
    """A run of the doctor by name of the line; no line may hold a secret or a KS."""
    lines = run.run_checks(**times)
    text = json.dumps([line.as_json() for line in lines])
    for name in masking.SECRETS:
        assert not getattr(settings, name) or getattr(settings, name) not in text
    assert "djJ8" not in text
    return {line.name: line for line in lines}


def not_well(lines: dict[str, ReportLine]) -> dict[str, str]:
    """The lines that are not ok, with their verdicts."""
    return {name: str(line.verdict) for name, line in lines.items() if line.verdict != "ok"}


def dependents_of(*names: str) -> set[str]:
    """Every check that cannot be made without one of these."""
    found, before = set(names), set[str]()
    while found != before:
        before = set(found)
        found |= {c.name for c in registry.all_checks() if found & set(c.needs)}
    return found - set(names)
