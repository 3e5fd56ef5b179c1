"""Our keys, read back from objects at Kaltura."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

_HEX: Final = r"[0-9a-f]"
_KEY: Final = re.compile(rf"portal:({_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}})(?:/[\w/-]+)?")


def uuid_of_key(key: str) -> UUID | None:
    """The planned object behind ``portal:UUID[/suffix]``; None for anybody else's label."""
    found = _KEY.fullmatch(key)
    return UUID(found[1]) if found else None
