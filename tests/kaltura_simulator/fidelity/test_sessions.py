"""What makes a session valid, and what a session may do."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from KalturaClient.Plugins.Core import KalturaAppToken

from kaltura_simulator.api import ks as sessions
from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import ADMIN, USER, call, client_of, ks_of

LIVE = {"name": "x", "mediaType": 201}
LATER = 4_000_000_000
CHANNELS = 100_000_003


def refusal(reply: Any) -> tuple[str, str]:
    return reply["code"], reply["message"]


def invalid(word: str, why: str = "-1,INVALID_STR") -> tuple[str, str]:
    return "INVALID_KS", f'Invalid KS "{word}", Error "{why}"'


def outcome(reply: Any) -> str:
    return str(reply.get("code", "ok")) if isinstance(reply, dict) else "ok"


def add_live(kaltura: Simulator, ks: str, **fields: Any) -> str:
    sent = LIVE | fields
    made = call(kaltura, "livestream.add", ks=ks, sourceType="32", liveStreamEntry=sent)
    return str(made["id"])


# ---------------------------------------------------------- what opens a session
@pytest.mark.parametrize("kind", [USER, ADMIN])
def test_opens_what_the_client_signed_in_both_versions(kaltura: Simulator, kind: int):
    """Sessions of version 1 and 2, signed with the admin secret, are decrypted and read."""
    maker = client_of(kaltura)
    fields = (kaltura.admin_secret, "ann", kind, 101, 60, "sview:0_a")
    found = [
        call(kaltura, "session.get", ks=ks_of(kaltura), session=made.decode())
        for made in (maker.generateSessionV2(*fields), maker.generateSession(*fields))
    ]
    seen = [(row["userId"], row["sessionType"], row["privileges"]) for row in found]
    assert seen == [("ann", str(kind), "sview:0_a")] * 2


@pytest.mark.parametrize("secret", ["user", "none"])
def test_verifies_the_signature(kaltura: Simulator, secret: str):
    """A session signed with any other secret, the user secret too, is refused, quoting it."""
    signed = {"user": kaltura.user_secret, "none": "f" * 32}[secret]
    made = sessions.mint(signed, 101, user="ann", type=ADMIN, expiry=LATER)
    assert refusal(call(kaltura, "category.list", ks=made)) == invalid(made)


def test_refuses_a_changed_session(kaltura: Simulator):
    """A session with one changed bit is refused."""
    raw = bytearray(base64.urlsafe_b64decode(ks_of(kaltura)))
    raw[-1] ^= 1
    made = base64.urlsafe_b64encode(bytes(raw)).decode()
    assert refusal(call(kaltura, "category.list", ks=made)) == invalid(made)


def test_checks_the_partner(kaltura: Simulator):
    """Another account's session is refused, and ours does not open another account."""
    foreign = sessions.mint(kaltura.admin_secret, 999, type=ADMIN, expiry=LATER)
    # 99 is there in every installation; one that nobody knows counts as blocked.
    own = call(kaltura, "category.list", ks=ks_of(kaltura), partnerId=99)
    assert refusal(call(kaltura, "category.list", ks=foreign)) == invalid(foreign)
    assert refusal(own) == (
        "SERVICE_FORBIDDEN",
        "The access to service [category->list] is forbidden",
    )


@pytest.mark.parametrize(("seconds", "seen"), [(59, "ok"), (60, "INVALID_KS"), (61, "INVALID_KS")])
def test_checks_the_expiry(kaltura: Simulator, seconds: int, seen: str):
    """A session ends at its expiry; the refusal quotes EXPIRED in place of the session."""
    kaltura.freeze()
    until = int(kaltura.state()["now"]) + 60
    made = sessions.mint(kaltura.admin_secret, 101, type=ADMIN, expiry=until)
    kaltura.advance(seconds)
    reply = call(kaltura, "category.list", ks=made)
    assert outcome(reply) == seen
    assert seen == "ok" or refusal(reply) == invalid("EXPIRED")


@pytest.mark.parametrize(
    ("privilege", "word"),
    [
        ("iprestrict:10.1.2.3", "EXCEEDED_RESTRICTED_IP"),
        ("iprestrict:127.0.0.1", ""),
        ("urirestrict:/nowhere", "EXCEEDED_RESTRICTED_URI"),
        ("urirestrict:/nowhere|/api_v3/*", ""),
        ("actionslimit:0", "limit"),
        ("actionslimit:-1", "limit"),
        ("actionslimit:1", ""),
    ],
)
def test_checks_the_limits_of_a_session(kaltura: Simulator, privilege: str, word: str):
    """``iprestrict``, ``urirestrict`` and ``actionslimit`` limit address, URI and calls."""
    reply = call(kaltura, "category.list", ks=ks_of(kaltura, privileges=privilege))
    wanted = {"limit": ("INVALID_ACTIONS_LIMIT", "Invalid actions limit")}.get(word, invalid(word))
    assert (refusal(reply) if "code" in reply else "ok") == (wanted if word else "ok")


def test_counts_the_calls_of_a_limited_session(kaltura: Simulator):
    """``actionslimit:2`` is good for two calls."""
    made = ks_of(kaltura, privileges="actionslimit:2")
    replies = [call(kaltura, "category.list", ks=made) for _ in range(3)]
    assert [outcome(reply) for reply in replies[:2]] == ["ok", "ok"]
    assert refusal(replies[2]) == invalid("EXCEEDED_ACTIONS_LIMIT")


def test_ends_sessions_with_their_app_token(kaltura: Simulator):
    """Deleting an app token kills the sessions that it started."""
    client = client_of(kaltura)
    token = client.appToken.add(KalturaAppToken(hashType="SHA256", sessionUserId="robot"))
    widget = call(kaltura, "session.startWidgetSession", widgetId="_101")["ks"]
    proof = hashlib.sha256((widget + token.token).encode()).hexdigest()
    started = call(kaltura, "apptoken.startSession", ks=widget, id=token.id, tokenHash=proof)
    before = call(kaltura, "category.list", ks=started["ks"])
    client.appToken.delete(token.id)
    after = call(kaltura, "category.list", ks=started["ks"])
    assert (outcome(before), refusal(after)) == ("ok", invalid("LOGOUT"))


@pytest.mark.parametrize("partner", [{}, {"partnerId": 101}])
def test_forbids_protected_actions_without_a_session(kaltura: Simulator, partner: dict[str, int]):
    """Without a session a protected action is forbidden, a partner named or not."""
    reply = call(kaltura, "category.get", id=1, **partner)
    message = "The access to service [category->get] is forbidden"
    assert refusal(reply) == ("SERVICE_FORBIDDEN", message)


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("session.start", {"secret": "{secret}", "type": 2, "partnerId": 101}),
        ("session.startWidgetSession", {"widgetId": "_101"}),
        ("livestream.isLive", {"id": "{entry}"}),
        ("livestream.getDetails", {"id": "{entry}"}),
        ("uiconf.get", {"id": 1201, "partnerId": 101}),
        (
            "baseentry.flag",
            {"partnerId": 101, "moderationFlag": {"flaggedEntryId": "0_videoone", "flagType": 1}},
        ),
    ],
)
def test_opens_some_actions_to_everyone(kaltura: Simulator, action: str, params: dict[str, Any]):
    """Starting a session and reading a stream's or a player's state need no session."""
    entry = add_live(kaltura, ks_of(kaltura))
    fill = {"{secret}": kaltura.admin_secret, "{entry}": entry}
    sent = {name: fill.get(str(value), value) for name, value in params.items()}
    assert outcome(call(kaltura, action, **sent)) == "ok"


def test_counts_flags_of_everyone(kaltura: Simulator):
    """A flag by anybody marks the entry for review."""
    sent = {"flaggedEntryId": "0_videoone", "flagType": 1}
    for _ in range(2):
        call(kaltura, "baseentry.flag", partnerId=101, moderationFlag=sent)
    found = call(kaltura, "baseentry.get", ks=ks_of(kaltura), entryId="0_videoone")
    assert (found["moderationCount"], found["moderationStatus"]) == (2, 5)


# ---------------------------------------------------------- what a viewer may do
OWN: list[tuple[str, dict[str, Any]]] = [
    ("baseentry.add", {"entry": {"name": "x"}}),
    ("baseentry.add", {"entry": {"objectType": "KalturaMediaEntry", "mediaType": 1}}),
    ("baseentry.get", {"entryId": "{own}"}),
    ("baseentry.list", {}),
    ("baseentry.update", {"entryId": "{own}", "baseEntry": {"name": "new"}}),
    ("livestream.get", {"entryId": "{own}"}),
    ("livestream.list", {}),
    ("livestream.updateOfflineThumbnailFromUrl", {"entryId": "{own}", "url": "https://a.test/a"}),
    ("room_room.add", {"entry": {"name": "r", "roomType": 1}}),
    ("room_room.get", {"roomId": "0_tmplroom"}),
    ("room_room.update", {"roomId": "0_tmplroom", "room": {"name": "mine"}}),
    ("room_room.delete", {"roomId": "0_tmplroom"}),
    ("room_room.list", {}),
    ("metadata_metadata.list", {"filter": {"objectIdEqual": "{own}"}}),
    ("metadata_metadataprofile.list", {}),
    ("metadata_metadataprofile.get", {"id": 1301}),
    ("categoryentry.add", {"categoryEntry": {"categoryId": CHANNELS, "entryId": "{own}"}}),
    ("categoryentry.list", {"filter": {"entryIdEqual": "{own}"}}),
    ("categoryuser.list", {"filter": {"categoryIdEqual": CHANNELS}}),
    ("category.get", {"id": CHANNELS}),
    ("category.list", {}),
    ("uiconf.list", {}),
    ("uiconf.listTemplates", {}),
    ("uiconf.get", {"id": 1201}),
    ("baseentry.delete", {"entryId": "{own}"}),
]


def filled(params: Any, own: str) -> Any:
    if isinstance(params, dict):
        return {name: filled(value, own) for name, value in params.items()}
    return own if params == "{own}" else params


@pytest.mark.parametrize(("action", "params"), OWN, ids=[action for action, _ in OWN])
def test_allows_a_viewer_this(kaltura: Simulator, action: str, params: dict[str, Any]):
    """A plain USER session works on its own entries, rooms, metadata and category links."""
    own = add_live(kaltura, ks_of(kaltura), userId="viewer")
    reply = call(kaltura, action, ks=ks_of(kaltura, USER, "viewer"), **filled(params, own))
    assert outcome(reply) == "ok"


def test_lets_a_viewer_keep_metadata_of_its_own_entry(kaltura: Simulator):
    """A plain USER session adds, changes and deletes metadata where the entry is its own."""
    own = add_live(kaltura, ks_of(kaltura), userId="viewer")
    ks = ks_of(kaltura, USER, "viewer")
    xml = "<metadata><IsKwebcastEntry>1</IsKwebcastEntry><IsSelfServe>0</IsSelfServe></metadata>"
    profile = {"metadataProfileId": 1301, "objectType": "1", "objectId": own, "xmlData": xml}
    made = call(kaltura, "metadata_metadata.add", ks=ks, **profile)
    other = xml.replace("0", "1")
    changed = call(kaltura, "metadata_metadata.update", ks=ks, id=made["id"], xmlData=other)
    deleted = call(kaltura, "metadata_metadata.delete", ks=ks, id=made["id"])
    assert (made["xml"], changed["xml"], deleted) == (xml, other, None)


def test_lets_a_viewer_order_captions(kaltura: Simulator):
    """A plain USER session adds an order, reads and lists its orders, and aborts one."""
    ks = ks_of(kaltura, USER, "viewer")
    sent = {"entryId": "0_videoone", "catalogItemId": 1411}
    made = call(kaltura, "reach_entryvendortask.add", ks=ks, entryVendorTask=sent)
    replies = [
        call(kaltura, f"reach_entryvendortask.{verb}", ks=ks, id=made["id"])
        for verb in ("get", "list", "abort")
    ]
    assert [outcome(reply) for reply in (made, *replies)] == ["ok"] * 4


FORBIDDEN: list[tuple[str, str, dict[str, Any]]] = [
    ("livestream.add", "liveStream->add", {"liveStreamEntry": LIVE, "sourceType": "32"}),
    ("livestream.delete", "liveStream->delete", {"entryId": "0_x"}),
    ("category.add", "category->add", {"category": {"name": "x"}}),
    ("category.update", "category->update", {"id": CHANNELS, "category": {"name": "x"}}),
    ("category.delete", "category->delete", {"id": CHANNELS}),
    ("category.move", "category->move", {"categoryIds": "3", "targetCategoryParentId": 0}),
    ("conversionprofile.list", "conversionProfile->list", {}),
    ("conversionprofile.get", "conversionProfile->get", {"id": 1001}),
    (
        "report.getTable",
        "report->getTable",
        {"reportType": "40009", "reportInputFilter": {}, "pager": {}},
    ),
    ("report.getTotal", "report->getTotal", {"reportType": "40001", "reportInputFilter": {}}),
    ("apptoken.add", "appToken->add", {"appToken": {}}),
    ("apptoken.get", "appToken->get", {"id": "0-x"}),
    ("apptoken.list", "appToken->list", {}),
    ("apptoken.delete", "appToken->delete", {"id": "0-x"}),
    ("session.get", "session->get", {}),
    *(
        (f"schedule_scheduleevent.{verb}", f"schedule_scheduleEvent->{verb}", params)
        for verb, params in {
            "add": {"scheduleEvent": {"objectType": "KalturaRecordScheduleEvent"}},
            "get": {"scheduleEventId": 1},
            "update": {
                "scheduleEventId": 1,
                "scheduleEvent": {"objectType": "KalturaRecordScheduleEvent"},
            },
            "delete": {"scheduleEventId": 1},
            "cancel": {"scheduleEventId": 1},
            "list": {},
        }.items()
    ),
    *(
        (f"schedule_scheduleresource.{verb}", f"schedule_scheduleResource->{verb}", params)
        for verb, params in {
            "add": {"scheduleResource": {"objectType": "KalturaLocationScheduleResource"}},
            "get": {"scheduleResourceId": 1},
            "update": {
                "scheduleResourceId": 1,
                "scheduleResource": {"objectType": "KalturaLocationScheduleResource"},
            },
            "delete": {"scheduleResourceId": 1},
            "list": {},
        }.items()
    ),
    (
        "metadata_metadataprofile.add",
        "metadata_metadataProfile->add",
        {"metadataProfile": {}, "xsdData": "x"},
    ),
]


@pytest.mark.parametrize(
    ("action", "label", "params"), FORBIDDEN, ids=[action for action, _, _ in FORBIDDEN]
)
def test_forbids_a_viewer_this(kaltura: Simulator, action: str, label: str, params: dict[str, Any]):
    """The refusal names the action that a plain USER session may not call."""
    reply = call(kaltura, action, ks=ks_of(kaltura, USER, "viewer"), **params)
    code, message = refusal(reply)
    assert code == "SERVICE_FORBIDDEN"
    assert message.lower() == f"The access to service [{label}] is forbidden".lower()


def test_forbids_a_viewer_to_change_streams(kaltura: Simulator):
    """``liveStream.update`` of another's entry is refused, and changes nothing."""
    entry = add_live(kaltura, ks_of(kaltura))
    ks = ks_of(kaltura, USER, "viewer")
    change = {"entryId": entry, "liveStreamEntry": {"name": "mine"}}
    reply = call(kaltura, "livestream.update", ks=ks, **change)
    assert reply["code"] in {"SERVICE_FORBIDDEN", "INVALID_KS"}
    assert [row["name"] for row in kaltura.objects("liveStream")] == ["x"]
