"""Kaltura's players: where they are loaded from, and what a page with one may load.

Sources: "Player V7" and "kWidget" in Kaltura's developer documentation; the paths are those that
its embed codes have.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from csp.constants import NONE, SELF
from django.conf import settings

_KALTURA: Final = "https://www.kaltura.com"
_ITS_CDN: Final = "https://cdnapisec.kaltura.com"
# Where Kaltura's own service has videos, and where its players report what was watched.
_ITS_OTHERS: Final = (
    "https://analytics.kaltura.com",
    "https://cfvod.kaltura.com",
    "https://stats.kaltura.com",
)


def cdn_url() -> str:
    """The delivery network: of the settings, else Kaltura's own, else the API's server."""
    if settings.KALTURA_CDN_URL:
        return str(settings.KALTURA_CDN_URL)
    service = str(settings.KALTURA_SERVICE_URL).rstrip("/")
    return _ITS_CDN if service == _KALTURA else service


def cdn_origin() -> str:
    """Scheme, host and port of the delivery network, as browsers compare them."""
    return _origin(cdn_url())


def player_origins() -> list[str]:
    """Every server that a player may load from; no wildcard."""
    others: Iterable[str] = settings.KALTURA_PLAYER_ORIGINS
    if not others and _origin(settings.KALTURA_SERVICE_URL) == _KALTURA:
        others = _ITS_OTHERS
    return sorted({cdn_origin(), _origin(settings.KALTURA_SERVICE_URL), *map(_origin, others)})


def v7_script(uiconf_id: int) -> str:
    """The script of a V7 player; it holds no KS."""
    partner = settings.KALTURA_PARTNER_ID
    return f"{cdn_url()}/p/{partner}/embedPlaykitJs/uiconf_id/{uiconf_id}"


def download_url(entry_id: str, signed: str) -> str:
    """``playManifest`` in the format of a download, which redirects to the file itself."""
    partner = settings.KALTURA_PARTNER_ID
    path = f"/p/{partner}/sp/{partner}00/playManifest/entryId/{entry_id}"
    return f"{cdn_url()}{path}/format/download/protocol/https/ks/{quote(signed, safe='')}"


def v2_url(uiconf_id: int, entry_id: str, ks: str) -> str:
    """An older player as a page of Kaltura's.

    As a script (``kWidget``) it would build its page inside ours, with scripts written into it;
    no strict policy allows that.
    """
    partner = settings.KALTURA_PARTNER_ID
    path = f"/p/{partner}/sp/{partner}00/embedIframeJs/uiconf_id/{uiconf_id}/partner_id/{partner}"
    asked = {"iframeembed": "true", "playerId": "player", "entry_id": entry_id}
    return f"{cdn_url()}{path}?{urlencode({**asked, 'flashvars[ks]': ks})}"


def iframe_url(uiconf_id: int, entry_id: str, ks: str) -> str:
    """A V7 player as a page of Kaltura's; its address is all it gets, so the KS stands in it."""
    partner = settings.KALTURA_PARTNER_ID
    query = urlencode({"iframeembed": "true", "entry_id": entry_id, "ks": ks})
    return f"{v7_script(uiconf_id)}/partner_id/{partner}?{query}"


def player_policy() -> dict[str, list[str]]:
    """The Content Security Policy of a page with a player; it inherits nothing of the site's.

    Kaltura's players write their styles into the page, keep what they fetch as ``blob:``, and
    unpack streams in a worker of their own. The sandbox without ``allow-same-origin`` keeps the
    script, which is Kaltura's, from the portal: it has no cookies, and reads no page of ours.
    """
    hosts = player_origins()
    sandbox = {"sandbox": ["allow-scripts", "allow-popups", "allow-presentation"]}
    return {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [*hosts, "blob:"],
        "font-src": [*hosts, "data:"],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
        "img-src": [*hosts, "data:", "blob:"],
        "media-src": [*hosts, "blob:"],
        "frame-src": [NONE],
        "script-src": [SELF, cdn_origin()],
        "style-src": [SELF, cdn_origin(), "'unsafe-inline'"],
        "worker-src": ["blob:"],
        **(sandbox if settings.KALTURA_PLAYER_SANDBOX else {}),
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
