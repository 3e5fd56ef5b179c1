"""The picture of a live entry while nothing is on air."""

from __future__ import annotations

from typing import Any

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.base import Lookup, Write
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.client import Request
from kaltura_bridge.specs import Kind, Observed


class ThumbnailAdapter:
    """A live entry's picture while nothing is on air, fetched by Kaltura from an address.

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
        return self._fetch(write.values["entryId"], write.values["url"])

    def new_id(self, write: Write, raw: Any) -> str:
        return write.values["entryId"]

    def update(self, write: Write, resources: Resources) -> Request:
        return self._fetch(write.values["entryId"], write.values["url"])

    def delete(self, owned: OwnedObject) -> Request:
        raise LookupError("No call takes a picture away.")

    @staticmethod
    def _fetch(entry_id: str, url: str) -> Request:
        return Request(lambda c: c.baseEntry.updateThumbnailFromUrl(entry_id, url), write=True)
