"""In which language a page speaks: the one chosen, else the one that the reader's browser asks for.

The choice is made with ``?lang=`` and remembered in a cookie, as that of a zone is. A link
with ``?lang=`` always shows that language, so search engines find each page in all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language_from_request

from events.models import Event

# A text of ours: it speaks the language of the page that it is written into.
if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    Words: TypeAlias = _StrOrPromise
else:
    Words = str | Promise

PARAMETER: Final = "lang"
COOKIE_AGE_S: Final = 365 * 24 * 3600


def offered(code: object) -> str:
    """``code`` when the portal speaks that language, else ""."""
    return code if isinstance(code, str) and code in dict(settings.LANGUAGES) else ""


def asked_language(request: HttpRequest) -> str:
    """What the address asks for: it goes before everything else."""
    return offered(request.GET.get(PARAMETER))


def feed_language(request: HttpRequest) -> str:
    """What a feed's address asks for; views do not see it in ``GET`` (portal/middleware.py)."""
    return offered(QueryDict(request.META.get("QUERY_STRING", "")).get(PARAMETER))


def remembered_language(request: HttpRequest) -> str:
    """The last choice in this browser."""
    return offered(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))


def own_language(person: Any) -> str:
    """What a person chose in their profile."""
    return offered(getattr(person, "language", ""))


def browser_language(request: HttpRequest) -> str:
    """The first of the browser's languages that the portal speaks; the portal's own without."""
    return get_language_from_request(request)


def is_chosen_here(request: HttpRequest) -> bool:
    """Whether ``?lang=`` was clicked on a page of ours; a link from elsewhere changes nothing."""
    return bool(asked_language(request)) and (
        request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    )


def remember_language(request: HttpRequest, response: HttpResponse, code: str) -> None:
    """Let this browser go on in ``code``; "" forgets the choice."""
    name = settings.LANGUAGE_COOKIE_NAME
    if not offered(code):
        response.delete_cookie(name, samesite="Lax")
        return
    response.set_cookie(
        name, code, max_age=COOKIE_AGE_S, samesite="Lax", secure=request.is_secure(), httponly=True
    )


def mail_language(person: Any, event: Event | None = None) -> str:
    """The language of a mail: the person's own, else the event's, else the portal's."""
    return own_language(person) or offered(getattr(event, "language", "")) or settings.LANGUAGE_CODE


def language_names() -> list[tuple[str, str]]:
    """Each language by its code, under the name that its speakers give it."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]
