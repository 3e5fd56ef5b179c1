"""Fetches the media of a task: the smallest file that is whole, from Kaltura's hosts alone.

An address comes from the customer's account, so it is a stranger's: each one, redirects too,
must be of Kaltura's own host or of one that the settings name, or nothing is asked of it. What
comes is bounded in size and time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import requests
from django.conf import settings

from kaltura_bridge.api.client import CONNECT_TIMEOUT_S, is_set, new, wire
from kaltura_bridge.api.errors import RemoteUnavailable
from kaltura_bridge.reach.account import TaskAccess
from kaltura_bridge.reach.engines.base import EngineFailed

MOST_REDIRECTS: Final = 5
MOST_SECONDS: Final = 4 * 3600
READ_TIMEOUT_S: Final = 60
_CHUNK: Final = 1 << 18
_MB: Final = 1_000_000
_KALTURA: Final = "kaltura.com"
Beat = Callable[[], None]


def fetch_media(access: TaskAccess, folder: Path, beat: Beat) -> Path:
    """The media of the task's entry as a file in ``folder``.

    ``beat`` is called now and then. Raises EngineFailed for what will never come,
    RemoteUnavailable for what may come later.
    """
    options = new("KalturaPlaybackContextOptions", streamerType="http", ks=access.task.access_key)
    context = access.call(lambda c: c.baseEntry.getPlaybackContext(access.task.entry_id, options))
    flavour = _smallest(context)
    source = next((s for s in _all(context.sources) if wire(s.format) == "url"), None)
    if flavour is None or source is None:
        raise EngineFailed("The video has no file that can be fetched.")
    ending = "".join(c for c in wire(flavour.fileExt) if c.isalnum())[:8] or "bin"
    path = folder / f"{access.task.entry_id}.{ending}"
    address = _address(access, wire(source.url), wire(flavour.id), ending)
    _download(address, path, beat)
    return path


def _all(rows: Any) -> list[Any]:
    return list(rows) if is_set(rows) else []


def _smallest(context: Any) -> Any:
    """The smallest rendition: speech is the same in all of them. The original only alone."""
    found = [each for each in _all(context.flavorAssets) if wire(each.status) == "2"]
    return min(found, key=lambda f: (wire(f.isOriginal) == "1", _bitrate(f)), default=None)


def _bitrate(flavour: Any) -> int:
    text = wire(flavour.bitrate)
    # 0 is one whose rate nobody measured.
    return int(text) if text.isdecimal() and text != "0" else 1 << 30


def _address(access: TaskAccess, source: str, flavour_id: str, ending: str) -> str:
    """The manifest that leads to one file, on the host that the playback context names."""
    parts, task = urlsplit(source), access.task
    named = (
        *("entryId", task.entry_id, "flavorIds", flavour_id, "format", "url"),
        *("protocol", parts.scheme, "ks", task.access_key),
    )
    path = "/".join(quote(part, safe="=-_") for part in named)
    number = task.customer_id
    start = f"{parts.scheme}://{parts.netloc}/p/{number}/sp/{number}00/playManifest"
    return f"{start}/{path}/a.{ending}"


# ------------------------------------------------------------------------ fetching
def is_allowed(address: str) -> bool:
    """Whether media may be fetched there: https, or as our own way to Kaltura is."""
    service = urlsplit(settings.KALTURA_SERVICE_URL)
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:  # no host, or no port, that there could be
        return False
    if parts.username or parts.scheme not in {"https", service.scheme}:
        return False
    if parts.netloc.lower() == service.netloc.lower():
        return True
    host, is_usual = (parts.hostname or "").lower(), port in {None, 443}
    return is_usual and any(_matches(host, name) for name in _further_hosts(service.hostname or ""))


def _further_hosts(service_host: str) -> list[str]:
    own = [f".{_KALTURA}"] if _matches(service_host.lower(), f".{_KALTURA}") else []
    return [*settings.REACH_VENDOR_MEDIA_HOSTS, *own]


def _matches(host: str, name: str) -> bool:
    """``.example.com`` stands for all hosts below it."""
    return host.endswith(name) if name.startswith(".") else host == name


def _download(address: str, path: Path, beat: Beat) -> None:
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no .netrc decides where this goes
        for _ in range(MOST_REDIRECTS + 1):
            answer = _ask(session, address)
            if not answer.is_redirect:
                _save(answer, path, beat)
                return
            address = urljoin(address, answer.headers["Location"])
            answer.close()
    raise EngineFailed("The media's address leads from one to the next without an end.")


def _ask(session: requests.Session, address: str) -> requests.Response:
    if not is_allowed(address):
        host = urlsplit(address).netloc.rpartition("@")[2]
        raise EngineFailed(f"The media lies on {host[:100]}, from which this vendor takes nothing.")
    try:
        answer = session.get(
            address,
            headers={"Accept-Encoding": "identity"},
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
        )
    except requests.RequestException:
        # Its text holds the address, and that the access key.
        raise RemoteUnavailable("no media in time", sent=False) from None
    status = answer.status_code
    if status >= 400:
        answer.close()
    if status >= 500:
        raise RemoteUnavailable(f"HTTP {status} for the media", sent=False)
    if status >= 400:
        raise EngineFailed(f"The media cannot be fetched (HTTP {status}).")
    return answer


def _save(answer: requests.Response, path: Path, beat: Beat) -> None:
    most, size, started = settings.REACH_VENDOR_MEDIA_MB * _MB, 0, time.monotonic()
    try:
        with path.open("wb") as file, answer:
            for chunk in answer.iter_content(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise EngineFailed(f"The media is larger than {most // _MB} MB.")
                if time.monotonic() - started > MOST_SECONDS:
                    raise RemoteUnavailable("media that takes hours", sent=False)
                file.write(chunk)
                beat()
    except requests.RequestException:
        raise RemoteUnavailable("media that broke off", sent=False) from None
    if not size:
        raise EngineFailed("The media is empty.")
    announced = answer.headers.get("Content-Length", "")
    if (
        announced.isdecimal()
        and int(announced) != size
        and "Content-Encoding" not in answer.headers
    ):
        raise RemoteUnavailable("media that broke off", sent=False)
