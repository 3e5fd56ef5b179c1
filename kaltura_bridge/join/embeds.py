"""Kaltura's pages in ours: their addresses, and what the browser may let them do.

Every permission is narrowed to the one KAF origin of the settings.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings

# What a live room needs, by the names that Kaltura's guides use in an iframe's ``allow``.
_FEATURES: Final = (
    "microphone",
    "camera",
    "speakers",
    "usermedia",
    "autoplay",
    "fullscreen",
    "display-capture",
)
# The same in a Permissions-Policy header, where browsers complain of names they do not know.
_DELEGATED: Final = (
    "microphone",
    "camera",
    "speaker-selection",
    "autoplay",
    "fullscreen",
    "display-capture",
)
_DENIED: Final = ("geolocation", "payment", "usb", "browsing-topics")


def kaf_origin() -> str:
    """Scheme, host and port of KAF, as browsers compare them."""
    parts = urlsplit(settings.KALTURA_KAF_URL)
    return f"{parts.scheme}://{parts.netloc}".lower()


def view_entry_url(ks: str) -> str:
    """The page of a webcast or a recording; the KS says which."""
    return f"{settings.KALTURA_KAF_URL}/hosted/index/view-entry/ks/{ks}"


def view_room_url(ks: str) -> str:
    """The page of a room; the KS says which, and who leads it."""
    return f"{settings.KALTURA_KAF_URL}/embeddedrooms/index/view-room/ks/{ks}"


def gallery_url(ks: str) -> str:
    """KAF's list of what is in a category; the KS says in which."""
    return f"{settings.KALTURA_KAF_URL}{settings.KALTURA_GALLERY_PATH}/ks/{ks}"


def launch_url(ks: str) -> str:
    """The page of a room of the older form; the KS says which event it is for."""
    return f"{settings.KALTURA_KAF_URL}/virtualEvent/launch?{urlencode({'ks': ks})}"


def iframe_allow() -> str:
    """The ``allow`` attribute of the iframe."""
    origin = kaf_origin()
    return "; ".join(f"{feature} {origin}" for feature in _FEATURES)


def permissions_policy() -> str:
    """The Permissions-Policy of the page around the iframe: it can only hand on what it has."""
    handed_on = [f'{feature}=(self "{kaf_origin()}")' for feature in _DELEGATED]
    return ", ".join([*handed_on, *(f"{feature}=()" for feature in _DENIED)])
