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
        for headers in ({"Origin": kaltura.url}, {}, {"Host": "kaltura"}, {"Host": "[::1]:80"})
    ]

    assert answers == [200, 200, 200, 200]


REBOUND = {"Host": "bent.example"}  # A page of bent.example, whose name points here now.
EMBEDDED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
FETCHED = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
LINKED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


@pytest.mark.parametrize("path", ["/_control/requests", "/_control/state", "/", "/ui/parts"])
@pytest.mark.parametrize("headers", [REBOUND, EMBEDDED, FETCHED | {"Sec-Fetch-Mode": "cors"}])
def test_page_of_another_site_reads_nothing_either(
    kaltura: Simulator, path: str, headers: dict[str, str]
) -> None:
    reply = requests.get(kaltura.url + path, headers=headers, timeout=10)

    assert (reply.status_code, list(reply.json())) == (403, ["error"])


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/_control/state", 403)])
def test_link_from_another_site_opens_the_page_alone(
    kaltura: Simulator, path: str, status: int
) -> None:
    assert requests.get(kaltura.url + path, headers=LINKED, timeout=10).status_code == status


def test_api_answers_pages_of_all_sites_as_kaltura_does(kaltura: Simulator) -> None:
    url = f"{kaltura.url}/api_v3/service/system/action/ping?format=1"
    reply = requests.get(url, headers=FETCHED | REBOUND, timeout=10)

    assert (reply.json(), reply.headers["Access-Control-Allow-Origin"]) == (True, "*")
