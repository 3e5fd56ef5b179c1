"""Encrypts a message for one browser, so that the push service in between cannot read it.

https://www.rfc-editor.org/rfc/rfc8291 over https://www.rfc-editor.org/rfc/rfc8188 (aes128gcm).
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# One record holds it all; services take bodies of up to 4,096 bytes.
RECORD_BYTES: Final = 4096
SALT_BYTES: Final = 16
# Header, the delimiter of the last record, and the tag.
LONGEST_MESSAGE: Final = RECORD_BYTES - (SALT_BYTES + 4 + 1 + 65) - 1 - 16
_LAST_RECORD: Final = b"\x02"


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """The 65 bytes of an uncompressed point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypted(
    message: bytes,
    browser_key: bytes,
    secret: bytes,
    own: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body for the push service.

    ``browser_key`` (65 bytes) and ``secret`` (16 bytes) are what the browser gave out as
    ``p256dh`` and ``auth``. ``own`` and ``salt`` are made anew unless a test names them.
    Raises ValueError for a key that is no point of the curve, or a message that is too long.
    """
    if len(message) > LONGEST_MESSAGE:
        raise ValueError("The message is too long for one record.")
    own = own or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(SALT_BYTES)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser_key)
    sender = public_bytes(own.public_key())
    shared = own.exchange(ec.ECDH(), theirs)
    material = derived(secret, shared, b"WebPush: info\0" + browser_key + sender, 32)
    key = derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derived(salt, material, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(sender)]) + sender
    return header + AESGCM(key).encrypt(nonce, message + _LAST_RECORD, None)


def derived(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256, both steps."""
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)
