"""Talks to push services: known ones only, for the address comes from a browser.

Whoever is signed in may name any address as their browser's. So it must be https at a host of
one of the services that browsers use, and no redirect is followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import requests
from django.conf import settings

from events.push.keys import authorization

# Chrome, Edge and others; Firefox; Edge on Windows; Safari.
_HOSTS: Final = frozenset({"fcm.googleapis.com", "web.push.apple.com"})
_BELOW: Final = (
    ".push.services.mozilla.com",
    ".notify.windows.com",
    ".push.apple.com",
)
LONGEST_ENDPOINT: Final = 1000
_TIMEOUT_S: Final = (3.05, 5)
_GONE: Final = frozenset({404, 410})
_BUSY: Final = 429
_SERVER_ERROR: Final = 500


def is_known_endpoint(endpoint: str) -> bool:
    """Whether this is an address at a push service that we send to."""
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if not endpoint.isascii() or len(endpoint) > LONGEST_ENDPOINT or parts.username:
        return False
    if host in settings.WEB_PUSH_HOSTS:
        return parts.scheme in {"http", "https"}
    is_service = host in _HOSTS or host.endswith(_BELOW)
    return parts.scheme == "https" and port in (None, 443) and is_service


@dataclass(frozen=True)
class PushAnswer:
    """What became of one message: taken, for nobody any more, to be tried again, or refused."""

    is_taken: bool = False
    is_gone: bool = False
    is_passing: bool = False
    reason: str = ""


def deliver(endpoint: str, body: bytes, ttl_s: int, topic: str) -> PushAnswer:
    """Hand an encrypted message to the service.

    ``ttl_s``: how long it keeps the message for a browser that is away. ``topic``: a later
    message of the same takes the place of one that still waits; at most 32 characters.
    """
    if not is_known_endpoint(endpoint):
        return PushAnswer(is_gone=True, reason="No known push service.")
    headers = {
        "Authorization": authorization(endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(max(0, ttl_s)),
        "Topic": topic,
        "Urgency": "high",
    }
    try:
        with requests.Session() as session:
            # Not by what the environment says of proxies and passwords.
            session.trust_env = False
            reply = session.post(
                endpoint, body, headers=headers, timeout=_TIMEOUT_S, allow_redirects=False
            )
    except requests.RequestException as error:
        return PushAnswer(is_passing=True, reason=f"No answer ({type(error).__name__}).")
    return _judged(reply.status_code)


def _judged(status: int) -> PushAnswer:
    reason = f"The push service answered with HTTP {status}."
    if 200 <= status < 300:
        return PushAnswer(is_taken=True)
    if status in _GONE:
        return PushAnswer(is_gone=True, reason=reason)
    return PushAnswer(is_passing=status == _BUSY or status >= _SERVER_ERROR, reason=reason)
