"""Attendance of meeting rooms: the analytics of Newrow (Kaltura Meetings), page by page.

There are two ways in. Through KAF the whole request, page number included, stands
inside a KS minted for it, and the answer is limited to the room that the KS names. The
direct API takes an ordinary query and a token that Kaltura hands out. The answers are
the same. Sources: Kaltura Meetings Integration Guide, "Room Analytics",
https://github.com/kaltura-vpaas/virtual-meeting-rooms, and Kaltura's sample scripts for
both ways, https://github.com/kaltura-vpaas/newrow-api.

A KS is a bearer secret in a URL. Errors here carry neither URL nor the exception that
holds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Protocol, Self

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from analytics.sources.listing import Listing
from kaltura_bridge.api import ks
from kaltura_bridge.api.masking import mask_secrets

CONNECT_TIMEOUT_S: Final = 5
# Newrow gives 30 rows a page; 60,000 rows are far more than any room can hold.
MAX_PAGES: Final = 2000

Params = Mapping[str, str | int]


class NewrowError(Exception):
    """Newrow did not give what was asked. The text says what was seen."""


class NewrowUnavailable(NewrowError):
    """No answer, or one that cannot be read. Temporary: the next pull tries again."""


class NewrowRefused(NewrowError):
    """Newrow understood and refused. Permanent: the same request will fail again."""


class Transport(Protocol):
    """A way to send a request to Newrow."""

    def request(self, action: str, params: Params, room: str) -> requests.Request:
        """The HTTP request for ``action``, about one room."""


class KafTransport:
    """Through KAF, signed as the account that owns the room."""

    def request(self, action: str, params: Params, room: str) -> requests.Request:
        """A GET whose KS holds the request itself."""
        token = ks.newrow_ks(action=action, params=params, resource_id=room)
        url = f"{settings.KALTURA_KAF_URL.rstrip('/')}/newrowkaf/index/api"
        return requests.Request("GET", url, params={"ks": token})


class DirectTransport:
    """Newrow's own API, with the account's token."""

    def request(self, action: str, params: Params, room: str) -> requests.Request:
        """A GET with its parameters in the query."""
        url = f"{settings.NEWROW_API_URL.rstrip('/')}/{action}"
        # On a GET without a body, because Kaltura's samples send it.
        headers = {"Content-Type": "application/json"}
        return requests.Request(
            "GET",
            url,
            params=dict(params),
            headers=headers,
            auth=BearerAuth(settings.NEWROW_API_TOKEN),
        )


class BearerAuth(AuthBase):
    """A token as authorization.

    As an ``auth`` object, because requests lets credentials from the machine's ``.netrc``
    replace a plain Authorization header:
    https://requests.readthedocs.io/en/latest/user/authentication/#netrc-authentication
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def configured_transport() -> Transport:
    """The direct API where the settings name it, else through KAF."""
    return DirectTransport() if settings.NEWROW_API_URL else KafTransport()


class NewrowClient:
    """Reads analytics over kept connections. Use as a context manager."""

    def __init__(self, transport: Transport | None = None) -> None:
        self._transport = transport or configured_transport()
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

        ``room`` is the room's id at Kaltura: its entry, or in the older form its schedule
        resource. Raises NewrowError.
        Source: Kaltura Meetings guide, "Room Analytics", analytics/sessions.
        """
        params: dict[str, str | int] = {"from_date": str(since_unix), "to_date": str(until_unix)}
        if isinstance(self._transport, DirectTransport):
            params["third_party_room_id"] = room
        return self._all_pages("analytics/sessions", "sessions", params, room)

    def stays(self, room: str, run: str) -> Listing:
        """Everyone's times of joining and leaving in one run of a room. Raises NewrowError.

        Source: Kaltura Meetings guide, "Room Analytics", analytics/session-attendees. Only
        ``include_third_party_data`` adds the user ids that our KSs carried.
        """
        params: dict[str, str | int] = {"session_id": run, "include_third_party_data": 1}
        return self._all_pages("analytics/session-attendees", "session_attendance", params, room)

    def _all_pages(
        self, action: str, key: str, params: Mapping[str, str | int], room: str
    ) -> Listing:
        """Every page from 0 on, until one is empty, is the last, or brings nothing new.

        Rows may move to a later page while we read. A row that came on an earlier page
        already is not taken twice: then fewer rows than Newrow counts show that another
        row was missed.
        """
        listing, seen = Listing(), set[str]()
        for page in range(MAX_PAGES):
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
        prepared = self._http.prepare_request(self._transport.request(action, params, room))
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
            f"Newrow refused {action} (HTTP {response.status_code}{_message_in(response)}). Check "
            "KALTURA_KAF_URL and the room, or NEWROW_API_URL and NEWROW_API_TOKEN."
        )
    if response.status_code != 200:
        raise NewrowUnavailable(f"Newrow answered {action} with HTTP {response.status_code}.")
    try:
        reply = response.json()
    except ValueError:
        raise NewrowUnavailable(f"Newrow's answer to {action} is not JSON.") from None
    if not isinstance(reply, dict) or reply.get("status") != "success":
        raise NewrowRefused(f"Newrow did not succeed with {action}{_message_in(response)}.")
    data = reply.get("data")
    if not isinstance(data, dict):
        raise NewrowUnavailable(f"Newrow's answer to {action} has no data.")
    return data


def _message_in(response: requests.Response) -> str:
    """The reply's own message, shortened; empty when there is none."""
    try:
        message = response.json()["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f": {mask_secrets(str(message))[:200]}"


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
