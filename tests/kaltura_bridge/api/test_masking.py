"""What a server says is masked where it comes in: no output of any kind shows a KS or a secret.

The server here repeats whatever it is sent, as Kaltura repeats a KS that it refuses.
"""

from __future__ import annotations

import json
import re
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any
from xml.sax.saxutils import escape

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core import serializers
from django.core.management import call_command
from django.urls import reverse

from analytics.sources.newrow import (
    DirectTransport,
    KafTransport,
    NewrowClient,
    NewrowRefused,
    Transport,
)
from kaltura_bridge.api import ks
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.masking import MASK, mask_secrets
from kaltura_bridge.models import ErrorClass, SyncTarget
from kaltura_bridge.sync import service
from tests.factories import UserFactory
from tests.kaltura_bridge.support.planning import planned_event, settle

pytestmark = [pytest.mark.django_db(transaction=True)]

LEAK = re.compile(r"djJ8\w|" + re.escape("0123456789abcdef0123456789abcdef"))
OLDER_KS = "NzRmYzBkM2I4NzU0ODM0ZjE5ZDQ2NGM0MmY1ZTQ3MmQ0ODk5N2Q4NHwxMDE7MTAxOzE5MDQyODg0MDA7Mjs5OTk7bWFuYWdlcjs=="
# How a refusal may repeat a KS: Kaltura's own words, a URL, a parameter, JSON, bare.
FORMS = [
    'Invalid KS "{ks}", Error "-1,INVALID_STR"',
    "No answer from https://kaf.example.org/hosted/index/view-entry/ks/{ks}",
    "GET /api_v3/?service=baseEntry&ks={ks}&format=1 failed",
    '{{"ks": "{ks}", "secret": "0123456789abcdef0123456789abcdef"}}',
    "{ks}",
]


class _Echo(BaseHTTPRequestHandler):
    """Refuses every call, and repeats the KS that it came with."""

    form, code = FORMS[0], "INVALID_KS"

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        found = re.search(r"djJ8[\w=-]+", sent)
        words = self.form.format(ks=found[0] if found else "djJ8nothing_sent")
        error = f"<error><code>{self.code}</code><message>{escape(words)}</message></error>"
        self._answer(f"<xml><result>{error}</result></xml>", "text/xml")

    def do_GET(self) -> None:
        self._answer(json.dumps({"status": "error", "message": self.path}), "application/json")

    def _answer(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def echo(settings: Any) -> Iterator[type[_Echo]]:
    """The settings point at a server that repeats what it is sent."""
    handler = type("Echo", (_Echo,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.KALTURA_SERVICE_URL = f"http://127.0.0.1:{server.server_port}"
    settings.KALTURA_KAF_URL = settings.KALTURA_SERVICE_URL
    yield handler
    server.shutdown()
    server.server_close()


def output_of(command: str, *args: str) -> str:
    """All that a command leaves behind: what it prints, and the traceback it may end with."""
    out = StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        try:
            call_command(command, *args, stdout=out, stderr=out)
        except BaseException as error:  # SystemExit, too
            out.write("".join(traceback.format_exception(error)))
    return out.getvalue()


def stored() -> str:
    """Everything in our tables but sign-in, as text."""
    labels = ("events", "kaltura_bridge", "analytics", "portal")
    models = [m for label in labels for m in apps.get_app_config(label).get_models()]
    rows = [row for model in models for row in model._default_manager.all()]
    return serializers.serialize("json", rows)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", [None, OLDER_KS])
def test_no_form_of_a_ks_gets_through(form: str, text: str | None) -> None:
    secret = text or ks.sync_admin_ks()

    masked = mask_secrets(form.format(ks=secret))

    assert secret not in masked
    assert LEAK.search(masked) is None
    assert MASK in masked


@pytest.mark.parametrize("reason", ["EXPIRED", "LOGOUT", "EXCEEDED_RESTRICTED_IP", ""])
def test_reason_in_place_of_a_ks_stays(reason: str) -> None:
    words = f'Invalid KS "{reason}", Error "-1,INVALID_STR"'

    assert mask_secrets(words) == words


@pytest.mark.parametrize("form", FORMS)
def test_error_carries_no_ks_and_means_the_same(echo: type[_Echo], form: str) -> None:
    echo.form = form

    with pytest.raises(RemoteRejected) as caught:
        Kaltura().one(lambda c: c.system.ping())

    assert LEAK.search("".join(traceback.format_exception(caught.value))) is None
    assert (caught.value.code, caught.value.error_class) == ("INVALID_KS", ErrorClass.STOP)


@pytest.mark.parametrize("transport", [KafTransport, DirectTransport])
def test_newrow_may_repeat_its_address_too(
    echo: type[_Echo], settings: Any, transport: type[Transport]
) -> None:
    settings.NEWROW_API_URL = f"{settings.KALTURA_KAF_URL}/?token={ks.sync_admin_ks()}&"
    settings.NEWROW_API_TOKEN = "0123456789abcdef0123456789abcdef"

    with NewrowClient(transport()) as newrow, pytest.raises(NewrowRefused) as caught:
        newrow.runs("1_room0001", 0, 1)

    assert LEAK.search("".join(traceback.format_exception(caught.value))) is None
    assert MASK in str(caught.value)


COMMANDS = [
    ("kaltura_plan", "{slug}"),
    ("kaltura_plan", "{slug}", "--json"),
    ("kaltura_sync", "{slug}"),
    ("kaltura_sync", "{slug}", "--json"),
    ("kaltura_drift", "{slug}"),
    ("kaltura_drift", "{slug}", "--json"),
    ("kaltura_orphans",),
    ("kaltura_orphans", "--json"),
    ("kaltura_doctor",),
    ("kaltura_doctor", "--json"),
    ("pull_attendance", "{slug}"),
    ("pull_attendance", "{slug}", "--json"),
]


@pytest.mark.parametrize("code", ["INVALID_KS", "SERVICE_FORBIDDEN", "INVALID_PARAMETER"])
@pytest.mark.parametrize("form", [FORMS[0], FORMS[4]])
def test_no_output_shows_what_the_server_repeats(
    echo: type[_Echo], caplog: pytest.LogCaptureFixture, client: Any, form: str, code: str
) -> None:
    echo.form, echo.code = form, code
    event = planned_event()

    shown = {
        " ".join(command): output_of(command[0], *(a.format(slug=event.slug) for a in command[1:]))
        for command in COMMANDS
    }
    shown |= {"tables": stored(), "log": caplog.text, **pages_of(event, client)}

    assert {name: LEAK.findall(text) for name, text in shown.items() if LEAK.search(text)} == {}


@pytest.mark.parametrize("action", ["liveStream.add", "metadata.add", "category.add"])
def test_refusal_of_one_object_shows_none_either(
    simulator: Any, caplog: pytest.LogCaptureFixture, client: Any, action: str
) -> None:
    simulator.answer_with(action, "INVALID_OBJECT_ID", times=None, ID=f"ks={ks.sync_admin_ks()}")
    event = planned_event()
    settle(event, 2)

    shown = {"tables": stored(), "log": caplog.text, **pages_of(event, client)}
    for command in ("kaltura_sync", "kaltura_plan", "kaltura_drift"):
        shown[command] = output_of(command, event.slug)

    assert MASK in shown["tables"]
    assert {name: LEAK.findall(text) for name, text in shown.items() if LEAK.search(text)} == {}


def pages_of(event: Any, client: Any) -> dict[str, str]:
    """The pages of the admin that tell of trouble with Kaltura, after what their buttons do."""
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    service.sync_event(event)
    for name in ("kaltura_bridge_checkup_run", "kaltura_bridge_orphans_look"):
        client.post(reverse(f"admin:{name}"))
    urls = [
        reverse("admin:kaltura_bridge_dashboard"),
        reverse("admin:kaltura_bridge_account_changelist"),
        reverse("admin:kaltura_bridge_synctarget_changelist"),
        reverse("admin:kaltura_bridge_checkup_changelist"),
        reverse("admin:kaltura_bridge_orphanscan_changelist"),
        reverse("admin:kaltura_bridge_plan", args=[event.pk]),
        reverse("admin:events_event_change", args=[event.pk]),
    ]
    pks = SyncTarget.objects.values_list("pk", flat=True)
    urls += [reverse("admin:kaltura_bridge_synctarget_change", args=[pk]) for pk in pks]
    return {url: client.get(url, follow=True).content.decode() for url in urls}


def test_secret_of_these_tests_is_the_one_looked_for() -> None:
    found: Callable[[str], Any] = LEAK.search
    assert found(django_settings.KALTURA_ADMIN_SECRET)
