"""The one place that takes secrets out of a text.

A KS is a bearer token. Servers repeat it: a refused one stands in full in Kaltura's error
text, and it travels in URLs, so in exceptions and log lines about them. What a server says is
masked where it comes in (``mask_secrets``, in client.py and in whatever else talks to one), so
nobody who stores, prints or shows it later has to think of that; log lines are masked again at
their end (portal/logs.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.conf import settings

MASK: Final = "[masked]"
SECRETS: Final = (
    "SECRET_KEY",
    "KALTURA_ADMIN_SECRET",
    "KALTURA_APP_TOKEN",
    "KALTURA_WEBHOOK_SECRET",
    "NEWROW_API_TOKEN",
    "REACH_VENDOR_APP_TOKEN",
)

# A version 2 KS is base64url of "v2|..." and so always begins with djJ8.
_KS: Final = re.compile(r"djJ8[A-Za-z0-9_=-]{8,}")
# Of an older one only the length is known. A path may be as long, so log lines keep these.
_OLDER_KS: Final = re.compile(r"[A-Za-z0-9+/_=-]{100,}")
# Kaltura's words about a KS; a single word in capitals there is the reason (errors.py).
_QUOTED_KS: Final = re.compile(r"(?P<place>\bKS \")(?![A-Z_]*\")[^\"]+")
# In a path or a parameter any KS (or ticket, or feed token) is known by the text before it.
_BY_PLACE: Final = re.compile(
    r"(?P<place>/ks/|/me/agenda/|[?&;](?:ks|ticket|token)=|"
    r"[\"']?\b(?:ks|secret|adminSecret|tokenHash|token|password)[\"']?\s*[:=]\s*[\"']?)"
    r"(?P<value>[^\s/?&\"'<>,;}{)]{6,})",
    re.IGNORECASE,
)


def mask(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` with KSs, tickets, tokens and the given secrets replaced."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    text = _KS.sub(MASK, text)
    for pattern in (_QUOTED_KS, _BY_PLACE):
        text = pattern.sub(lambda found: found["place"] + MASK, text)
    return text


def mask_secrets(text: str) -> str:
    """``text`` without any secret of the settings, too: for whatever a server says."""
    secrets = [secret for name in SECRETS if (secret := getattr(settings, name))]
    return _OLDER_KS.sub(MASK, mask(text, secrets))
