"""UNSAFE_HTML_TAGS: refuses harmful markup in texts, on accounts with the feature.

Kaltura runs HTML Purifier over every text and refuses those that it would change
(infra/general/kHtmlPurifier.class.php in https://github.com/kaltura/server). Here a text is
refused for a tag or an attribute that is known to be harmful.
"""

from __future__ import annotations

import re
from typing import Any

from kaltura_simulator.api import features
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject

_TAGS = "script|iframe|frame|frameset|object|embed|applet|form|input|button|textarea|select"
_TAGS += "|style|link|meta|base|svg|math|video|audio|body|html|head"
_HARMFUL = re.compile(
    rf"<\s*/?\s*(?:{_TAGS})\b|<[^>]*\son\w+\s*=|<[^>]*(?:javascript|vbscript|data)\s*:",
    re.IGNORECASE,
)


def refuse_unsafe(call: Call, arguments: dict[str, Any]) -> None:
    """Refuse objects with a harmful text, on accounts with the feature."""
    if not features.has(call, features.PURIFY_HTML):
        return
    for value in arguments.values():
        if isinstance(value, SentObject):
            _refuse_in(value.object_type, value.values)


def _refuse_in(kind: str, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            _refuse_in(str(value.get("objectType", kind)), value)
        elif isinstance(value, str) and _HARMFUL.search(value):
            raise ApiError("UNSAFE_HTML_TAGS", CLASS=kind, PROPERTY=name)
