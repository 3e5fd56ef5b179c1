"""The console of the simulator's own pages: every form is an API call, or shows Kaltura's refusal."""

from __future__ import annotations

import re
import time
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from KalturaClient.Plugins.Metadata import KalturaMetadataObjectType

from kaltura_simulator.constants import METADATA_PROFILE_ADDITIONAL_INFO
from kaltura_simulator.testing import Simulator
from tests.accessibility import violations
from tests.kaltura_simulator.notify.test_notifications import settled, watch
from tests.kaltura_simulator.support.kaf_users import Account
from tests.kaltura_simulator.support.receiver import Receiver
from tests.suites import many

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

_TAG = re.compile(r"<(input|select|textarea)([^>]*)>(?:([^<]*)</textarea>)?")
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
DOCUMENT = "<metadata><Detail><Key>{}</Key><Value>yes</Value></Detail></metadata>"


def console(simulator: Simulator, path: str) -> str:
    return f"{simulator.url}/ui/console/{path}"


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def form_of(page: requests.Response, verb: str) -> dict[str, str]:
    """The fields of one form as a browser without scripts would send them back."""
    inside = page.text.split(f'/{verb}">')[1].split("</form>")[0]
    found: dict[str, str] = {}
    for tag, attributes, text in _TAG.findall(inside):
        given = dict(_ATTRIBUTE.findall(attributes))
        if given.get("type") == "radio" and "checked" not in attributes:
            continue
        value = text.removeprefix("\n") if tag == "textarea" else given.get("value", "")
        found[given["name"]] = unescape(value).replace("\n", "\r\n")
    return found | dict(re.findall(r'<select id="(\w+)".*?value="(\d*)" selected', inside))


def send(
    simulator: Simulator, path: str, typed: dict[str, str] | None = None, **headers: str
) -> requests.Response:
    """Open the object's page, type into a form and send it, as a browser does."""
    address, _, verb = path.rpartition("/")
    form = form_of(requests.get(console(simulator, address), timeout=10), verb)
    return requests.post(
        console(simulator, path),
        data=form | (typed or {}),
        headers={"Origin": simulator.url} | headers,
        allow_redirects=False,
        timeout=10,
    )


def went_to(reply: requests.Response) -> tuple[int, str | None]:
    return reply.status_code, reply.headers.get("Location")


def problem(reply: requests.Response) -> tuple[int, str]:
    """The status, and the message beside the form."""
    found = re.search(r'<p class="problem".*?</p>', reply.text, re.DOTALL)
    return reply.status_code, words(found[0]) if found else ""


def last_call(simulator: Simulator) -> tuple[str, dict[str, Any], str, str]:
    """Action, parameters beside the session, user and outcome of the newest call."""
    call = simulator.requests()[-1]
    params = {k: v for k, v in call["params"].items() if k not in {"ks", "format", "clientTag"}}
    return f"{call['service']}.{call['action']}", params, call["user"], call["outcome"]


def row(simulator: Simulator, kind: str, key: object) -> dict[str, Any]:
    return next(row for row in simulator.objects(kind, True) if str(row["id"]) == str(key))


@pytest.fixture
def webcast(account: Account) -> str:
    return account.webcast("Opening keynote", starts_in=3600)


@pytest.fixture
def event(account: Account, webcast: str) -> dict[str, Any]:
    return account.simulator.objects("scheduleEvent")[0]


@pytest.fixture
def record(account: Account, webcast: str) -> int:
    made = account.client.metadata.metadata.add(
        METADATA_PROFILE_ADDITIONAL_INFO,
        KalturaMetadataObjectType.ENTRY,
        webcast,
        DOCUMENT.format("moderated"),
    )
    return int(made.id)


def browser_time(unix: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(unix))


# ---------------------------------------------------------------------------- events
def test_only_the_changed_field_of_an_event_is_sent(account: Account, event: Any) -> None:
    simulator, later = account.simulator, event["startDate"] + 600

    reply = send(simulator, f"event/{event['id']}/change", {"startDate": browser_time(later)})

    assert went_to(reply) == (303, f"/?done=change#event-{event['id']}")
    assert last_call(simulator) == (
        "schedule_scheduleevent.update",
        {
            "scheduleEventId": event["id"],
            "scheduleEvent": {"objectType": "KalturaLiveStreamScheduleEvent", "startDate": later},
        },
        "console",
        "ok",
    )
    new = row(simulator, "scheduleEvent", event["id"])
    assert {name for name in new if new[name] != event.get(name)} - {"updatedAt"} == {
        "startDate",
        "duration",
        "sequence",
    }


def test_same_time_written_shorter_by_a_browser_is_no_change(account: Account) -> None:
    now = int(time.time())
    account.schedule(account.webcast(), 86_400 - now % 60)
    simulator = account.simulator
    event = simulator.objects("scheduleEvent")[0]
    calls = simulator.calls()
    shorter = browser_time(event["endDate"]).removesuffix(":00")

    reply = send(simulator, f"event/{event['id']}/change", {"endDate": shorter})

    assert went_to(reply) == (303, f"/?done=same#event-{event['id']}")
    assert simulator.calls() == calls


def test_kalturas_refusal_stands_beside_the_form_with_what_was_typed(
    account: Account, event: Any
) -> None:
    simulator, key = account.simulator, event["id"]
    typed = {"summary": "Moved <too> far", "startDate": browser_time(event["endDate"] + 60)}

    reply = send(simulator, f"event/{key}/change", typed)

    assert problem(reply) == (
        422,
        "Kaltura refused the request. INVALID_SCHEDULE_END_BEFORE_START End time "
        f"[{event['endDate']}] must be after start time [{event['endDate'] + 60}]",
    )
    assert form_of(reply, "change") | typed == form_of(reply, "change")
    assert row(simulator, "scheduleEvent", key) == event


def test_time_that_is_none_is_not_sent(account: Account, event: Any) -> None:
    calls = account.simulator.calls()

    reply = send(account.simulator, f"event/{event['id']}/change", {"endDate": "soon"})

    assert problem(reply) == (
        422,
        "Nothing was sent. End, in UTC: give a date and a time in UTC, "
        "such as 2030-05-06T09:10:00.",
    )
    assert account.simulator.calls() == calls


def test_event_is_called_off_once(account: Account, event: Any) -> None:
    simulator, key = account.simulator, event["id"]

    reply = send(simulator, f"event/{key}/cancel")

    assert went_to(reply) == (303, f"/?done=cancel#event-{key}")
    assert row(simulator, "scheduleEvent", key)["status"] == 1
    assert "/cancel" not in requests.get(console(simulator, f"event/{key}"), timeout=10).text
    assert "On the calendar Cancelled" in words(requests.get(simulator.url, timeout=10).text)


def test_deleted_event_leads_back_to_its_entry(account: Account, webcast: str, event: Any) -> None:
    simulator, key = account.simulator, event["id"]

    reply = send(simulator, f"event/{key}/delete")

    assert went_to(reply) == (303, f"/?done=delete#entry-{webcast}")
    assert simulator.objects("scheduleEvent") == []
    assert requests.get(console(simulator, f"event/{key}"), timeout=10).status_code == 404


def test_event_on_no_entry_can_be_changed_too(account: Account, webcast: str, event: Any) -> None:
    account.client.liveStream.delete(webcast)

    overview = requests.get(account.simulator.url, timeout=10).text

    assert "Events without entry" in words(overview)
    assert f'href="/ui/console/event/{event["id"]}"' in overview.split("Events without entry")[1]


# --------------------------------------------------------------------------- entries
def test_live_entry_is_changed_in_its_own_service(account: Account, webcast: str) -> None:
    simulator = account.simulator
    typed = {"name": "Closing", "description": "One\r\nTwo", "dvrStatus": "1", "recordStatus": "2"}

    reply = send(simulator, f"entry/{webcast}/change", typed)

    assert went_to(reply) == (303, f"/?done=change#entry-{webcast}")
    assert last_call(simulator)[:2] == (
        "livestream.update",
        {
            "entryId": webcast,
            "liveStreamEntry": {
                "objectType": "KalturaLiveStreamEntry",
                "name": "Closing",
                "description": "One\nTwo",
                "dvrStatus": 1,
                "recordStatus": 2,
            },
        },
    )
    new = row(simulator, "entry", webcast)
    assert [new[name] for name in ("name", "description", "dvrStatus", "recordStatus")] == [
        "Closing",
        "One\nTwo",
        1,
        2,
    ]


def test_text_of_several_lines_left_alone_is_not_sent(account: Account, webcast: str) -> None:
    simulator = account.simulator
    send(simulator, f"entry/{webcast}/change", {"description": "\r\nOne\r\n<Two> & 'three'"})

    reply = send(simulator, f"entry/{webcast}/change")

    assert row(simulator, "entry", webcast)["description"] == "\nOne\n<Two> & 'three'"
    assert went_to(reply) == (303, f"/?done=same#entry-{webcast}")


def test_what_someone_else_changed_meanwhile_stays(account: Account, webcast: str) -> None:
    simulator = account.simulator
    form = form_of(requests.get(console(simulator, f"entry/{webcast}"), timeout=10), "change")
    send(simulator, f"entry/{webcast}/change", {"name": "Renamed meanwhile"})

    send(simulator, f"entry/{webcast}/change", form | {"tags": "One, two"})

    new = row(simulator, "entry", webcast)
    assert (new["name"], new["tags"]) == ("Renamed meanwhile", "one, two")


def test_what_is_frozen_on_air_is_refused_in_kalturas_words(account: Account, webcast: str) -> None:
    account.simulator.switch(webcast, "on_air")

    reply = send(account.simulator, f"entry/{webcast}/change", {"dvrStatus": "1"})

    status, said = problem(reply)
    assert (status, said.split()[4]) == (422, "CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING")
    assert 'value="1" selected' in reply.text.split('id="dvrStatus"')[1]


@pytest.mark.parametrize("kind", ["room", "video"])
def test_other_entries_are_changed_and_deleted(account: Account, kind: str) -> None:
    simulator = account.simulator
    key = account.room() if kind == "room" else "0_videoone"
    services = {"room": "room_room", "video": "baseentry"}

    send(simulator, f"entry/{key}/change", {"name": "Renamed"})
    changed = (last_call(simulator)[0], row(simulator, "entry", key)["name"])
    reply = send(simulator, f"entry/{key}/delete")

    assert changed == (f"{services[kind]}.update", "Renamed")
    assert went_to(reply) == (303, "/?done=delete#contents")
    assert last_call(simulator)[0] == f"{services[kind]}.delete"
    assert str(row(simulator, "entry", key)["status"]) == "3"


# ------------------------------------------------------------------------ categories
@pytest.mark.parametrize(("choice", "placed"), [(None, ["above"]), ("0", [])])
def test_category_is_deleted_with_a_choice_for_its_entries(
    account: Account, choice: str | None, placed: list[str]
) -> None:
    simulator = account.simulator
    room = account.room()
    names = {account.channel: "channel"}
    names[row(simulator, "category", account.channel)["parentId"]] = "above"
    typed = {"moveEntriesToParentCategory": choice} if choice else {}

    reply = send(simulator, f"category/{account.channel}/delete", typed)

    parent = row(simulator, "category", account.channel)["parentId"]
    assert went_to(reply) == (303, f"/?done=delete#category-{parent}")
    links = [r for r in simulator.objects("categoryEntry") if r["entryId"] == room]
    assert [names[link["categoryId"]] for link in links] == placed


def test_category_is_renamed_or_refused(account: Account) -> None:
    simulator, key = account.simulator, account.channel
    other = account.add_category("Taken", row(simulator, "category", key)["parentId"])

    renamed = send(simulator, f"category/{key}/change", {"name": "Spring", "description": "New"})
    refused = send(simulator, f"category/{key}/change", {"name": "taken"})

    assert went_to(renamed) == (303, f"/?done=change#category-{key}")
    assert problem(refused)[1].startswith("Kaltura refused the request. DUPLICATE_CATEGORY")
    assert row(simulator, "category", key)["name"] == "Spring"
    assert row(simulator, "category", other)["name"] == "Taken"


# --------------------------------------------------------------------------- records
def test_record_shows_its_document_and_takes_another(account: Account, record: int) -> None:
    simulator = account.simulator
    shown = form_of(requests.get(console(simulator, f"record/{record}"), timeout=10), "change")

    reply = send(simulator, f"record/{record}/change", {"xmlData": DOCUMENT.format("other")})

    assert shown["xmlData"] == DOCUMENT.format("moderated")
    assert went_to(reply) == (303, f"/?done=change#record-{record}")
    new = row(simulator, "metadata", record)
    assert (new["xml"], new["version"]) == (DOCUMENT.format("other"), 11)
    assert f'id="record-{record}"' in requests.get(simulator.url, timeout=10).text


def test_record_that_breaks_its_schema_is_refused_in_kalturas_words(
    account: Account, record: int
) -> None:
    typed = {"xmlData": "<metadata><Nonsense/></metadata>"}

    reply = send(account.simulator, f"record/{record}/change", typed)

    status, said = problem(reply)
    assert (status, said.split(":")[0]) == (
        422,
        "Kaltura refused the request. INVALID_METADATA_DATA invalid metadata data",
    )
    assert "Nonsense" in said
    assert form_of(reply, "change")["xmlData"] == typed["xmlData"]


def test_newer_document_of_someone_else_is_not_overwritten(account: Account, record: int) -> None:
    simulator = account.simulator
    form = form_of(requests.get(console(simulator, f"record/{record}"), timeout=10), "change")
    send(simulator, f"record/{record}/change", {"xmlData": DOCUMENT.format("other")})

    late = form | {"xmlData": DOCUMENT.format("late")}
    reply = send(simulator, f"record/{record}/change", late)

    assert problem(reply) == (
        422,
        "Kaltura refused the request. INVALID_METADATA_VERSION invalid metadata version [11]",
    )


# ---------------------------------------------------------------- as any other caller
def test_changes_stand_in_the_requests_as_the_consoles(account: Account, webcast: str) -> None:
    send(account.simulator, f"entry/{webcast}/change", {"name": "Renamed"})

    parts = requests.get(f"{account.simulator.url}/ui/parts", timeout=10).json()

    newest = words(parts["calls"].split("</li>")[0])
    assert "livestream.update Console ok" in newest
    assert f"account {account.simulator.partner_id}, user console" in newest
    assert '"ks": "***"' in newest


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("refuse", "The connection was closed."),
        ("lose_reply", "The connection was closed."),
        ("status_5xx", "The web server answered 503."),
        ("cut_reply", "The reply was incomplete."),
    ],
)
def test_faults_reach_the_console_too(account: Account, webcast: str, mode: str, said: str) -> None:
    account.simulator.fault("*", mode)

    reply = send(account.simulator, f"entry/{webcast}/change", {"name": "Renamed"})

    unsure = "There was no reply. Check whether the change was made before you try again."
    assert problem(reply) == (422, f"{unsure} {said}")
    done = row(account.simulator, "entry", webcast)["name"] == "Renamed"
    assert done == (mode in {"lose_reply", "cut_reply"})


def test_words_of_a_rate_limit_are_shown(account: Account, webcast: str) -> None:
    account.simulator.fault("*", "rate_limited")

    reply = send(account.simulator, f"entry/{webcast}/change", {"name": "Renamed"})

    said = "Kaltura refused the request. Access to livestream->update was rate limited"
    assert problem(reply) == (422, said)


def test_changes_are_notified_as_any_others(account: Account, webcast: str) -> None:
    receiver = Receiver()
    watch(account.client, receiver.url)

    send(account.simulator, f"entry/{webcast}/change", {"name": "Renamed"})

    (sent,) = settled(account.simulator)
    receiver.close()
    assert (sent["status"], sent["url"]) == ("sent", receiver.url)


def test_field_that_was_never_set_stays_so(account: Account, webcast: str) -> None:
    requests.post(
        f"{account.simulator.url}/api_v3/service/livestream/action/update",
        json={
            "ks": account.client.getKs(),
            "entryId": webcast,
            "liveStreamEntry": {"objectType": "KalturaLiveStreamEntry", "dvrStatus__null": ""},
        },
        timeout=10,
    )

    shown = requests.get(console(account.simulator, f"entry/{webcast}"), timeout=10)
    reply = send(account.simulator, f"entry/{webcast}/change")

    assert '<option value="" selected>Not set</option>' in shown.text
    assert went_to(reply) == (303, f"/?done=same#entry-{webcast}")


FORMS = ("event/{event}/change", "entry/{entry}/change", "record/{record}/change")
FORMS += ("category/{category}/change", "entry/{entry}/nothing", "{text}")
FIELDS = ("summary", "startDate", "endDate", "name", "dvrStatus", "recordStatus", "xmlData")
FIELDS += ("version", "was.startDate", "moveEntriesToParentCategory", "tags")


@many(150)
@given(
    place=st.sampled_from(FORMS),
    text=st.text(max_size=20),
    form=st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=30), max_size=5),
)
def test_any_form_is_done_or_refused(
    account: Account, event: Any, record: int, place: str, text: str, form: dict[str, str]
) -> None:
    keys = {"event": event["id"], "entry": event["templateEntryId"], "record": record}
    path = place.format(**keys, category=account.channel, text=quote(text, safe=""))

    reply = requests.post(
        console(account.simulator, path),
        data=form,
        headers={"Origin": account.simulator.url},
        allow_redirects=False,
        timeout=10,
    )

    assert reply.status_code in {303, 404, 422}
    assert requests.get(account.simulator.url, timeout=10).status_code == 200


# ------------------------------------------------------------------- who may post here
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://[broken"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://bent.example", "Host": "bent.example"},
        {"Origin": "http://[broken", "Host": "[broken"},
    ],
)
def test_post_of_another_site_is_refused(
    account: Account, webcast: str, headers: dict[str, str]
) -> None:
    calls = account.simulator.calls()

    reply = send(account.simulator, f"entry/{webcast}/delete", **headers)

    assert (reply.status_code, account.simulator.calls()) == (403, calls)
    assert "Request refused" in words(reply.text)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "kaltura", "10.1.2.3"])
def test_form_of_ones_own_page_is_taken(account: Account, webcast: str, name: str) -> None:
    host = f"{name}:{account.simulator.port}"
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}

    reply = send(account.simulator, f"entry/{webcast}/change", {"name": name}, **headers)

    assert reply.status_code == 303
    assert row(account.simulator, "entry", webcast)["name"] == name


def test_nothing_is_done_by_a_link(account: Account, webcast: str) -> None:
    reply = requests.get(console(account.simulator, f"entry/{webcast}/delete"), timeout=10)

    assert reply.status_code == 404
    assert row(account.simulator, "entry", webcast)["status"] != "3"


@pytest.mark.parametrize(
    "path",
    ["", "event", "event/999", "event/x", "user/1", "entry/0_nothing1", "entry/%00", "record/9/x"],
)
def test_what_is_not_there_is_said(kaltura: Simulator, path: str) -> None:
    reply = requests.get(console(kaltura, path), timeout=10)

    assert (reply.status_code, "This object does not exist" in reply.text) == (404, True)


def test_no_name_becomes_markup(account: Account) -> None:
    nasty = "<script>alert(1)</script>\"'&"
    webcast = account.webcast(nasty)

    page = requests.get(console(account.simulator, f"entry/{webcast}"), timeout=10)

    assert "<script" not in page.text
    assert form_of(page, "change")["name"] == nasty
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


# ------------------------------------------------------------------------ in a browser
def test_start_is_changed_in_a_browser_without_scripts(
    account: Account, event: Any, chromium: Any
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(account.simulator.url)

    page.click(f"#event-{event['id']} a.edit")
    page.fill("#startDate", browser_time(event["startDate"] + 600))
    page.click("button.do-change")
    page.wait_for_url(f"**/?done=change#event-{event['id']}")
    said = page.inner_text("[role=status]")
    context.close()

    assert said == "Saved."
    new = row(account.simulator, "scheduleEvent", event["id"])
    assert (new["startDate"], new["endDate"]) == (event["startDate"] + 600, event["endDate"])


def test_refusal_has_the_focus(account: Account, event: Any, page: BrowserPage) -> None:
    page.goto(console(account.simulator, f"event/{event['id']}"))
    page.fill("#summary", "")
    page.click("button.do-change")
    page.wait_for_selector("[role=alert]:focus")

    assert "PROPERTY_VALIDATION_MIN_LENGTH" in page.inner_text("[role=alert]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_accessible_and_never_scroll_sideways(
    account: Account, event: Any, record: int, page: BrowserPage, scheme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    entry = event["templateEntryId"]
    places = (f"event/{event['id']}", f"entry/{entry}", f"record/{record}", "event/999")
    for place in (*places, f"category/{account.channel}"):
        page.goto(console(account.simulator, place))
        if page.locator("#name, #summary").count():
            page.fill("#name, #summary", "")
            page.click("button.do-change")

        found = violations(page)
        small = page.evaluate(
            "[...document.querySelectorAll('a, button, input, select, textarea, label.choice')]"
            ".filter((e) => !e.closest('label.choice') || e.matches('label'))"
            ".filter((e) => e.type !== 'hidden' && e.getBoundingClientRect().height < 44)"
            ".map((e) => e.outerHTML)"
        )

        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert (found, small) == ([], [])
