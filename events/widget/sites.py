"""Whom an event lets show its agenda, as the content security policy writes it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from events.models import AgendaWidget, Event, FramedBy

MOST_SITES: Final = 50
MOST_CHARS: Final = 5000
# A label of a name, of which the first may be a star: https://www.w3.org/TR/CSP3/#framework-directive-source-list
_HOST: Final = re.compile(
    r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
_LONGEST_HOST: Final = 253


def read_sites(text: str) -> list[str]:
    """Origins out of what somebody typed, one in a row.

    Raises ValidationError naming the first that is none: what goes into a header is checked.
    """
    found = list(dict.fromkeys(_origin(line.strip()) for line in text.splitlines() if line.strip()))
    if len(found) > MOST_SITES:
        raise ValidationError(_("Name at most %(n)d sites.") % {"n": MOST_SITES})
    return found


def _origin(line: str) -> str:
    """``https://www.example.org``; also ``*.example.org`` for all below it."""
    address = line if "://" in line else f"https://{line}"
    try:
        parts = urlsplit(address.lower())
        port = f":{parts.port}" if parts.port else ""
        host = (parts.netloc or "").rpartition(":")[0] if port else parts.netloc
    except ValueError:
        raise _no_site(line) from None
    has_more = parts.path not in {"", "/"} or parts.query or parts.fragment
    fits = parts.scheme in {"http", "https"} and len(host) <= _LONGEST_HOST
    if has_more or not fits or not _HOST.fullmatch(host):
        raise _no_site(line)
    return f"{parts.scheme}://{host}{port}"


def _no_site(line: str) -> ValidationError:
    text = _("“%(line)s” is no site. Write it as https://www.example.org, without a path.")
    return ValidationError(text % {"line": line[:100]})


def frame_ancestors(event: Event) -> list[str]:
    """Who may frame the widget; the portal itself always may, for the preview."""
    widget = AgendaWidget.objects.filter(event=event).first()
    if widget is None or widget.framed_by == FramedBy.NOBODY or not event.is_public:
        return ["'self'"]
    if widget.framed_by == FramedBy.EVERYBODY:
        return ["*"]
    return ["'self'", *widget.sites]


def let_frame(event: Event, framed_by: str, sites: list[str]) -> None:
    """Write down who may show the agenda. Safe to repeat."""
    AgendaWidget.objects.update_or_create(
        event=event, defaults={"framed_by": framed_by, "sites": sites}
    )
