"""What stands for people whose name is not kept: keyed digests, which lead back to nobody.

Whoever knows a person and our secret can work out their token again; nobody can work out the
person of a token. So which token is whose is never stored.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from django.conf import settings

from events.models import Event, User
from kaltura_bridge.join.identity import kaltura_user_id

#: What a pull stores instead of the id of somebody who did not agree to be recorded by name.
UNNAMED: Final = "unnamed:"
_DIGITS: Final = 16
#: A report has one row for each id, so a second one of the same person has more behind it.
TOKEN_LENGTH: Final = len(UNNAMED) + _DIGITS


def digest_of(identity: str) -> str:
    """What recognises an id or address later, and tells it to nobody without our secret."""
    return _keyed(f"withheld:{identity.casefold()}")


def token_of(event: Event, identity: str) -> str:
    """What stands for an id in one event; 64 bits of a keyed digest."""
    return f"{UNNAMED}{_keyed(f'unnamed:{event.uuid}:{identity.casefold()}')[:_DIGITS]}"


def token_of_person(event: Event, user: User) -> str:
    """What stands for somebody with an account in one event."""
    return token_of(event, kaltura_user_id(user))


def _keyed(text: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"analytics.privacy:{text}".encode(), hashlib.sha256).hexdigest()
