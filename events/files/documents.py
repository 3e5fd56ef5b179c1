"""What may be uploaded beside a session, and under which name it is handed out.

Every document is sent as a file to keep, never to be shown within the portal, so the list is
about what people expect to open, not about what a browser might run.
"""

from __future__ import annotations

import re
from typing import IO, Final

from django.utils.translation import gettext as _

from events.characters import clean_line

MOST_BYTES: Final = 50 * 1024 * 1024
LONGEST_NAME: Final = 150

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_TEXT: Final[tuple[bytes, ...]] = ()
#: By the end of its name: the type, and how such a file begins (nothing: it is text).
KINDS: Final[dict[str, tuple[str, tuple[bytes, ...]]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "odp": ("application/vnd.oasis.opendocument.presentation", _ZIP),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", _ZIP),
    "odt": ("application/vnd.oasis.opendocument.text", _ZIP),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", _ZIP),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
    "epub": ("application/epub+zip", _ZIP),
    "zip": ("application/zip", _ZIP),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "csv": ("text/csv", _TEXT),
    "md": ("text/markdown", _TEXT),
    "txt": ("text/plain", _TEXT),
}


class BadDocument(Exception):
    """Why a file is not taken, and what to do; for people to read."""


def check_document(file: IO[bytes], name: str, size: int) -> None:
    """Raise BadDocument unless the file is of a kind that is taken, and begins like one."""
    ending = ending_of(name)
    if ending not in KINDS:
        kinds = ", ".join(sorted(KINDS))
        said = f".{ending}" if ending else _("no ending")
        text = _("Files of this kind (%(ending)s) are not taken. Choose one of: %(kinds)s.")
        raise BadDocument(text % {"ending": said, "kinds": kinds})
    if size > MOST_BYTES:
        limit = MOST_BYTES // 1024 // 1024
        text = _("The file has %(size).1f MB; a document may have %(limit)d. Link to it instead.")
        raise BadDocument(text % {"size": size / 1024 / 1024, "limit": limit})
    file.seek(0)
    if not _begins_like(file.read(512), KINDS[ending][1]):
        text = _("The file is called .%(ending)s but is something else inside. Save it anew.")
        raise BadDocument(text % {"ending": ending})
    file.seek(0)


def _begins_like(start: bytes, signatures: tuple[bytes, ...]) -> bool:
    """Text has no NUL; all else begins with its signature."""
    return start.startswith(signatures) if signatures else b"\0" not in start


def ending_of(name: str) -> str:
    """What stands behind the last dot, in lower case; empty for none."""
    found = re.search(r"\.([A-Za-z0-9]{1,8})$", name)
    return found[1].lower() if found else ""


def type_of(name: str) -> str:
    """The media type of a document by its name."""
    return KINDS.get(ending_of(name), ("application/octet-stream", ()))[0]


def shown_name(name: str) -> str:
    """A name to keep the file under: one line, no folder, at most 150 characters."""
    line = clean_line(re.split(r"[\\/]", name)[-1]) or "document"
    stem, dot, ending = line.rpartition(".")
    if not dot:
        return line[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
