"""UNSAFE_HTML_TAGS: texts that could do harm on a page, where an account has them refused.

Kaltura runs a purifier over every text and refuses those that it would change. Here a
text is refused for a tag or an attribute that the purifier knows to be harmful.
"""

from __future__ import annotations

import re
from typing import Any

from kaltura_simulator.api import features
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given

_TAGS = "script|iframe|frame|frameset|object|embed|applet|form|input|button|textarea|select"
_TAGS += "|style|link|meta|base|svg|math|video|audio|body|html|head"
_HARMFUL = re.compile(
    rf"<\s*/?\s*(?:{_TAGS})\b|<[^>]*\son\w+\s*=|<[^>]*(?:javascript|vbscript|data)\s*:",
    re.IGNORECASE,
)


def refuse(call: Call, arguments: dict[str, Any]) -> None:
    """Refuse objects with a harmful text, on accounts that want it so."""
    if not features.has(call, features.PURIFY_HTML):
        return
    for value in arguments.values():
        if isinstance(value, Given):
            _refuse(value.kind, value.values)


def _refuse(kind: str, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            _refuse(str(value.get("objectType", kind)), value)
        elif isinstance(value, str) and _HARMFUL.search(value):
            raise ApiError("UNSAFE_HTML_TAGS", CLASS=kind, PROPERTY=name)
