"""Bringing schedules in: read a file, compare it with an event, save the difference.

Each format has a reader of its own (``read(data) -> ScheduleFile``); everything
after that is the same for all of them.
"""

from __future__ import annotations

from pathlib import Path

from events.imports import frab_json, frab_xml
from events.imports.formats import check_beginning
from events.imports.schedule import BrokenFile, ScheduleFile

# The largest schedules in the wild have some 10 MB.
MAX_BYTES = 32 * 1024 * 1024
READERS = {"<": frab_xml.read, "{": frab_json.read, "[": frab_json.read}


def load(path: Path) -> ScheduleFile:
    """Read a schedule file. Raises BrokenFile; OSError when it cannot be opened."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BrokenFile(f"The file is larger than {MAX_BYTES // 1024**2} MB; no schedule is.")
    return parse(data)


def parse(data: bytes) -> ScheduleFile:
    """What the file says. Its first character tells the format; file names are unreliable."""
    # A byte order mark, and the zero bytes of UTF-16 and UTF-32, are not letters.
    start = data[:64].translate(None, b"\xef\xbb\xbf\xff\xfe\x00").lstrip()
    if not data.strip():
        raise BrokenFile("The file is empty.")
    check_beginning(data)
    read = READERS.get(start[:1].decode("ascii", "replace"))
    if read is None:
        raise BrokenFile("The file is neither XML nor JSON; a schedule is one of them.")
    return read(data)
