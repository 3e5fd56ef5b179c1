"""The local Kaltura by itself: how many calls a second one caller gets answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

from KalturaClient import KalturaClient, KalturaConfiguration

from kaltura_bridge.api import ks
from kaltura_bridge.api.client import Kaltura, Request
from kaltura_simulator import constants
from kaltura_simulator.testing import Simulator
from tests.bench.figures import Column, Row, Table, timed

CALLS = 200
RUNS = 3
TOGETHER = 25
COLUMNS = (Column("ms a call", 2), Column("calls/s"))


def measure(kaltura: Simulator) -> Table:
    """category.get by the published client, by the portal's, and by bare HTTP."""
    table = Table(
        "Local Kaltura",
        f"category.get from one caller, one after the other; median of {RUNS} times {CALLS} calls "
        "after a warm-up; caller and local Kaltura share the machine",
        COLUMNS,
    )
    category = int(kaltura.objects("category")[0]["id"])
    plain = _row("published client", _published(kaltura, category))
    table.rows += [
        plain,
        _row("portal's client, connection kept", _portals(category, 1)),
        _row(f"portal's client, {TOGETHER} to a request", _portals(category, TOGETHER), TOGETHER),
    ]
    bare = _row("bare HTTP, connection kept", _bare(kaltura, category))
    table.rows.append(bare)
    table.add_ratio("  bare to published, ratio", bare, plain)
    return table


def _row(name: str, ask: Callable[[], Any], calls: int = 1) -> Row:
    """``ask`` makes so many ``calls`` each time."""
    times = CALLS // calls

    def all_of_them() -> None:
        for _ in range(times):
            ask()

    seconds = timed(all_of_them, RUNS).median / (times * calls)
    return Row(name, (1000 * seconds, 1 / seconds))


def _published(kaltura: Simulator, category: int) -> Callable[[], Any]:
    client = KalturaClient(KalturaConfiguration(kaltura.url))
    client.setPartnerId(kaltura.partner_id)
    client.setKs(ks.sync_admin_ks())
    return lambda: client.category.get(category)


def _portals(category: int, together: int) -> Callable[[], Any]:
    conversation = Kaltura()
    requests = [Request(lambda client: client.category.get(category))] * together

    def ask() -> None:
        answers = conversation.ask_once(requests)
        if {answer.id for answer in answers} != {category}:
            raise RuntimeError(f"category.get answered {answers}")

    return ask


def _bare(kaltura: Simulator, category: int) -> Callable[[], Any]:
    connection = HTTPConnection(constants.HOST, kaltura.port, timeout=30)
    body = json.dumps({"format": 1, "ks": ks.sync_admin_ks(), "id": category})
    headers = {"Content-Type": "application/json"}

    def ask() -> None:
        connection.request("POST", "/api_v3/service/category/action/get", body, headers)
        answer = json.load(connection.getresponse())
        if answer.get("id") != category:
            raise RuntimeError(f"category.get answered {answer}")

    return ask
