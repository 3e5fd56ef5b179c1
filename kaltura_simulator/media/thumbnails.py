"""``/p/PARTNER/thumbnail/entry_id/ID``: an entry's own picture, or a generated one.

Seen at a running server (22.19): whoever has a USER session may change the picture of any
entry, and nobody looks whether it is one.
"""

from __future__ import annotations

import base64

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.media import entries, pictures, secure_files
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data, Store
from kaltura_simulator.web import fetch
from kaltura_simulator.web.http import HttpRequest, HttpResponse, text

KIND = "thumbnail"
DEFAULT_WIDTH, DEFAULT_HEIGHT = 120, 90
#: Kaltura refuses larger sizes; generated pictures are no larger than MAX_DRAWN.
MAX_ASKED, MAX_DRAWN = 10_000, 1920


# ------------------------------------------------------------------------- storing
def save(call: Call, entry_id: str, picture: bytes) -> None:
    """Store an entry's own picture."""
    data = base64.b64encode(picture).decode()
    with call.store.transaction():
        call.put(KIND, entry_id, {"id": entry_id, "data": data})
        new_version(call, entry_id)


def save_upload(call: Call, entry_id: str, picture: bytes) -> None:
    """Store an uploaded picture, whatever it is, unless it looks dangerous."""
    secure_files.refuse_insecure(picture)
    save(call, entry_id, picture)


def save_from_url(call: Call, entry_id: str, url: str) -> None:
    """Fetch an entry's picture; from a public address it has a generated one."""
    picture = from_url(call, url)
    if picture is not None:
        save(call, entry_id, picture)
        return
    with call.store.transaction():
        call.store.delete(call.partner, KIND, entry_id)
        new_version(call, entry_id)


def from_url(call: Call, url: str) -> bytes | None:
    """The picture at an address that ``--fetch-hosts`` names; the page of an error is one too.

    None for a public address, which is not fetched. Kaltura refuses private addresses, and
    what is no address.
    """
    hosts = call.world.options.fetch_hosts
    if not fetch.is_allowed(url, hosts) and fetch.is_public(url):
        return None
    try:
        found = fetch.fetched(url, hosts, any_status=True)
    except OSError as problem:
        raise ApiError("THUMB_ASSET_DOWNLOAD_FAILED", URL_PATH=url) from problem
    if not found:
        raise ApiError("THUMB_ASSET_DOWNLOAD_FAILED", URL_PATH=url)
    return found


def take_offline_slot(call: Call, entry_id: str) -> None:
    """Use up the one picture for when a stream is off; nothing ever shows it.

    Seen at a running server (22.19): the second one is refused for ever, though the first
    gave the entry's own picture a new version.
    """
    if entries.find(call, entry_id).get("_offlinePicture"):
        raise ApiError("INTERNAL_SERVERL_ERROR")
    call.change("entry", entry_id, _offlinePicture=True)
    new_version(call, entry_id)


def copy(call: Call, from_id: str, to_id: str) -> None:
    """Copy the picture of another entry, if it has one of its own."""
    found = call.get(KIND, from_id)
    if found is not None:
        call.put(KIND, to_id, found | {"id": to_id})


def new_version(call: Call, entry_id: str) -> None:
    """Give the picture a new URL, so that no cache shows the old one."""
    row = entries.find(call, entry_id)
    number = int(row.get("_pictures") or 0) + 1
    base = f"{call.host_url}/p/{call.partner}/thumbnail/entry_id/{entry_id}"
    fields: Data = {"_pictures": number, "thumbnailUrl": f"{base}/version/{100_000 + number}"}
    call.change("entry", entry_id, **fields, updatedAt=call.clock.now())


# ------------------------------------------------------------------------- serving
def serve(request: HttpRequest, partner: int, params: dict[str, str]) -> HttpResponse:
    """An entry's picture, in the requested size."""
    entry_id = params.get("entry_id", "")
    if not _is_there(request.world.store, partner, entry_id):
        return text("", 404)
    width, height = (_size(params.get(name, "")) for name in ("width", "height"))
    if max(width, height) > MAX_ASKED:
        return text("", 400)
    own = request.world.store.get(partner, KIND, entry_id)
    if own is not None:
        return _picture(base64.b64decode(own["data"]))
    return _picture(pictures.for_text(entry_id, *_drawn_size(width, height)))


def _is_there(store: Store, partner: int, entry_id: str) -> bool:
    row = store.get(partner, "entry", entry_id)
    return row is not None and row["status"] != entry_types.DELETED


def _size(value: str) -> int:
    return int(value[:6]) if value.isdecimal() and value.isascii() else 0


def _drawn_size(width: int, height: int) -> tuple[int, int]:
    """Width and height to draw; one that was not requested is derived from the other."""
    if not width and not height:
        width, height = DEFAULT_WIDTH, DEFAULT_HEIGHT
    width = width or height * 16 // 9
    height = height or width * 9 // 16
    return max(1, min(width, MAX_DRAWN)), max(1, min(height, MAX_DRAWN))


def _picture(data: bytes) -> HttpResponse:
    headers = [
        ("Access-Control-Allow-Origin", "*"),
        ("Cache-Control", "public, max-age=60"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return HttpResponse(data, 200, pictures.kind_of(data).mime, headers)
