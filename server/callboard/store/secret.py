"""Secrets that are made here, and what is kept of them."""

import hashlib
import hmac


def fingerprint(secret: str) -> str:
    """What the store keeps: enough to know a secret again, and no way back. Good for random secrets only."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compared in the same time wherever they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
