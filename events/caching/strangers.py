"""Pages for people who have not signed in: the same for all of them, so kept whole.

Nothing in such a page belongs to anybody: no name, and no token. It is rendered once at each
version of the programme, compressed once, and sent as it is but for the time of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from events.caching.answers import answer
from events.caching.cutting import CutPage
from events.caching.fragments import Fragment, FragmentStore, fragment_key

# Most are of some kilobytes, agendas of some hundred.
_KEPT: Final = 128


_PAGES: Final[FragmentStore[CutPage]] = FragmentStore(_KEPT)
_NOTE: Final = "_for_all_strangers"


@dataclass(frozen=True)
class PageForAll:
    """What a response to a stranger says, and until when (Unix time) that is right if nothing
    changes.
    """

    page: CutPage
    valid_until: float


def page_for_all(response: Any) -> PageForAll | None:
    """What this response says to every stranger who asks the same; None: it is for one alone."""
    return getattr(response, _NOTE, None)


def is_stranger(request: HttpRequest) -> bool:
    """Whether nothing is known of who asks: no visit, and no message that waits for them."""
    return not {settings.SESSION_COOKIE_NAME, "messages"} & request.COOKIES.keys()


def reader_of(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    """Who asks; of a stranger that is known without looking."""
    return AnonymousUser() if is_stranger(request) else request.user


def strangers_page(
    request: HttpRequest,
    name: tuple[object, ...] | None,
    render: Callable[[], Fragment[CutPage]],
    chosen: int = 0,
) -> HttpResponse:
    """The page of this ``name``, whose parts say what decides how it looks besides its address.

    ``render`` makes it and says until when it is right. It is not kept without a name, nor when
    the address chooses more than the ``chosen`` things that the page reads: anybody can make
    up such addresses, and they shall fill no memory.
    """
    given = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    if name is None or len(given) != chosen:
        page = render().content
        return answer(request, page.filled({}), page.digest)
    key = fragment_key("page", get_language(), request.get_full_path(), *name)
    kept = _PAGES.fragment(key, render)
    response = answer(request, kept.content.filled({}), kept.content.digest)
    setattr(response, _NOTE, PageForAll(kept.content, kept.valid_until))
    return response
