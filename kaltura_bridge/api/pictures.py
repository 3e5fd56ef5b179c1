"""Looks at pictures whose addresses people typed, before Kaltura is sent there.

Kaltura itself takes a page of 404 for a picture (seen at a running server, 22.19). Fetching is
guarded by ``events/fetching``.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Final

from django.conf import settings

from events.fetching.public import FetchLimits, NothingFetched, fetch
from events.files import storage
from events.files.pictures import as_jpeg
from kaltura_bridge.fields import UPLOADED

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 10 * 1024 * 1024
# For all of it: look-ups, redirects and the last byte.
WHOLE_S: Final = 8.0
# What looking at pictures may take in one batch; its leases must outlast it.
BUDGET_S: Final = 15.0
_STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class NoPicture(Exception):
    """There is no picture to be had at an address; the text says why, for people.

    ``passes``: it may be there later.
    """

    def __init__(self, reason: str, *, passes: bool = False) -> None:
        super().__init__(reason)
        self.passes = passes


def check_picture(url: str) -> None:
    """Fetch the picture at a public address, and forget it. Raises NoPicture."""
    limits = FetchLimits(MAX_BYTES, WHOLE_S, settings.PICTURE_HOSTS)
    try:
        data = fetch(url, limits, {"Accept": "image/jpeg,image/png"}).data or b""
    except NothingFetched as refused:
        raise NoPicture(str(refused), passes=refused.passes) from None
    if not data.startswith(_STARTS):
        raise NoPicture("what is there is neither a JPEG nor a PNG")


def uploaded_jpeg(name: str) -> bytes:
    """An uploaded picture of ours as Kaltura is sent it. Raises NoPicture when there is none."""
    try:
        return as_jpeg((Path(storage.pictures.location) / name).read_bytes())
    except FileNotFoundError:
        raise NoPicture("the uploaded file is not there any more; upload it again") from None
    # Pillow fails in many ways on files that are damaged, and a store on those it cannot read.
    except Exception as error:
        logger.warning("The uploaded picture %s cannot be read: %r", name, error)
        raise NoPicture("the uploaded file cannot be read; upload it again") from None


class PictureChecks:
    """The pictures of one batch, each address looked at once, as long as there is time."""

    def __init__(self) -> None:
        self._found: dict[str, NoPicture | None] = {}
        self._spent_s = 0.0

    def refusal(self, url: str) -> NoPicture | None:
        """Why the picture at this address cannot be used; None when Kaltura may fetch it."""
        if url not in self._found:
            if self._spent_s > BUDGET_S:
                return NoPicture("there was no time to look at it", passes=True)
            began = time.monotonic()
            self._found[url] = _refusal_of(url)
            self._spent_s += time.monotonic() - began
        return self._found[url]


def _refusal_of(url: str) -> NoPicture | None:
    try:
        if url.startswith(UPLOADED):
            uploaded_jpeg(url.removeprefix(UPLOADED))
        else:
            check_picture(url)
    except NoPicture as refused:
        return refused
    return None
