"""Meeting rooms' own attendance: Newrow's analytics, page by page, through either door.

Through KAF the whole request, page number included, stands inside a KS minted for it,
and the answer is limited to the room that the KS names. The direct door takes an
ordinary query and a token that Kaltura hands out. The answers are the same.

A KS is a bearer secret in a URL. Errors here carry neither URL nor the exception that
holds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Protocol, Self

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from kaltura_bridge.api import ks

CONNECT_TIMEOUT_S: Final = 5
# Newrow gives 30 rows a page: this is a hundred times the largest room.
MOST_PAGES: Final = 2000

Params = Mapping[str, str | int]


class NewrowError(Exception):
    """Newrow did not give what was asked. The text says what was seen."""


class NewrowUnavailable(NewrowError):
    """No answer, or none that can be read: passes by itself, the next pull tries again."""


class NewrowRefused(NewrowError):
    """Newrow understood and refused: asking again the same way will not help."""


@dataclass
class Listing:
    """All rows of an answer, and how many the source says there are."""

    rows: list[Any] = field(default_factory=list)
    expected: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether as many rows came as the source counts."""
        return len(self.rows) == self.expected


class Door(Protocol):
    """A way to put a request to Newrow."""

    def request(self, action: str, params: Params, room: str) -> requests.Request:
        """The HTTP request for ``action``, about one room."""


class KafDoor:
    """Through KAF, as the account that owns the room."""

    def request(self, action: str, params: Params, room: str) -> requests.Request:
        """A GET whose KS holds the request itself."""
        token = ks.newrow_ks(action=action, params=params, resource_id=room)
        url = f"{settings.KALTURA_KAF_URL.rstrip('/')}/newrowkaf/index/api"
        return requests.Request("GET", url, params={"ks": token})


class DirectDoor:
    """Newrow's own API, with the account's token."""

    def request(self, action: str, params: Params, room: str) -> requests.Request:
        """A GET with its parameters in the query."""
        url = f"{settings.NEWROW_API_URL.rstrip('/')}/{action}"
        headers = {"Content-Type": "application/json"}
        return requests.Request(
            "GET", url, params=dict(params), headers=headers, auth=Bearer(settings.NEWROW_API_TOKEN)
        )


class Bearer(AuthBase):
    """A token as authorization. A plain header would lose against a .netrc of the machine."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def open_door() -> Door:
    """The direct door where the settings name it, else the one through KAF."""
    return DirectDoor() if settings.NEWROW_API_URL else KafDoor()


class Newrow:
    """A conversation with Newrow over kept connections. Use as a context manager."""

    def __init__(self, door: Door | None = None) -> None:
        self._door = door or open_door()
        self._http = requests.Session()
        # Nothing is tried again here, connecting included: urllib3 would log the URL, KS
        # and all, with every retry. The next pull asks again anyway.
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, HTTPAdapter(max_retries=0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def runs(self, room: str, since_unix: int, until_unix: int) -> Listing:
        """The runs of one room that started between two moments (Unix seconds).

        ``room`` is the room's entry id. Raises NewrowError.
        Source: analytics/sessions.
        """
        params: dict[str, str | int] = {"from_date": str(since_unix), "to_date": str(until_unix)}
        if isinstance(self._door, DirectDoor):
            params["third_party_room_id"] = room
        return self._all_pages("analytics/sessions", "sessions", params, room)

    def stays(self, room: str, run: str) -> Listing:
        """Everyone's comings and goings in one run of a room. Raises NewrowError.

        Source: analytics/session-attendees, with the user ids that came in our KSs.
        """
        params: dict[str, str | int] = {"session_id": run, "include_third_party_data": 1}
        return self._all_pages("analytics/session-attendees", "session_attendance", params, room)

    def _all_pages(
        self, action: str, key: str, params: Mapping[str, str | int], room: str
    ) -> Listing:
        """Every page from 0 on, until one is empty, the last, or brings nothing new.

        Rows may move to a further page while we read; one that came on an earlier page
        already is not taken twice, so the count shows that another was missed.
        """
        listing, seen = Listing(), set[str]()
        for page in range(MOST_PAGES):
            data = self._get(action, {**params, "page": page}, room)
            rows, listing.expected = _rows(data, key, action), _total(data, action)
            texts = [json.dumps(row, sort_keys=True) for row in rows]
            new = [row for row, text in zip(rows, texts, strict=True) if text not in seen]
            listing.rows += new
            seen.update(texts)
            if not new or not data.get("next_page"):
                break
        return listing

    def _get(self, action: str, params: Params, room: str) -> dict[str, Any]:
        """One page's ``data``. Raises NewrowUnavailable or NewrowRefused."""
        prepared = self._http.prepare_request(self._door.request(action, params, room))
        timeout = (CONNECT_TIMEOUT_S, settings.KALTURA_TIMEOUT_S)
        try:
            # A redirect would carry the KS to wherever it points.
            response = self._http.send(prepared, timeout=timeout, allow_redirects=False)
        except requests.Timeout:
            raise NewrowUnavailable(f"Newrow did not answer {action} in time.") from None
        except requests.RequestException as error:
            name = type(error).__name__
            raise NewrowUnavailable(f"Newrow cannot be reached for {action} ({name}).") from None
        return _data(action, response)


def _data(action: str, response: requests.Response) -> dict[str, Any]:
    """The ``data`` of a reply that says success."""
    if response.status_code in (400, 401, 403, 404):
        raise NewrowRefused(
            f"Newrow refused {action} (HTTP {response.status_code}{_said(response)}). Check "
            "KALTURA_KAF_URL and the room, or NEWROW_API_URL and NEWROW_API_TOKEN."
        )
    if response.status_code != 200:
        raise NewrowUnavailable(f"Newrow answered {action} with HTTP {response.status_code}.")
    try:
        reply = response.json()
    except ValueError:
        raise NewrowUnavailable(f"Newrow's answer to {action} is not JSON.") from None
    if not isinstance(reply, dict) or reply.get("status") != "success":
        raise NewrowRefused(f"Newrow did not succeed with {action}{_said(response)}.")
    data = reply.get("data")
    if not isinstance(data, dict):
        raise NewrowUnavailable(f"Newrow's answer to {action} has no data.")
    return data


def _said(response: requests.Response) -> str:
    """The reply's own message, shortened; nothing when there is none to read."""
    try:
        message = response.json()["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f": {str(message)[:200]}"


def _rows(data: Mapping[str, Any], key: str, action: str) -> list[Any]:
    rows = data.get(key)
    if not isinstance(rows, list):
        raise NewrowUnavailable(f"Newrow's answer to {action} has no list “{key}”.")
    return rows


def _total(data: Mapping[str, Any], action: str) -> int:
    """``total_count``: a number, which counts the rows of all pages."""
    total = data.get("total_count")
    if isinstance(total, str) and total.isascii() and total.isdigit():
        return int(total)
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        raise NewrowUnavailable(f"Newrow's answer to {action} does not count its rows.")
    return total
