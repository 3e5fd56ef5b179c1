"""The control asks for no password, so no other site's page may use it through a browser."""

from __future__ import annotations

import pytest
import requests

from kaltura_simulator.testing import Simulator

POST = {"Content-Type": "text/plain"}  # which a browser sends anywhere without asking first


@pytest.mark.parametrize("path", ["reset", "visits/settings", "newrow", "notifications"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_page_of_another_site_cannot_post_to_the_control(
    kaltura: Simulator, path: str, origin: str
) -> None:
    kaltura.set_index_delay(3)

    reply = requests.post(
        f"{kaltura.url}/_control/{path}", "{}", headers=POST | {"Origin": origin}, timeout=10
    )

    assert (reply.status_code, list(reply.json())) == (403, ["error"])
    assert kaltura.state()["index_delay"] == 3


def test_page_under_a_name_bent_to_this_machine_cannot_either(kaltura: Simulator) -> None:
    reply = requests.delete(
        f"{kaltura.url}/_control/faults",
        headers={"Host": "bent.example", "Origin": "http://bent.example"},
        timeout=10,
    )

    assert reply.status_code == 403


def test_own_page_and_programs_are_served(kaltura: Simulator) -> None:
    url, body = f"{kaltura.url}/_control/index-delay", {"seconds": 2}

    answers = [
        requests.post(url, json=body, headers=headers, timeout=10).status_code
        for headers in ({"Origin": kaltura.url}, {}, {"Host": "kaltura.example"})
    ]

    assert answers == [200, 200, 200]
