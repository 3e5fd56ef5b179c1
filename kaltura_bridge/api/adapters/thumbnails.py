"""The picture of a live entry while nothing is on air.

Kaltura's: updateThumbnailFromUrl and updateThumbnailJpeg in api_v3/services/BaseEntryService.php.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any, Final

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.base import Lookup, Write
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.client import Request, wire
from kaltura_bridge.api.pictures import uploaded_jpeg
from kaltura_bridge.fields import UPLOADED
from kaltura_bridge.specs import Kind, Observed

#: By which a link remembers the version of our picture, and an observed entry has its own.
VERSION: Final = "__picture"
_VERSION: Final = re.compile(r"/thumbnail/entry_id/[^/?]+/(?:[^?]*/)?version/(\d+)")


def picture_version(entry: Any) -> str:
    """The version of the picture that an entry of a reply shows; "" where it says none."""
    found = _VERSION.search(wire(getattr(entry, "thumbnailUrl", None)))
    return found[1] if found else ""


def held_picture(
    written: Mapping[str, str], seen: Mapping[str, str], version: str
) -> dict[str, str]:
    """The fields of a picture that we wrote, by the ``version`` that its entry shows now.

    What we do not know the version of, because the reply was lost or older, counts as ours from
    the first look on.
    """
    known = written.get(VERSION) or seen.get(VERSION) or version
    held = {**written, VERSION: known} if known else dict(written)
    is_another = bool(version) and version != known
    return {**held, "url": another_picture(version)} if is_another else held


def another_picture(version: str) -> str:
    """What stands in the place of our picture's address for one that is not ours."""
    return f"another image, given at Kaltura (version {version})"


class ThumbnailAdapter:
    """A live entry's picture while nothing is on air: sent, or fetched by Kaltura.

    By ``baseEntry``: the picture that ``liveStream`` calls the offline thumbnail is never shown,
    and a second one fails for ever. Kaltura takes any answer for a picture, so we look at it
    first (api/pictures.py).

    Of what it shows nothing can be read back: an entry shows a picture of its own address, and
    no call takes it away. But each new picture, whoever gives it, makes a newer version of that
    address (seen at a running server, 22.19). So what we last wrote stands for what is held as
    long as the entry shows the version that came of it.
    """

    kind = Kind.THUMBNAIL
    can_delete = False

    def find(self, lookup: Lookup, resources: Resources) -> list[Request]:
        return []

    def get(self, remote_id: str) -> Request | None:
        return None

    def read(self, raw: Any, lookup: Lookup, resources: Resources) -> Observed | None:
        return None

    def add(self, write: Write, resources: Resources) -> Request:
        return self._sent(write)

    def new_id(self, write: Write, raw: Any) -> str:
        return write.values["entryId"]

    def update(self, write: Write, resources: Resources) -> Request:
        return self._sent(write)

    def delete(self, owned: OwnedObject) -> Request:
        raise LookupError("No call takes a picture away.")

    @staticmethod
    def _sent(write: Write) -> Request:
        entry_id, url = write.values["entryId"], write.values["url"]
        if not url.startswith(UPLOADED):
            return Request(lambda c: c.baseEntry.updateThumbnailFromUrl(entry_id, url), write=True)
        picture = uploaded_jpeg(url.removeprefix(UPLOADED))

        def send(client: Any) -> object:
            # A request may be made twice, when the session ran out; a file is read once.
            file = ("thumbnail.jpg", io.BytesIO(picture), "image/jpeg")
            return client.baseEntry.updateThumbnailJpeg(entry_id, file)

        return Request(send, write=True)
