"""Keys on the curve P-256 as browsers and push services write them: bytes in base64 for addresses, without padding."""

import base64
import binascii
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()

# The order of the curve's group: a private key is a number below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def new_key(random: Callable[[int], bytes]) -> ec.EllipticCurvePrivateKey:
    """A private key. `random` gives bytes; half as many again as are needed, so that all keys are as likely."""
    return ec.derive_private_key(int.from_bytes(random(48)) % (_ORDER - 1) + 1, CURVE)


def key_of(private: str) -> ec.EllipticCurvePrivateKey:
    """One that was kept."""
    return ec.derive_private_key(int.from_bytes(read(private)), CURVE)


def private_text(key: ec.EllipticCurvePrivateKey) -> str:
    """How it is kept."""
    return written(key.private_numbers().private_value.to_bytes(32))


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """What browsers are given of it."""
    return written(point(key.public_key()))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key: 65 bytes, uncompressed."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def is_point(data: bytes) -> bool:
    """Whether it is a public key."""
    if len(data) != 65:
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)
    except ValueError:
        return False
    return True


def written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read(text: str) -> bytes:
    """What was written so, padded or not. Raises ValueError."""
    plain = text.rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
