"""How lists say that a row shows what is not released yet."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

from events.drafts.overlay import is_going


def with_unreleased_mark(text: str, thing: Any) -> str:
    """The text of a cell, with a mark beside it where something of the row is unreleased."""
    if not hasattr(thing, "draft_change"):
        return text
    words = _("to be deleted, unreleased") if is_going(thing) else _("changed, unreleased")
    return format_html('{} <span class="unreleased-mark">{}</span>', text, words)
