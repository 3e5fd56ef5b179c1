"""The words of RFC 8291, and its example."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from events.push.encryption import LONGEST_MESSAGE, encrypted
from events.push.keys import from_text, new_key, to_text
from tests.events.support.push_service import FakeBrowser


def test_example_of_the_standard():
    """https://www.rfc-editor.org/rfc/rfc8291#appendix-A"""
    private = int.from_bytes(from_text("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")

    body = encrypted(
        b"When I grow up, I want to be a watermelon",
        from_text(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        from_text("BTBZMqHH6r4Tts7J_aSIgg"),
        ec.derive_private_key(private, ec.SECP256R1()),
        from_text("DGv6ra1nlYgDCS1FRnbzlw"),
    )

    assert to_text(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
        "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
        "lcy4a-fN"
    )


@pytest.mark.parametrize("length", [0, 1, LONGEST_MESSAGE])
def test_browser_reads_what_was_encrypted_for_it(length):
    browser, message = FakeBrowser(), b"m" * length

    body = encrypted(message, from_text(browser.p256dh), browser.secret)

    assert browser.read(body) == message
    assert len(body) <= 4096
    assert encrypted(message, from_text(browser.p256dh), browser.secret) != body


def test_longer_messages_and_other_keys_are_refused():
    browser = FakeBrowser()
    with pytest.raises(ValueError, match="too long"):
        encrypted(b"m" * (LONGEST_MESSAGE + 1), from_text(browser.p256dh), browser.secret)
    with pytest.raises(ValueError):
        encrypted(b"m", b"\4" + b"\0" * 64, browser.secret)


def test_keys_are_made_anew_and_fit_the_setting():
    one, other = new_key(), new_key()

    assert (len(one), len(other), one == other) == (43, 43, False)
