"""Kaltura Sessions: the published vector, the client's own, and every refusal."""

from __future__ import annotations

import base64
import hashlib

import pytest

from kaltura_simulator.api import ks
from tests.kaltura_simulator.support.clients import ADMIN, USER, call, client_of, ks_of

SECRET = "0123456789abcdef0123456789abcdef"
VECTOR = (
    "djJ8MTAxfA4OCQiD-nQi-f9WJwhLTmvwGdjNbv7nEi8ME3eI9DETfRTLwsMx_iJbWw-dVVevvnyxoKGqgJGe-3lEDUBbQTpd8px8E7HGibkZp9cR"
    "drxqPedsK1MVJHUXyiOrp9nAYwH34HM-TX9tZxjJDu4GjYRUSrSWPakKXkv8KJfDshVC"
)


def test_ks_vector_is_made():
    made = ks.mint(
        SECRET,
        101,
        user="ann@example.com",
        expiry=1_700_000_000,
        privileges="sview:0_abc,enableentitlement,role:viewerRole",
        noise=bytes(range(16)),
    )
    assert made == VECTOR


def test_ks_vector_is_read():
    found = ks.read(VECTOR, [SECRET])
    assert found == ks.Ks(
        101,
        "ann@example.com",
        USER,
        1_700_000_000,
        {"sview": "0_abc", "enableentitlement": "", "role": "viewerRole"},
        VECTOR,
    )


def test_ks_of_the_client_is_read_in_both_versions(kaltura):
    client = client_of(kaltura)
    arguments = (SECRET, "ann", ADMIN, 101, 3600, "edit:0_a/0_b,setrole:5")
    found = [
        ks.read(made.decode(), ["other", SECRET])
        for made in (client.generateSessionV2(*arguments), client.generateSession(*arguments))
    ]
    assert [(f.partner, f.user, f.type, f.privileges) for f in found] == [
        (101, "ann", ADMIN, {"edit": "0_a/0_b", "setrole": "5"})
    ] * 2


def test_ks_signed_with_another_secret_is_refused():
    with pytest.raises(ks.KsRefused) as refusal:
        ks.read(VECTOR, ["f" * 32])
    assert refusal.value.reason == VECTOR


@pytest.mark.parametrize(
    "text", ["", "x", "djJ8", "djJ8MTAxfA==", "AAAA", "é", "djJ8MTAxfGFiYw==", "=" * 40]
)
def test_ks_that_is_garbage_is_refused(text):
    with pytest.raises(ks.KsRefused):
        ks.read(text, [SECRET])


def test_ks_privileges_are_found_by_substring_as_kaltura_does():
    held = ks.Ks(101, "u", USER, 0, {"firstName": "edit:*", "sview": "1_ab", "edit": "1_x/1_y"})
    assert [
        held.holds("edit", "1_other"),
        held.holds("sview", "1_a"),
        held.holds("edit", "1_y"),
        held.holds("list", "1_a"),
    ] == [True, True, True, False]


def refusal(reply):
    return reply["code"], reply["message"]


def gone(word):
    return ("INVALID_KS", f'Invalid KS "{word}", Error "-1,INVALID_STR"')


def test_ks_that_expired_is_refused_with_the_word(kaltura):
    made = ks_of(kaltura)
    kaltura.advance(3601)
    assert refusal(call(kaltura, "session.get", ks=made)) == gone("EXPIRED")


def test_ks_that_was_ended_is_refused_with_the_word(kaltura):
    made = ks_of(kaltura)
    assert call(kaltura, "session.end", ks=made) is None
    assert refusal(call(kaltura, "session.get", ks=made)) == gone("LOGOUT")


def test_ks_used_up_is_refused_with_the_word(kaltura):
    made = ks_of(kaltura, privileges="actionslimit:1")
    call(kaltura, "category.list", ks=made)
    assert refusal(call(kaltura, "category.list", ks=made)) == gone("EXCEEDED_ACTIONS_LIMIT")


def test_ks_with_a_limit_below_one_is_useless(kaltura):
    made = ks_of(kaltura, privileges="actionslimit:-1")
    reply = call(kaltura, "category.list", ks=made)
    assert refusal(reply) == ("INVALID_ACTIONS_LIMIT", "Invalid actions limit")


@pytest.mark.parametrize(
    ("privilege", "word"),
    [
        ("iprestrict:10.9.9.9", "EXCEEDED_RESTRICTED_IP"),
        ("urirestrict:/other/*", "EXCEEDED_RESTRICTED_URI"),
    ],
)
def test_ks_bound_to_another_place_is_refused(kaltura, privilege, word):
    made = ks_of(kaltura, privileges=privilege)
    assert refusal(call(kaltura, "category.list", ks=made)) == gone(word)


@pytest.mark.parametrize("privilege", ["iprestrict:127.0.0.1", "urirestrict:/a|/api_v3/*"])
def test_ks_bound_to_this_place_works(kaltura, privilege):
    made = ks_of(kaltura, privileges=privilege)
    assert call(kaltura, "category.list", ks=made)["totalCount"] == 3


def test_ks_with_a_role_nobody_has_is_refused(kaltura):
    made = ks_of(kaltura, privileges="setrole:NOBODY")
    reply = call(kaltura, "category.list", ks=made)
    assert refusal(reply) == ("INVALID_OBJECT_ID", "Invalid object id [N/A]")


def test_ks_signed_with_the_user_secret_is_refused(kaltura):
    made = ks.mint(kaltura.user_secret, 101, user="u", expiry=4_000_000_000)
    assert refusal(call(kaltura, "category.list", ks=made)) == gone(made)


def test_ks_of_another_partner_is_refused(kaltura):
    made = ks.mint(kaltura.admin_secret, 999, user="u", type=ADMIN, expiry=4_000_000_000)
    assert refusal(call(kaltura, "category.list", ks=made)) == gone(made)


def test_ks_version_one_works(kaltura):
    info = "101;101;4000000000;2;r;ann;edit:*;101;"
    signature = hashlib.sha1((kaltura.admin_secret + info).encode()).hexdigest()
    made = base64.b64encode(f"{signature}|{info}".encode()).decode()
    found = call(kaltura, "session.get", ks=made)
    assert (found["userId"], found["privileges"]) == ("ann", "edit:*")
