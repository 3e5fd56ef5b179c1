"""Users of the KAF pages and of Newrow's analytics, and an account for them to visit."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import quote

import requests
from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.Plugins.Core import (
    KalturaCategory,
    KalturaCategoryEntry,
    KalturaLiveStreamEntry,
    KalturaMediaType,
    KalturaSessionType,
    KalturaSourceType,
)
from KalturaClient.Plugins.Room import KalturaRoomEntry, KalturaRoomType
from KalturaClient.Plugins.Schedule import (
    KalturaLiveStreamScheduleEvent,
    KalturaScheduleEventRecurrenceType,
)

from kaltura_simulator.testing import Simulator

TOKEN = "demo-newrow-token"
_ATTRIBUTE = re.compile(r'(data-[a-z-]+)="([^"]*)"')


def client_of(
    simulator: Simulator, kind: int = KalturaSessionType.ADMIN, privileges: str = ""
) -> Any:
    """A real Kaltura client with a session of its own making."""
    configuration = KalturaConfiguration()
    configuration.serviceUrl = simulator.url
    client = KalturaClient(configuration)
    client.setKs(sign(simulator, "manager", privileges, kind=kind, expiry=7 * 86_400))
    return client


def sign(
    simulator: Simulator,
    user: str,
    privileges: str,
    *,
    kind: int = KalturaSessionType.USER,
    expiry: int = 300,
    secret: str = "",
    partner: int = 0,
) -> str:
    """A session as the real client signs it."""
    maker = KalturaClient(KalturaConfiguration())
    return maker.generateSessionV2(
        secret or simulator.admin_secret,
        user,
        kind,
        partner or simulator.partner_id,
        expiry,
        privileges,
    ).decode()


def privileges_for(entry_id: str, user: str, **more: str) -> str:
    """The privileges that a page requires, and more."""
    given = {"actionslimit": "-1", "userId": user, "entryId": entry_id, "role": "viewerRole"}
    given |= more
    return ",".join(f"{name}:{value}" for name, value in given.items() if value)


@dataclass
class Account:
    """An account with a channel, and quick ways to fill it."""

    simulator: Simulator
    client: Any
    channel: int
    others: list[int] = field(default_factory=list)

    def room(self, name: str = "Coffee with the speakers", categorised: bool = True) -> str:
        entry = KalturaRoomEntry(name=name, roomType=KalturaRoomType.ROOM)
        return self._placed(self.client.room.room.add(entry).id, categorised)

    def webcast(self, name: str = "Opening keynote", starts_in: int | None = None) -> str:
        entry = KalturaLiveStreamEntry(name=name, mediaType=KalturaMediaType.LIVE_STREAM_FLASH)
        made = self.client.liveStream.add(entry, KalturaSourceType.LIVE_STREAM)
        if starts_in is not None:
            self.schedule(made.id, starts_in)
        return self._placed(made.id, True)

    def schedule(self, entry_id: str, starts_in: int, length: int = 3600) -> None:
        now = int(time.time())
        event = KalturaLiveStreamScheduleEvent(
            summary="On the calendar",
            startDate=now + starts_in,
            endDate=now + starts_in + length,
            recurrenceType=KalturaScheduleEventRecurrenceType.NONE,
            templateEntryId=entry_id,
        )
        self.client.schedule.scheduleEvent.add(event)

    def _placed(self, entry_id: str, categorised: bool) -> str:
        if categorised:
            link = KalturaCategoryEntry(categoryId=self.channel, entryId=entry_id)
            self.client.categoryEntry.add(link)
        return str(entry_id)

    def add_category(self, name: str, parent: int) -> int:
        return int(self.client.category.add(KalturaCategory(name=name, parentId=parent)).id)


def account_at(simulator: Simulator) -> Account:
    """The provisioned account with one channel below site>channels."""
    client = client_of(simulator)
    rows = simulator.objects("category")
    parent = next(row["id"] for row in rows if row["fullName"] == "KAF>site>channels")
    account = Account(simulator, client, 0)
    account.channel = account.add_category("Camp", parent)
    return account


# ------------------------------------------------------------------------- pages
@dataclass
class Page:
    """An answered page: what a browser would see of it."""

    simulator: Simulator
    reply: requests.Response

    @property
    def status(self) -> int:
        return self.reply.status_code

    @property
    def data(self) -> dict[str, str]:
        """The data attributes of ``main``."""
        main = re.search(r"<main[^>]*>", self.reply.text)
        assert main, self.reply.text
        return {name: unescape(value) for name, value in _ATTRIBUTE.findall(main[0])}

    @property
    def refusal(self) -> tuple[int, str, str]:
        """Status, reason and field of a page that refuses."""
        return self.status, self.data["data-refused"], self.data["data-field"]

    @property
    def text(self) -> str:
        """The page's text."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.reply.text)).split())

    def call(self, action: str, **fields: str) -> requests.Response:
        url = f"{self.simulator.url}/kaf/visit/{action}"
        return requests.post(url, {"visit": self.data["data-visit"], **fields}, timeout=10)

    def beat(self, **fields: str) -> dict[str, Any]:
        return dict(self.call("beat", **fields).json())

    def leave(self) -> None:
        self.call("leave").raise_for_status()


def open_with(simulator: Simulator, ks: str, page: str = "view-entry") -> Page:
    """Open a page with a session."""
    path = {
        "view-entry": "/hosted/index/view-entry/ks/",
        "view-room": "/embeddedrooms/index/view-room/ks/",
    }[page]
    return Page(simulator, requests.get(f"{simulator.url}{path}{ks}", timeout=10))


def join(
    simulator: Simulator, entry_id: str, user: str, page: str = "view-entry", **more: str
) -> Page:
    """Open a page with a valid session."""
    return open_with(simulator, sign(simulator, user, privileges_for(entry_id, user, **more)), page)


# --------------------------------------------------------------------- analytics
def call_newrow_directly(simulator: Simulator, action: str, **params: Any) -> requests.Response:
    """Ask the meeting analytics at Newrow's own address."""
    return requests.get(
        f"{simulator.url}/backend/api/{action}",
        params,
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=30,
    )


def call_newrow_through_kaf(
    simulator: Simulator, scope: str, action: str, **params: Any
) -> requests.Response:
    """Ask the meeting analytics through KAF: the whole request is inside the session."""
    call = json.dumps({"method": "GET", "action": action, "params": params})
    ks = sign(simulator, "analyst", f"{scope},role:viewerRole,api:{quote(call, safe='')}")
    return requests.get(f"{simulator.url}/newrowkaf/index/api", {"ks": ks}, timeout=30)
