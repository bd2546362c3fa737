"""What only one browser can read: Message Encryption for Web Push (RFC 8291), in the coding aes128gcm (RFC 8188)."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from callboard.p256 import CURVE, new_key, point

LONGEST = 3800  # bytes: a push service has to take 4096 with all that is around them (RFC 8030, 7.2)
RECORD = 4096  # one record is as long at most, and there is one only
LAST = b"\x02"  # stands behind the content of the last record


def sealed(content: bytes, p256dh: bytes, auth: bytes, random: Callable[[int], bytes]) -> bytes:
    """The body to send to a browser that gave `p256dh` (its public key) and `auth` (a secret of both).

    Raises ValueError for a key that is none, and for content that is too long.
    """
    if len(content) > LONGEST:
        raise ValueError(f"longer than {LONGEST} bytes")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, p256dh)
    ours = new_key(random)
    mine, salt = point(ours.public_key()), random(16)
    shared = ours.exchange(ec.ECDH(), theirs)
    secret = _derived(shared, auth, b"WebPush: info\0" + p256dh + mine, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4) + bytes([len(mine)]) + mine
    return head + AESGCM(key).encrypt(nonce, content + LAST, None)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
