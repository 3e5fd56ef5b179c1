"""The picture of a live entry while nothing is on air.

Kaltura's: updateThumbnailFromUrl and updateThumbnailJpeg in api_v3/services/BaseEntryService.php.
"""

from __future__ import annotations

import io
from typing import Any

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.base import Lookup, Write
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.client import Request
from kaltura_bridge.api.pictures import uploaded_jpeg
from kaltura_bridge.fields import UPLOADED
from kaltura_bridge.specs import Kind, Observed


class ThumbnailAdapter:
    """A live entry's picture while nothing is on air: sent, or fetched by Kaltura.

    By ``baseEntry``: the picture that ``liveStream`` calls the offline thumbnail is never shown,
    and a second one fails for ever. Kaltura takes any answer for a picture, so we look at it
    first (api/pictures.py).

    Nothing of it can be read back: an entry shows a picture of its own address, and no
    call takes it away (seen at a running server, 22.19). So what we last wrote stands for
    what is held.
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
