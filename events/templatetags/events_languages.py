"""The same page in other languages: for the switcher, and for search engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.conf import settings
from django.utils.translation import get_language, get_language_bidi

from events.i18n.languages import PARAMETER, language_names

register = template.Library()

# Pages that are the same for whoever may see them, and so may be found by a search engine.
_FOUND_BY_ALL: Final = frozenset(
    f"events:{name}" for name in ("home", "event", "agenda", "changes", "session", "speaker")
)


@dataclass(frozen=True)
class PageLanguage:
    """This page in one language: ``href`` within the site, ``url`` for everybody else."""

    code: str
    name: str
    href: str
    url: str
    is_current: bool


@register.simple_tag(takes_context=True)
def page_languages(context: template.Context) -> list[PageLanguage]:
    """This page in each language of the portal; empty where no page was asked for."""
    request: Any = context.get("request")
    if request is None or request.method not in {"GET", "HEAD"}:
        return []
    current = get_language()
    found = []
    for code, name in language_names():
        query = request.GET.copy()
        query[PARAMETER] = code
        href = f"?{query.urlencode()}"
        url = f"{settings.SITE_URL}{request.path}{href}"
        found.append(PageLanguage(code, name, href, url, code == current))
    return found


@register.simple_tag(takes_context=True)
def alternates(context: template.Context) -> list[PageLanguage]:
    """What search engines shall know of: not what one person sees, nor each choice of filters."""
    request: Any = context.get("request")
    match = getattr(request, "resolver_match", None)
    if match is None or match.view_name not in _FOUND_BY_ALL or request.GET:
        return []
    return page_languages(context)


@register.simple_tag
def text_direction() -> str:
    """The ``dir`` of the page."""
    return "rtl" if get_language_bidi() else "ltr"
