"""Signatures by which a receiver knows that something came from us, unchanged: HMAC-SHA256, one a key."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from multidict import CIMultiDict

from callboard.store.signing_keys import SigningKey


def signed(id: str, at: int, body: bytes, keys: Sequence[SigningKey]) -> CIMultiDict[str]:
    """The headers that say what is sent: its id, the moment (`at` in ms), and the signatures, in two ways.

    `webhook-signature` covers id, moment and body, as the Standard Webhooks specification has it; `Signature` the body
    alone, for receivers that want to know by which key.
    """
    moment = str(at // 1000)
    headers = CIMultiDict({"webhook-id": id, "webhook-timestamp": moment})
    if keys:
        content = f"{id}.{moment}.".encode() + body
        headers["webhook-signature"] = " ".join(f"v1,{_hmac(key, content)}" for key in keys)
    for key in keys:
        headers.add("Signature", f'keyId="{key.id}",algorithm="hmac-sha256",signature="{_hmac(key, body)}"')
    return headers


def _hmac(key: SigningKey, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key.material, content, hashlib.sha256)).decode()
