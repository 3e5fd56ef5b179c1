"""Requests that are not text are refused; pages speak their reader's language; response headers
that no package sets for us.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import unquote_to_bytes

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from events.i18n.languages import (
    PARAMETER,
    asked_language,
    browser_language,
    is_chosen_here,
    own_language,
    remember_language,
    remembered_language,
)

# Powerful features stay off. The join page sets its own header, which hands camera
# and microphone to the one Kaltura origin it shows.
_NOTHING_ALLOWED = (
    "camera=(), microphone=(), display-capture=(), geolocation=(), payment=(), usb=(), "
    "browsing-topics=()"
)


# Names of the one encoding in which our pages send forms.
_UTF_8 = {"", "utf-8", "utf8"}


class PlainRequestMiddleware:
    """Refuses an address with a NUL in it, and a form that is not in UTF-8, with a 400.

    PostgreSQL takes no NUL, not even to search for it; no link and no form of ours has one.
    Forms have validators for it, addresses and cookies would need one at every reader.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """``get_response`` is the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A cookie with a NUL in it is none."""
        if b"\0" in unquote_to_bytes(request.META.get("QUERY_STRING", "")):
            raise BadRequest("The address holds a NUL.")
        if "\0" in request.path_info:
            raise BadRequest("The path holds a NUL.")
        charset = (request.content_params or {}).get("charset", "")
        if charset.strip("\"' ").lower() not in _UTF_8:
            raise BadRequest("The body is not in UTF-8.")
        request.COOKIES = {
            name: value for name, value in request.COOKIES.items() if "\0" not in name + value
        }
        return self.get_response(request)


# What a view can ask of django-csp beside other directives.
_MORE_POLICY: Final = frozenset(
    f"_csp_{wish}{form}" for wish in ("config", "update", "exempt") for form in ("", "_ro")
) | {"_csp_replace_ro"}


class ContentPolicyMiddleware(CSPMiddleware):
    """django-csp, with each policy written once: it takes some forty directives to write one.

    A view that replaces directives (``csp_replace``) has a policy of its own; whatever else a
    view may ask of the package, the package answers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """``get_response`` is the rest of the chain."""
        super().__init__(get_response)
        self._written = lru_cache(64)(_policy_with)
        policy = settings.CONTENT_SECURITY_POLICY
        reports = getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None)
        self._is_plain = set(policy) == {"DIRECTIVES"} and not reports and not settings.DEBUG

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """A header that the view has set stays."""
        own = vars(response)
        if not self._is_plain or "_csp_nonce" in vars(request) or not _MORE_POLICY.isdisjoint(own):
            return super().process_response(request, response)
        replaced = own.get("_csp_replace") or {}
        wishes = tuple((name, tuple(sources or ())) for name, sources in replaced.items())
        response.headers.setdefault(HEADER, self._written(wishes))
        return response


def _policy_with(replaced: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return build_policy(replace={name: sources or None for name, sources in replaced})


class PermissionsPolicyMiddleware:
    """Denies the browser's powerful features unless the view has said otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """``get_response`` is the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A header the view has set stays."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", _NOTHING_ALLOWED)
        return response


_PAGE: Final = "text/html"


class LanguageMiddleware:
    """Like Django's LocaleMiddleware, with a language of one's own in the profile.

    The order: the address, this browser's choice, the person's profile, the browser's
    languages, the portal's. Stands after the middleware that knows who asks.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """``get_response`` is the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Views do not see ``?lang=``: it decides nothing but the language."""
        asked, remembered = asked_language(request), remembered_language(request)
        is_choice = is_chosen_here(request)
        own = "" if asked or remembered else _own(request)
        with translation.override(asked or remembered or own or browser_language(request)):
            _take_out(request)
            response = self.get_response(request)
            if is_choice and asked != remembered:
                remember_language(request, response, asked)
            _tell(response)
        return response


def _own(request: HttpRequest) -> str:
    """What the profile says. Only pages ask who is there: a stylesheet costs no query for it."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    is_page = _PAGE in request.headers.get("Accept", _PAGE)
    return own_language(request.user) if is_page else ""


def _take_out(request: HttpRequest) -> None:
    if PARAMETER in request.GET:
        query = request.GET.copy()
        del query[PARAMETER]
        request.GET = cast("Any", query)


def _tell(response: HttpResponse) -> None:
    """What stands in the page depends on these; a file or a feed is in one language."""
    if response.get("Content-Type", "").startswith(_PAGE):
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", translation.get_language() or "")
