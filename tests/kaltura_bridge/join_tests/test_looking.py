"""What a made-up viewer finds, at the local Kaltura and at servers that behave oddly."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from events.models import Session, SessionType
from kaltura_bridge.join.identity import JOIN_TESTER_ID
from kaltura_bridge.join_tests.looking import LookOutcome, PreparedLook, carry_out, prepare
from kaltura_bridge.models import EventDelivery, PlayerChoice, RemoteLink
from kaltura_bridge.sync import service
from tests.factories import SessionFactory
from tests.kaltura_bridge.support.joining import linked, live_session

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "Kaltura's page"


def coming(**fields: Any) -> Session:
    start = timezone.now() + timedelta(minutes=50)
    return SessionFactory(starts_at=start, ends_at=start + timedelta(minutes=30), **fields)


def look(session: Session) -> LookOutcome:
    return carry_out(prepare(Session.objects.get(pk=session.pk)))


def test_each_type_of_session_is_found_open(simulator):
    sessions = [coming(session_type=kind) for kind in SessionType if kind != SessionType.SIMULIVE]
    for session in sessions:
        service.settle(service.targets_of(session.event), 20)

    found = {str(session.session_type): look(session) for session in sessions}

    assert found == {str(session.session_type): LookOutcome(PAGE) for session in sessions}
    # The local Kaltura counts who opens a page; attendance leaves this one out.
    assert {visit["userId"] for visit in simulator.visits()} == {JOIN_TESTER_ID}


def test_kaf_that_fails_refuses_or_says_an_error_is_found(simulator):
    session = coming(title="Access denied: a history", abstract="Why an error occurred.")
    service.settle(service.targets_of(session.event), 20)
    well = look(session)
    simulator.fault("kaf.view-entry", "status_5xx", status=502)
    fails = look(session)
    simulator.fault("kaf.view-entry", "error_page", message="Sorry, an error has occurred.")
    says = look(session)
    simulator.fault("kaf.view-entry", "refuse")
    away = look(session)
    RemoteLink.objects.filter(kind="entry").update(remote_id="1_nothing1")
    refused = look(session)

    assert well == LookOutcome(PAGE)
    assert fails == LookOutcome(PAGE, "server_error", "Kaltura's page fails (HTTP 502).")
    text = "Kaltura's page opens, but says “an error has occurred”."
    assert says == LookOutcome(PAGE, "error_text", text)
    assert (away.fault, away.detail) == ("no_answer", "Kaltura's page: no connection.")
    assert refused.fault == "refused"
    assert refused.detail == "Kaltura's page is refused (HTTP 404)."


@pytest.mark.parametrize("choice", [PlayerChoice.V7, PlayerChoice.IFRAME])
def test_a_chosen_player_is_loaded_and_asks_what_it_may_play(simulator, settings, choice):
    settings.KALTURA_PLAYER_UICONF_ID = settings.KALTURA_PLAYER_UICONF_ID or 1201
    session = coming()
    EventDelivery.objects.create(event=session.event, player=choice)
    service.settle(service.targets_of(session.event), 20)
    what = f"Kaltura's player {settings.KALTURA_PLAYER_UICONF_ID}"

    off_air = look(session)
    entry_id = RemoteLink.objects.get(kind="entry").remote_id
    simulator.switch(str(entry_id), "on_air")
    on_air = look(session)
    simulator.answer_with("baseEntry.getPlaybackContext", "SERVICE_FORBIDDEN")
    refused = look(session)
    settings.KALTURA_CDN_URL = "http://127.0.0.1:9"
    away = look(session)

    assert off_air == LookOutcome(what)
    assert on_air.fault == ""
    assert refused.fault == "refused" and "SERVICE_FORBIDDEN" in refused.detail
    assert (away.fault, away.detail) == ("no_answer", f"{what}: no connection.")


def test_nothing_to_enter_and_nobody_to_sign_in_are_told_without_asking_anybody(settings):
    settings.KALTURA_KAF_URL = "http://127.0.0.1:9"
    session = coming()
    nothing = look(session)
    linked(session)
    settings.KALTURA_ADMIN_SECRET = ""
    unsigned = look(session)

    assert (nothing.fault, unsigned.fault) == ("not_ready", "not_configured")


ODD = {
    "/moved": (302, {"Location": "/hosted/page"}, b""),
    "/away": (302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""),
    "/file": (302, {"Location": "file:///etc/passwd"}, b""),
    "/round": (302, {"Location": "/round"}, b""),
    "/nowhere": (302, {"Location": "http://[half/page"}, b""),
    "/charset": (200, {"Content-Type": "text/html; charset=klingon"}, b"<p>Access denied</p>"),
    "/huge": (200, {}, b"x" * 3_000_000),
    "/hidden": (200, {}, b"<script>var t = 'Access denied';</script><h1>Welcome</h1>"),
    "/said": (200, {}, b"<p>You do <b>not</b>&#32;have permission</p><p>Access&nbsp;denied</p>"),
    "/hosted/page": (200, {}, b"<h1>Welcome</h1>"),
}


@pytest.fixture
def odd_kaf(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A KAF that answers each page with what ``behave`` says, and notes what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        behaves = "/hosted/page"

        def do_GET(self) -> None:
            asked.append(self.path)
            name = self.path if self.path in ODD else type(self).behaves
            status, headers, body = ODD[name]
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.KALTURA_KAF_URL = f"http://127.0.0.1:{server.server_port}"
    Handler.asked = asked  # type: ignore[attr-defined]
    yield Handler
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("behaves", "fault", "detail"),
    [
        ("/moved", "", ""),
        ("/away", "elsewhere", f"{PAGE} leads to 169.254.169.254, where nobody signs viewers in."),
        ("/file", "elsewhere", f"{PAGE} leads to nowhere, where nobody signs viewers in."),
        ("/round", "no_answer", f"{PAGE}: it leads round in a circle."),
        ("/nowhere", "no_answer", f"{PAGE}: ValueError."),
        ("/charset", "error_text", f"{PAGE} opens, but says “access denied”."),
        ("/huge", "", ""),
        ("/hidden", "", ""),
        ("/said", "error_text", f"{PAGE} opens, but says “access denied”."),
    ],
)
def test_odd_pages_are_judged_and_lead_nobody_to_other_servers(odd_kaf, behaves, fault, detail):
    session = live_session()
    linked(session)
    odd_kaf.behaves = behaves

    assert look(session) == LookOutcome(PAGE, fault, detail)
    assert all(path.startswith(("/hosted/", behaves)) for path in odd_kaf.asked)


@pytest.mark.parametrize(
    ("title", "fault"), [("Access", "error_text"), ("Access denied: doors that stay shut", "")]
)
def test_a_title_hides_itself_and_no_error(odd_kaf, title, fault):
    session = live_session(title=title)
    linked(session)
    odd_kaf.behaves = "/titled"
    ODD["/titled"] = (200, {}, f"<h1>{title}</h1>".encode() + (b"Access denied" if fault else b""))

    assert look(session).fault == fault


def test_a_look_that_breaks_off_is_an_outcome_and_tells_no_address(caplog):
    def work() -> LookOutcome:
        raise LookupError("http://kaf.example.org/hosted/ks/djJ8MTAxfAbCdEfGhIjKlMnOpQrStUvWxYz")

    outcome = carry_out(PreparedLook(PAGE, work))

    assert outcome == LookOutcome(PAGE, "no_answer", f"{PAGE}: unreadable (LookupError).")
    assert "djJ8" not in caplog.text
