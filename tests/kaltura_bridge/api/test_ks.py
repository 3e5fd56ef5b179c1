"""A KS says exactly what we meant, to us, to Kaltura's client and to its server."""

from __future__ import annotations

import base64
import hashlib
from types import SimpleNamespace
from urllib.parse import parse_qsl, unquote

import pytest
from Crypto.Cipher import AES
from hypothesis import example, given
from hypothesis import strategies as st
from KalturaClient import KalturaClient

from kaltura_bridge.api import ks
from kaltura_bridge.api.display_names import MAX_BYTES, clean_display
from kaltura_bridge.api.ks import (
    CannotMint,
    KafRole,
    KsType,
    Name,
    Privilege,
    UnsafePrivilege,
    Visitor,
    mint,
)

SECRET = "0123456789abcdef0123456789abcdef"
VECTOR = (
    "djJ8MTAxfA4OCQiD-nQi-f9WJwhLTmvwGdjNbv7nEi8ME3eI9DETfRTLwsMx_iJbWw-dVVevvnyxoKGqgJGe-3lEDUBbQT"
    "pd8px8E7HGibkZp9cRdrxqPedsK1MVJHUXyiOrp9nAYwH34HM-TX9tZxjJDu4GjYRUSrSWPakKXkv8KJfDshVC"
)
# What the server itself reads in a KS (by substring, in places).
SERVER_WORDS = (
    "edit sview list download downloadasset editplaylist sviewplaylist actionslimit setrole "
    "restrictingrole limitentry iprestrict urirestrict enableentitlement disableentitlement "
    "disableentitlementforentry disableentitlementforplaylist privacycontext "
    "enablecategorymoderation reftime sessionkey preview sessionid jobtype apptoken "
    "enablechangeaccount edituser enablecaptionmoderation editadmintags restrictexplicitliveview "
    "virtualeventid searchcontext disablesessiontypecheck view"
).split()
FLAGS = [word for word in SERVER_WORDS if word.startswith(("enable", "disable"))]


def decode(text: str, secret: str) -> dict[str, str]:
    """The fields of a KS, as the server finds them; fails when the signature is not ours."""
    version, _partner, sealed = base64.urlsafe_b64decode(text).split(b"|", 2)
    assert version == b"v2"
    key = hashlib.sha1(secret.encode()).digest()[:16]
    plain = AES.new(key, AES.MODE_CBC, iv=b"\0" * 16).decrypt(sealed).rstrip(b"\0")
    digest, body = plain[:20], plain[20:]
    assert hashlib.sha1(body).digest() == digest
    return dict(parse_qsl(body[16:].decode(), keep_blank_values=True, strict_parsing=True))


def joined(fields: dict[str, str]) -> str:
    """The text in which the server looks for privileges."""
    pieces = [(name, value) for name, value in fields.items() if name not in {"_e", "_t", "_u"}]
    return ",".join(f"{name}:{value}" if value else name for name, value in pieces)


@pytest.fixture
def account(settings):
    settings.KALTURA_PARTNER_ID = 101
    settings.KALTURA_ADMIN_SECRET = SECRET
    settings.KALTURA_USER_ID = "event-portal"
    settings.KALTURA_KAF_KS_S = 300
    settings.KALTURA_SERVER_KS_S = 600
    return settings


@pytest.fixture
def at_1700000000(monkeypatch):
    monkeypatch.setattr(ks.time, "time", lambda: 1_700_000_000.9)


def test_mint_gives_the_known_vector():
    minted = mint(
        secret=SECRET,
        partner_id=101,
        user_id="ann@example.com",
        session_type=KsType.USER,
        expiry_s=300,
        privileges=[
            Privilege(Name.SVIEW, "0_abc"),
            Privilege(Name.ENABLE_ENTITLEMENT),
            Privilege(Name.ROLE, KafRole.VIEWER),
        ],
        now=1_700_000_000 - 300,
        random_bytes=bytes(range(16)),
    )

    assert minted == VECTOR


def test_the_known_vector_decodes_to_its_fields():
    assert decode(VECTOR, SECRET) == {
        "sview": "0_abc",
        "enableentitlement": "",
        "role": "viewerRole",
        "_e": "1700000000",
        "_t": "0",
        "_u": "ann@example.com",
    }


def test_mint_and_the_clients_own_sessions_decode_to_the_same(monkeypatch):
    monkeypatch.setattr("KalturaClient.Client.time.time", lambda: 1_700_000_000)
    theirs = KalturaClient.generateSessionV2(
        SECRET, "ann", 2, 101, 600, "disableentitlement,role:adminRole,entryId:1_a2b3c4d5"
    ).decode()
    ours = mint(
        secret=SECRET,
        partner_id=101,
        user_id="ann",
        session_type=KsType.ADMIN,
        expiry_s=600,
        privileges=[
            Privilege(Name.DISABLE_ENTITLEMENT),
            Privilege(Name.ROLE, KafRole.ADMIN),
            Privilege(Name.ENTRY_ID, "1_a2b3c4d5"),
        ],
        now=1_700_000_000,
    )

    assert decode(ours, SECRET) == decode(theirs, SECRET)
    assert len(ours) == len(theirs)


def test_mint_and_the_client_are_equal_byte_for_byte_on_the_same_random_bytes(monkeypatch):
    salt = bytes(range(16))
    monkeypatch.setattr("KalturaClient.Client.time.time", lambda: 1_700_000_000)
    monkeypatch.setattr(
        "KalturaClient.Client.Random", SimpleNamespace(get_random_bytes=lambda size: salt)
    )
    privileges = [Privilege(Name.FIRST_NAME, "Zoë"), Privilege(Name.LAST_NAME, "Smith & Müller=%")]

    theirs = KalturaClient.generateSessionV2(
        SECRET, "portal-1", 0, 101, 60, "firstName:Zoë,lastName:Smith & Müller=%"
    ).decode()

    assert theirs == mint(
        secret=SECRET,
        partner_id=101,
        user_id="portal-1",
        session_type=KsType.USER,
        expiry_s=60,
        privileges=privileges,
        now=1_700_000_000,
        random_bytes=salt,
    )


def test_two_sessions_of_one_moment_differ(account, at_1700000000):
    assert ks.sync_admin_ks() != ks.sync_admin_ks()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (Name.ENTRY_ID, "1_abc,edit:*"),
        (Name.ENTRY_ID, "1_abc/1_def"),
        (Name.ENTRY_ID, ""),
        (Name.ENTRY_ID, "1_abc\n"),
        (Name.USER_ID, "a:b"),
        (Name.USER_ID, "a,b"),
        (Name.USER_ID, "*"),
        (Name.USER_ID, "disableentitlement"),
        (Name.ROLE, "anonymousRole"),
        (Name.ROLE, "viewerRole,role:adminRole"),
        (Name.CHAT_MODERATOR, "2"),
        (Name.CONTEXTUAL_ROLE, "5"),
        (Name.CONTEXT_ID, "portal,list:*"),
        (Name.CONTEXT_ID, "a\u202eb"),
        (Name.CONTEXT_ID, "a\x00b"),
        (Name.CONTEXT_ID, "enableEntitlement"),
        (Name.RESOURCE_ID, "12:3"),
        (Name.RESOURCE_ID, "1_abc,list:*"),
        (Name.EVENT_ID, "١٢"),
        (Name.API, '{"method":"GET"}'),
        (Name.ACTIONS_LIMIT, "5"),
        (Name.DISABLE_ENTITLEMENT, "x"),
        (Name.LOCALE, "en,edit:*"),
        (Name.FIRST_NAME, "edit:*"),
        (Name.FIRST_NAME, "x\u202ey"),
        (Name.LAST_NAME, "x,role:adminRole"),
        (Name.LAST_NAME, ""),
    ],
)
def test_privilege_refuses_and_names_an_unsafe_value(name, value):
    with pytest.raises(UnsafePrivilege, match=f"^{name} "):
        Privilege(name, value)


def test_privilege_refuses_a_name_it_does_not_know():
    with pytest.raises(UnsafePrivilege, match="'edit' is no privilege this portal gives"):
        Privilege("edit", "*")  # type: ignore[arg-type]


def test_mint_refuses_a_privilege_given_twice():
    twice = [Privilege(Name.ROLE, KafRole.VIEWER), Privilege(Name.ROLE, KafRole.ADMIN)]

    with pytest.raises(UnsafePrivilege, match="role stands twice"):
        mint(
            secret=SECRET,
            partner_id=101,
            user_id="ann",
            session_type=KsType.USER,
            expiry_s=60,
            privileges=twice,
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"user_id": "x,edit:*"}, "A KS is for a user id of"),
        ({"user_id": ""}, "A KS is for a user id of"),
        ({"expiry_s": 0}, "at least a second"),
    ],
)
def test_mint_refuses_a_malformed_owner_or_lifetime(changes, message):
    good = {"user_id": "ann", "expiry_s": 60}

    with pytest.raises(UnsafePrivilege, match=message):
        mint(secret=SECRET, partner_id=101, session_type=KsType.USER, **(good | changes))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Doe, Jane", "Doe‚ Jane"),
        ("x,userContextualRole:0", "x‚userContextualRole∶0"),
        ("edit:*", "edit∶∗"),
        ("田中，花子", "田中‚花子"),
        ("a︓b ＊", "a∶b ∗"),
        ("100% me %3A%2a", "100% me ٪3A٪2a"),
        ("disableentitlement", "disable·entitlement"),
        ("<b>Bo</b>", "‹b›Bo‹/b›"),
        ("Ann\u202e\u0000\u2066 \n\tLee\u200b", "Ann Lee"),
        ("e\u200b\u0301", "é"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("O'Brien-Núñez (she/her)", "O'Brien-Núñez (she/her)"),
        ("Meredith Listerova", "Meredith Listerova"),
        ("  ", ""),
    ],
)
def test_clean_display_disarms_and_stays_readable(typed, shown):
    assert clean_display(typed) == shown


def test_clean_display_cuts_between_characters():
    assert clean_display("Žž" * 100, max_bytes=7) == "ŽžŽ"


HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="edit:*,%3A2Cl⋆＊，： \u202e\u200b\u0301\x00"),
    st.lists(
        st.sampled_from(
            [*SERVER_WORDS, *Name, ":", ",", "*", "%3A", "%2c", "&", "=", "_e", " ", "\u200b", "："]
        )
    ).map("".join),
)


@given(HOSTILE)
@example("x,userContextualRole:0")
@example("edit:*")
@example("x&role=adminRole&_t=2")
@example("disable\u200bentitlement")
@example("disable entitlement")
@example("％3A")
def test_no_display_name_changes_what_a_ks_grants(name):
    settings_free = Visitor(user_id="portal-1", display_name=name)
    privileges = ks._kaf_privileges(settings_free, "1_a2b3c4d5")

    fields = decode(
        mint(
            secret=SECRET,
            partner_id=101,
            user_id="portal-1",
            session_type=KsType.USER,
            expiry_s=60,
            privileges=privileges,
            now=1_700_000_000,
        ),
        SECRET,
    )

    shown = {key: fields.pop(key) for key in ("firstName", "lastName") if key in fields}
    assert fields == {
        "actionslimit": "-1",
        "userId": "portal-1",
        "entryId": "1_a2b3c4d5",
        "role": "viewerRole",
        "userContextualRole": "3",
        "locale": "en",
        "_e": "1700000060",
        "_t": "0",
        "_u": "portal-1",
    }
    text = joined(shown)
    assert text.count(":") == len(shown)
    assert text.count(",") == len(shown) - 1
    assert "*" not in unquote(unquote(text))
    assert [word for word in SERVER_WORDS if f"{word}:" in unquote(unquote(text))] == []
    assert [word for word in FLAGS if word in text.lower()] == []
    assert shown["firstName"]


@given(HOSTILE)
def test_clean_display_is_settled_at_once_and_fits(name):
    cleaned = clean_display(name)

    assert clean_display(cleaned) == cleaned
    assert len(cleaned.encode()) <= MAX_BYTES


def test_kaf_entry_ks_holds_what_the_entry_page_needs(account, at_1700000000):
    visitor = Visitor(user_id="portal-1", display_name="Jane van Doe")

    assert decode(ks.kaf_entry_ks(visitor, "1_a2b3c4d5"), SECRET) == {
        "actionslimit": "-1",
        "userId": "portal-1",
        "entryId": "1_a2b3c4d5",
        "role": "viewerRole",
        "userContextualRole": "3",
        "firstName": "Jane van",
        "lastName": "Doe",
        "locale": "en",
        "_e": "1700000360",
        "_t": "0",
        "_u": "portal-1",
    }


def test_kaf_room_ks_adds_the_powers_in_the_room(account, at_1700000000):
    visitor = Visitor(
        user_id="portal-1",
        display_name="",
        contextual_role=ks.ContextualRole.MANAGER,
        chat_moderator=True,
    )

    assert decode(ks.kaf_room_ks(visitor, "1_a2b3c4d5"), SECRET) == {
        "actionslimit": "-1",
        "userId": "portal-1",
        "entryId": "1_a2b3c4d5",
        "role": "viewerRole",
        "firstName": "Guest",
        "locale": "en",
        "userContextualRole": "0",
        "chatModerator": "1",
        "roomModerator": "0",
        "_e": "1700000360",
        "_t": "0",
        "_u": "portal-1",
    }


def test_newrow_ks_holds_the_whole_call_percent_encoded(account, at_1700000000):
    minted = ks.newrow_ks(
        action="analytics/sessions", params={"page": 0, "from_date": "1"}, resource_id="77"
    )

    assert decode(minted, SECRET) == {
        "actionslimit": "-1",
        "resourceId": "77",
        "role": "viewerRole",
        "api": "%7B%22method%22%3A%22GET%22%2C%22action%22%3A%22analytics%2Fsessions%22%2C"
        "%22params%22%3A%7B%22page%22%3A0%2C%22from_date%22%3A%221%22%7D%7D",
        "_e": "1700000660",
        "_t": "0",
        "_u": "event-portal",
    }


@pytest.mark.parametrize("room", ["77", "1_a2b3c4d5"])
def test_newrow_ks_takes_a_resource_or_a_room_that_is_an_entry(account, room):
    minted = ks.newrow_ks(action="rooms", params={}, resource_id=room)

    assert decode(minted, SECRET)["resourceId"] == room


@pytest.mark.parametrize("about", [{}, {"resource_id": "1", "event_id": "2"}])
def test_newrow_ks_is_about_exactly_one_thing(account, about):
    with pytest.raises(UnsafePrivilege, match="name exactly one"):
        ks.newrow_ks(action="rooms", params={}, **about)


def test_sync_admin_ks_is_an_administrators_and_names_the_owner(account, at_1700000000):
    assert decode(ks.sync_admin_ks(), SECRET) == {
        "disableentitlement": "",
        "_e": "1700000660",
        "_t": "2",
        "_u": "event-portal",
    }


def test_credentials_keep_the_secret_out_of_their_text(account):
    assert (ks.can_mint(), str(ks.credentials())) == (True, "Credentials(partner_id=101)")


def test_an_application_token_alone_cannot_mint_and_says_so(account):
    account.KALTURA_ADMIN_SECRET = ""

    assert not ks.can_mint()
    with pytest.raises(CannotMint, match=r"^KALTURA_ADMIN_SECRET is missing\. .* only the admin"):
        ks.sync_admin_ks()


def test_a_missing_account_number_is_named(account):
    account.KALTURA_PARTNER_ID = 0

    assert not ks.can_mint()
    with pytest.raises(CannotMint, match=r"^KALTURA_PARTNER_ID is missing"):
        ks.credentials()
