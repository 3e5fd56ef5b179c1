"""Texts of an installation whose database keeps three bytes for a character at most.

A character beyond U+FFFF (an emoji) is lost there: what adds or changes an object answers with
the text as it was sent, whatever reads it later has ``?`` or ``????`` in its place, as the
connection to the database is set. XML documents are files, and stay whole. Seen at a running
server (22.19, MySQL's utf8).
"""

from __future__ import annotations

import re
from typing import Any, Final

from kaltura_simulator.api.schema import ActionSchema
from kaltura_simulator.state.world import World

#: What may stand in place of such a character; the first: it is kept.
SHOWN_AS: Final = ("", "?", "????")
_BEYOND: Final = re.compile("[\U00010000-\U0010ffff]")
_WRITING: Final = ("add", "update")
_FILES: Final = frozenset({"xml", "xmlData"})


def as_read(world: World, action: ActionSchema, result: Any) -> Any:
    """The result of an action as such an installation answers it."""
    if not world.wide_characters or action.name.lower().startswith(_WRITING):
        return result
    return _narrowed(result, world.wide_characters)


def _narrowed(value: Any, shown_as: str) -> Any:
    if isinstance(value, str):
        return _BEYOND.sub(shown_as, value)
    if isinstance(value, list):
        return [_narrowed(each, shown_as) for each in value]
    if isinstance(value, dict):
        return {k: v if k in _FILES else _narrowed(v, shown_as) for k, v in value.items()}
    return value
