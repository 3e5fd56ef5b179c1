"""The portal's own key, by which push services know who sends (VAPID).

https://www.rfc-editor.org/rfc/rfc8292
"""

from __future__ import annotations

import json
import time
from base64 import b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

# The functions below import cryptography themselves: it takes seven megabytes, and most web
# processes never ask for a key.

# Services refuse more than a day.
_GOOD_FOR_S: Final = 12 * 3600
_KEY_BYTES: Final = 32
_SECRET_BYTES: Final = 16


def is_on() -> bool:
    """Whether this installation has a key."""
    return bool(settings.WEB_PUSH_KEY)


def to_text(data: bytes) -> str:
    """URL-safe base64 without padding, as every part of web push writes it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """Back again. Raises ValueError."""
    return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def is_browser_key(text: str) -> bool:
    """Whether this is a point of the curve, as browsers write their public key."""
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_text(text))
    except ValueError:
        return False
    return True


def is_browser_secret(text: str) -> bool:
    """Whether these are the sixteen bytes that a browser gives out beside its key."""
    try:
        return len(from_text(text)) == _SECRET_BYTES
    except ValueError:
        return False


def new_key() -> str:
    """A private key for the setting WEB_PUSH_KEY."""
    from cryptography.hazmat.primitives.asymmetric import ec

    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return to_text(number.to_bytes(_KEY_BYTES, "big"))


def application_key() -> str:
    """The public half: browsers subscribe for whoever has the other one."""
    from events.push.encryption import public_bytes

    return to_text(public_bytes(_private(settings.WEB_PUSH_KEY).public_key()))


@lru_cache(maxsize=4)
def _private(text: str) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.derive_private_key(int.from_bytes(from_text(text), "big"), ec.SECP256R1())


def authorization(endpoint: str) -> str:
    """The header that says who sends, to the service at ``endpoint`` alone."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + _GOOD_FOR_S,
        "sub": _contact(),
    }
    head = {"typ": "JWT", "alg": "ES256"}
    signed = ".".join(to_text(json.dumps(part).encode()) for part in (head, claims))
    der = _private(settings.WEB_PUSH_KEY).sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    # JWT wants the two numbers one after the other: https://www.rfc-editor.org/rfc/rfc7518#section-3.4
    pair = b"".join(number.to_bytes(_KEY_BYTES, "big") for number in decode_dss_signature(der))
    return f"vapid t={signed}.{to_text(pair)}, k={application_key()}"


def _contact() -> str:
    """Whom a service writes to when something is wrong with what we send."""
    address = str(settings.DEFAULT_FROM_EMAIL)
    return f"mailto:{address.rpartition('<')[2].rstrip('>')}"
