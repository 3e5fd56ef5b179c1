"""The settings of legacy rooms: what is let in, and the list that Kaltura gets."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaltura_bridge.delivery.room_tags import PROVIDER, ROOM_TAGS, TagKind, clean, render

# As the facts name them, by kind.
SWITCHES = {
    "custom_rec_auto_start": False,
    "custom_rec_set_reminder": False,
    "custom_rs_show_participant": True,
    "custom_rs_show_invite": True,
    "custom_rs_show_chat": True,
    "custom_rs_show_chat_moderators": True,
    "custom_rs_show_chat_questions": True,
    "custom_rs_show_language_selection": True,
    "custom_rs_enable_guests_to_join": True,
    "custom_rs_enable_media_library": True,
    "custom_rs_hide_end_session": False,
    "custom_rs_hide_leave_session": False,
    "custom_rs_auto_clear_chat_end_of_session": False,
    "custom_rs_show_ondemand_page_link": False,
    "custom_rs_show_logo": True,
    "custom_reset_playlist_instance": True,
}
OTHERS = {
    "custom_rs_user_lang",
    "custom_rs_room_cap",
    "custom_company_logo",
    "custom_redirect_url",
    "custom_cat_id",
    "custom_live_entry",
    "custom_p_rtmp_url",
    "custom_s_rtmp_url",
    "custom_rtmp_key",
    "custom_playlist_id",
    "custom_playlist_name",
    "custom_tp_playlist_id",
    "custom_xl_room_max",
    "custom_xl_room_pres",
    "custom_xl_room_geo",
}


def test_every_documented_tag_is_there_with_kalturas_default():
    switches = {n: t.default for n, t in ROOM_TAGS.items() if t.kind is TagKind.SWITCH}

    assert switches == SWITCHES
    assert ROOM_TAGS.keys() == SWITCHES.keys() | OTHERS | {"custom_rs_class_mode"}


def test_nothing_decided_is_a_room_and_no_more():
    assert render() == render({}, {"custom_rs_show_chat": None, "custom_rtmp_key": " "}) == PROVIDER


def test_later_layers_win_where_they_say_something():
    event = {"custom_rs_show_chat": False, "custom_rec_auto_start": True, "custom_rs_room_cap": 80}
    session = {"custom_rs_show_chat": True, "custom_rec_auto_start": None, "custom_rs_room_cap": ""}

    assert render(event, session, {"custom_rs_class_mode": "webinar"}) == (
        "vcprovider:newrow,custom_rs_class_mode:webinar,custom_rec_auto_start:on,"
        "custom_rs_show_chat:on,custom_rs_room_cap:80"
    )


def test_order_is_the_tables_not_the_dictionarys():
    one = {"custom_rs_room_cap": 5, "custom_rec_auto_start": False}

    assert render(one) == render(dict(reversed(one.items())))


def test_addresses_are_percent_encoded_and_streams_are_not():
    tags = clean(
        {
            "custom_company_logo": "https://example.org/l,o.png?a=b%20c",
            "custom_p_rtmp_url": "rtmp://live.example.org:1935/app",
        }
    )

    assert render(tags) == (
        "vcprovider:newrow,"
        "custom_company_logo:https%3A%2F%2Fexample.org%2Fl%2Co.png%3Fa%3Db%2520c,"
        "custom_p_rtmp_url:rtmp://live.example.org:1935/app"
    )


def test_clean_stores_types_and_leaves_out_what_is_empty():
    typed = {
        "custom_rs_room_cap": " 250 ",
        "custom_rs_show_chat": "off",
        "custom_rec_auto_start": True,
        "custom_rs_show_logo": None,
        "custom_rs_user_lang": "de-DE",
        "custom_xl_room_geo": "",
        "custom_live_entry": "1_abcd2345",
    }

    assert clean(typed) == {
        "custom_rec_auto_start": True,
        "custom_rs_show_chat": False,
        "custom_rs_user_lang": "de-DE",
        "custom_rs_room_cap": 250,
        "custom_live_entry": "1_abcd2345",
    }


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("custom_rs_show_chat", "perhaps", "Attendees can chat: choose on or off."),
        (
            "custom_xl_room_max",
            299,
            "Maximum number of people in an XL room: enter a whole number from 300 to 700.",
        ),
        (
            "custom_xl_room_max",
            701,
            "Maximum number of people in an XL room: enter a whole number from 300 to 700.",
        ),
        ("custom_rs_room_cap", 0, "Maximum number of people: enter a whole number, 1 or more."),
        ("custom_rs_room_cap", "2.5", "Maximum number of people: enter a whole number, 1 or more."),
        ("custom_rs_room_cap", True, "Maximum number of people: enter a whole number, 1 or more."),
        ("custom_rs_room_cap", "٣", "Maximum number of people: enter a whole number, 1 or more."),
        (
            "custom_xl_room_geo",
            "mars",
            "Region of an XL room: choose one of global, us-east-1, eu-central-1, ap-southeast-1, "
            "ap-northeast-1.",
        ),
        (
            "custom_company_logo",
            "javascript:alert(1)",
            "Logo: enter a web address that begins with https:// and has at most 500 characters.",
        ),
        (
            "custom_s_rtmp_url",
            "rtmp://a/b,custom_rs_show_chat:off",
            "Backup broadcast address: enter an address that begins with rtmp:// or rtmps://, "
            "without commas or spaces.",
        ),
        (
            "custom_rtmp_key",
            "a,b",
            "Stream key: enter one line of at most 100 characters, without commas and colons, "
            "which Kaltura would read as other settings.",
        ),
        (
            "custom_playlist_name",
            "one\ntwo",
            "Playlist name: enter one line of at most 100 characters, without commas and colons, "
            "which Kaltura would read as other settings.",
        ),
        (
            "custom_live_entry",
            "12",
            "Live entry to broadcast into: This is not an entry ID. Entry IDs look like "
            "1_abcd2345: copy it from the entry's page at Kaltura.",
        ),
        (
            "custom_rs_class_mode",
            "webinar",
            "Room mode follows from the session's type. Change the type instead.",
        ),
        ("custom_x", "1", "Kaltura's rooms have no setting “custom_x”. Remove it."),
    ],
)
def test_clean_names_the_setting_and_the_fix(name, value, sentence):
    with pytest.raises(ValidationError) as raised:
        clean({name: value, "custom_rec_auto_start": True})

    assert raised.value.message_dict == {name: [sentence]}


def test_clean_names_all_that_is_wrong_at_once():
    with pytest.raises(ValidationError) as raised:
        clean({"custom_rs_room_cap": -1, "custom_xl_room_max": 5, "custom_rs_show_chat": True})

    assert raised.value.message_dict.keys() == {"custom_rs_room_cap", "custom_xl_room_max"}


# Building the table of all letters takes its time, once a machine.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(list(ROOM_TAGS)), st.text() | st.booleans() | st.integers(), max_size=6
    )
)
def test_whatever_is_stored_one_setting_never_becomes_two(stored):
    first, *tags = render(stored).split(",")
    pairs = dict(tag.split(":", 1) for tag in tags)

    assert first == PROVIDER
    assert len(pairs) == len(tags)
    assert pairs.keys() <= stored.keys()
    for name in pairs.keys() & {"custom_company_logo", "custom_redirect_url"}:
        if isinstance(stored[name], str):
            assert unquote(pairs[name]) == stored[name].strip()
