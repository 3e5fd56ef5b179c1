"""Which pages browsers keep for reading without a network, and how their service worker is set.

The worker (static/events/js/service-worker.js) handles nothing but these addresses and static
files. Rooms, the admin, accounts and downloads never pass through it, so it cannot keep them.
"""

from __future__ import annotations

import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.crypto import salted_hmac

from events.models import User
from events.push.keys import is_on

_SALT: Final = "events.offline-reader"
_READER_CHARS: Final = 16
_SCRIPTS: Final = Path(__file__).parents[1] / "static" / "events" / "js"
# With how many names each address is made.
KEPT_VIEWS: Final = {
    "events:home": 0,
    "events:event": 1,
    "events:agenda": 1,
    "events:session": 2,
    "events:speaker": 2,
    "events:my_agenda": 0,
}
_OFFLINE_FILES: Final = (
    *("css/tokens.css", "css/site.css", "css/controls.css", "js/kept-pages.js", "icons.svg"),
    "favicon.svg",
)
# How long a page may take before the copy is shown, where there is one.
_PATIENCE_MS: Final = 3000
_MOST_PAGES: Final = 80
_MOST_FILES: Final = 120
_LONGEST_PAGE: Final = 1_500_000
# What is fetched beforehand: the agenda, one's own sessions and who speaks there.
_MOST_AHEAD: Final = 24
_AHEAD_EVERY_MS: Final = 30 * 60 * 1000


def is_kept(view_name: str) -> bool:
    """Whether browsers keep pages of this view."""
    return settings.OFFLINE_PAGES and view_name in KEPT_VIEWS


def reader_name(user: Any) -> str:
    """What pages call their reader, so that no other person is shown them; "" for nobody."""
    if not isinstance(user, User):
        return ""
    return salted_hmac(_SALT, user.uuid.hex, algorithm="sha256").hexdigest()[:_READER_CHARS]


def is_fetched_ahead(request: HttpRequest) -> bool:
    """Whether the service worker asks by itself, for reading later."""
    return request.headers.get("Purpose") == "prefetch"


def worker_script() -> str:
    """The whole service worker. Its version goes up with whatever it keeps or does."""
    source, files = _source(), str(getattr(staticfiles_storage, "manifest_hash", ""))
    chosen = worker_settings()
    named = json.dumps([source, files, chosen], sort_keys=True)
    chosen["version"] = sha256(named.encode()).hexdigest()[:12]
    return f"const SETTINGS = {json.dumps(chosen)};\n{source}"


def worker_settings() -> dict[str, Any]:
    """Addresses are regular expressions of paths, by the name of their view."""
    return {
        "keeps": settings.OFFLINE_PAGES,
        "pushes": is_on(),
        "icon": static("events/favicon.svg"),
        "pages": {name.partition(":")[2]: _pattern(name) for name in KEPT_VIEWS},
        "mine": reverse("events:my_agenda"),
        "offline": reverse("events:offline"),
        "offline_files": [static(f"events/{name}") for name in _OFFLINE_FILES],
        "leaving": [reverse("account_logout"), reverse("analytics:my_data")],
        "patience_ms": _PATIENCE_MS,
        "most_pages": _MOST_PAGES,
        "most_files": _MOST_FILES,
        "longest_page": _LONGEST_PAGE,
        "most_ahead": _MOST_AHEAD,
        "ahead_every_ms": _AHEAD_EVERY_MS,
    }


def _pattern(view_name: str) -> str:
    path = reverse(view_name, args=["SLUG"] * KEPT_VIEWS[view_name])
    return f"^{re.escape(path).replace('SLUG', '([^/]+)')}$".replace(r"\-", "-")


@cache
def _source() -> str:
    return (_SCRIPTS / "service-worker.js").read_text(encoding="utf-8")
