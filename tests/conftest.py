"""What every test may use: the local Kaltura, a running portal, a browser."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import environment, network, suites

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from kaltura_simulator.testing import Simulator


def pytest_addoption(parser: pytest.Parser) -> None:
    """``python -m tests`` chooses the suite, and sums the outcomes of its runs from files."""
    parser.addoption("--counts", type=Path, help="write how many tests passed, failed, ... here")
    parser.addoption(
        "--suite",
        choices=suites.NAMES,
        default=suites.ALL,
        help="what make test runs, or what make proof runs; without it all that is named",
    )
    parser.addoption(
        "--rewrite",
        action="store_true",
        help="write what Kaltura holds now into tests/data/whole, to be read in the diff",
    )


def pytest_configure(config: pytest.Config) -> None:
    network.block()
    suites.current = config.getoption("--suite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what this run's suite holds for this run's database."""
    on_postgres = bool(os.environ.get("TEST_DATABASE_URL"))
    chosen, others = [], []
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        is_chosen = suites.runs(marks, suites.current, on_postgres)
        (chosen if is_chosen else others).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = chosen


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write the outcomes as one JSON object."""
    path: Path | None = config.getoption("--counts")
    if path:
        stats = terminalreporter.stats
        path.write_text(json.dumps({name: len(found) for name, found in stats.items() if name}))


@pytest.fixture(autouse=True)
def only_this_machine() -> Iterator[None]:
    """Whoever asks for somebody beyond it fails, whether or not the error was swallowed."""
    network.attempts.clear()
    yield
    assert network.attempts == [], "The test reached for the network."


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """The database of this process, emptied quickly after a test that commits."""
    from tests import emptying

    emptying.install()


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """No rate limit or remembered value crosses from one test into the next."""
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[Simulator]:
    """One local Kaltura for all tests of this process, as a process of its own."""
    from kaltura_simulator.testing import Simulator

    running = Simulator.start()
    yield running
    running.stop()


@pytest.fixture
def simulator(simulator_process: Simulator, settings: Any) -> Simulator:
    """The local Kaltura as a new account has it, with the portal's settings pointing there."""
    try:
        simulator_process.reset()
    except OSError:  # The test before has killed it.
        simulator_process.restart()
        simulator_process.reset()
    settings.KALTURA_SERVICE_URL = simulator_process.url
    settings.KALTURA_KAF_URL = simulator_process.url
    settings.KALTURA_PARTNER_ID = simulator_process.partner_id
    settings.KALTURA_ADMIN_SECRET = simulator_process.admin_secret
    return simulator_process


@pytest.fixture
def requests_sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is wrong with the requests that the portal sends during this test, a line each."""
    from KalturaClient.Base import KalturaObjectBase

    from kaltura_bridge.api.client import GuardedClient
    from tests import legality

    wrong: list[str] = []
    open_url, to_params = GuardedClient.openRequestUrl, KalturaObjectBase.toParams

    def checked_open(client: Any, url: str, params: Any, *more: Any) -> Any:
        wrong.extend(legality.complaints(params.get(), url))
        return open_url(client, url, params, *more)

    def checked_params(thing: Any) -> Any:
        wrong.extend(legality.unsendable(thing))
        return to_params(thing)

    from kaltura_bridge.api import light

    light_post = light._post

    def checked_post(path: str, body: Any, timeout_s: float) -> Any:
        wrong.extend(legality.complaints(body, f"/{path}"))
        return light_post(path, body, timeout_s)

    monkeypatch.setattr(light, "_post", checked_post)
    monkeypatch.setattr(GuardedClient, "openRequestUrl", checked_open)
    monkeypatch.setattr(KalturaObjectBase, "toParams", checked_params)
    return wrong


@pytest.fixture(autouse=True)
def only_legal_requests(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever the portal sends to the local Kaltura is a request that Kaltura knows."""
    if "simulator" not in request.fixturenames:
        yield
        return
    wrong = request.getfixturevalue("requests_sent")
    yield
    assert wrong == [], "The portal sent requests that Kaltura's API does not know."


@pytest.fixture
def portal_env(transactional_db: None, settings: Any) -> Callable[[], dict[str, str]]:
    """The environment for a program of ours (``manage.py``, a worker) on this test's database.

    A function, to be called when the settings are as the test wants them.
    """
    return lambda: {
        "PATH": os.environ["PATH"],
        **environment.SETTINGS,
        "DATABASE_URL": _database_url(),
        "REDIS_URL": settings.REDIS_URL,
        **{
            name: str(getattr(settings, name))
            for name in ("KALTURA_SERVICE_URL", "KALTURA_KAF_URL", "KALTURA_INDEX_DELAY_S")
        },
    }


def _database_url() -> str:
    from django.db import connection

    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"


@pytest.fixture
def live_portal(live_server: Any, settings: Any) -> str:
    """The address of a portal that serves over HTTP; its mails are in ``django.core.mail``."""
    settings.SITE_URL = live_server.url
    return str(live_server.url)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; ``make test`` installs it, so its absence is a failure."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "Chromium is not installed. Install it: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[
                # A container's /dev/shm is too small for Chromium.
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page in a browser of its own; the test fails when a script or the CSP complains."""
    context = chromium.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    yield page
    context.close()
    assert complaints == []
