"""The page of a person's own media."""

from __future__ import annotations

import pytest
import requests

from kaltura_bridge.simulator.testing import Simulator
from tests.kaltura_bridge.simulator.guests import Page, account_at, sign


def _open(simulator: Simulator, user: str, privileges: str) -> Page:
    ks = sign(simulator, user, privileges)
    url = f"{simulator.url}/hosted/index/my-media/ks/{ks}"
    return Page(simulator, requests.get(url, timeout=10))


def test_my_media_shows_only_own_entries_escaped(kaltura: Simulator) -> None:
    entry = account_at(kaltura).room("Talk <script>")

    own = _open(kaltura, "manager", "role:privateOnlyRole")
    other = _open(kaltura, "u-none", "role:adminRole")

    assert (own.status, other.data["data-count"]) == (200, "0")
    assert f'data-entry-id="{entry}">Talk &lt;script&gt;<' in own.reply.text
    assert own.reply.headers["Cache-Control"] == "no-store"
    assert own.reply.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("privileges", "expected"),
    [
        ("actionslimit:-1", (400, "missing", "role")),
        ("role:viewerRole", (403, "role-too-low", "role")),
        ("role:anonymousRole", (403, "role-too-low", "role")),
        ("role:adminRole,userId:u-2", (403, "user-mismatch", "userId")),
    ],
)
def test_my_media_refuses(
    kaltura: Simulator, privileges: str, expected: tuple[int, str, str]
) -> None:
    assert _open(kaltura, "u-1", privileges).refusal == expected
