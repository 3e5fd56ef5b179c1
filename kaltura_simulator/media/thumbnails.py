"""``/p/PARTNER/thumbnail/entry_id/ID``: an entry's picture, its own or one made for it."""

from __future__ import annotations

import base64

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.media import entries, pictures
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data, Store
from kaltura_simulator.web import fetch
from kaltura_simulator.web.http import Request, Response, text

KIND = "thumbnail"
DEFAULT_WIDTH, DEFAULT_HEIGHT = 120, 90
#: What Kaltura refuses to draw, and what we draw at most: a picture made is only a stand-in.
MAX_ASKED, MAX_DRAWN = 10_000, 1920
_TYPES = (
    (b"\x89PNG", "image/png"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)


# ------------------------------------------------------------------------- keeping
def keep(call: Call, entry_id: str, picture: bytes) -> None:
    """Keep an entry's own picture."""
    data = base64.b64encode(picture).decode()
    with call.store.transaction():
        call.put(KIND, entry_id, {"id": entry_id, "data": data})
        _renew(call, entry_id)


def keep_from(call: Call, entry_id: str, url: str) -> None:
    """Fetch an entry's picture from the web, as far as this simulator may go there.

    It goes to this machine and to hosts that the options name. Of any other address it
    believes that there is a picture, and shows its own.
    """
    if fetch.is_allowed(url, call.world.options.notify_hosts):
        keep(call, entry_id, _fetched(url))
        return
    with call.store.transaction():
        call.store.delete(call.partner, KIND, entry_id)
        _renew(call, entry_id)


def _fetched(url: str) -> bytes:
    try:
        found = fetch.fetched(url)
    except OSError as problem:
        raise ApiError("THUMB_ASSET_DOWNLOAD_FAILED", URL_PATH=url) from problem
    if not found:
        raise ApiError("THUMB_ASSET_DOWNLOAD_FAILED", URL_PATH=url)
    return found


def copy(call: Call, from_id: str, to_id: str) -> None:
    """Give an entry the picture of another one, if that has its own."""
    found = call.get(KIND, from_id)
    if found is not None:
        call.put(KIND, to_id, found | {"id": to_id})


def _renew(call: Call, entry_id: str) -> None:
    """A new picture has a new address, so that nobody shows the old one."""
    row = entries.find(call, entry_id)
    number = int(row.get("_pictures") or 0) + 1
    base = f"{call.host_url}/p/{call.partner}/thumbnail/entry_id/{entry_id}"
    fields: Data = {"_pictures": number, "thumbnailUrl": f"{base}/version/{100_000 + number}"}
    call.change("entry", entry_id, **fields, updatedAt=call.clock.now())


# ------------------------------------------------------------------------- serving
def picture(request: Request, partner: int, wish: dict[str, str]) -> Response:
    """An entry's picture, in the size that was wished for."""
    entry_id = wish.get("entry_id", "")
    if not _is_there(request.world.store, partner, entry_id):
        return text("", 404)
    width, height = (_size(wish.get(name, "")) for name in ("width", "height"))
    if max(width, height) > MAX_ASKED:
        return text("", 400)
    own = request.world.store.get(partner, KIND, entry_id)
    if own is not None:
        return _picture(base64.b64decode(own["data"]))
    return _picture(pictures.for_text(entry_id, *_measures(width, height)))


def _is_there(store: Store, partner: int, entry_id: str) -> bool:
    row = store.get(partner, "entry", entry_id)
    return row is not None and row["status"] != entry_types.DELETED


def _size(value: str) -> int:
    return int(value[:6]) if value.isdecimal() and value.isascii() else 0


def _measures(width: int, height: int) -> tuple[int, int]:
    """Width and height to draw; one that was not asked for follows from the other."""
    if not width and not height:
        width, height = DEFAULT_WIDTH, DEFAULT_HEIGHT
    width = width or height * 16 // 9
    height = height or width * 9 // 16
    return max(1, min(width, MAX_DRAWN)), max(1, min(height, MAX_DRAWN))


def _picture(data: bytes) -> Response:
    kind = next((kind for start, kind in _TYPES if data.startswith(start)), "image/jpeg")
    headers = [
        ("Access-Control-Allow-Origin", "*"),
        ("Cache-Control", "public, max-age=60"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return Response(data, 200, kind, headers)
