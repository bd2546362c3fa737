"""Who we are to a push service (RFC 8292): a token of half a day for each of them, signed with our key."""

from collections.abc import Callable
from email.utils import parseaddr
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from callboard.p256 import key_of, public_text, written
from callboard.settings import Settings

LASTS_MS = 12 * 3_600_000  # at most a day may be asked for
FRESH_MS = 3_600_000  # and so much of it is left when it is used
MOST = 256  # push services remembered


class Vapid:
    """Signs with one private key. `subject` is whom a push service can write to about us."""

    def __init__(self, private: str, subject: str, clock: Callable[[], int]) -> None:
        self._key = key_of(private)
        self._public = public_text(self._key)
        self._subject = subject
        self._clock = clock
        self._tokens: dict[str, tuple[int, str]] = {}

    def __repr__(self) -> str:
        return f"Vapid({self._public})"

    def authorization(self, origin: str) -> str:
        """The header for one push service, such as https://push.example.org."""
        until, token = self._tokens.get(origin, (0, ""))
        if until - self._clock() < FRESH_MS:
            while len(self._tokens) >= MOST:
                del self._tokens[next(iter(self._tokens))]
            until = self._clock() + LASTS_MS
            token = self._signed({"aud": origin, "exp": until // 1000, "sub": self._subject})
            self._tokens[origin] = until, token
        return f"vapid t={token}, k={self._public}"

    def _signed(self, claims: dict[str, object]) -> str:
        """A JSON Web Token with ES256: the two numbers of the signature one behind the other (RFC 7518, 3.4)."""
        head = written(msgspec.json.encode({"typ": "JWT", "alg": "ES256"}))
        said = f"{head}.{written(msgspec.json.encode(claims))}"
        r, s = utils.decode_dss_signature(self._key.sign(said.encode(), ec.ECDSA(SHA256())))
        return f"{said}.{written(r.to_bytes(32) + s.to_bytes(32))}"


def subject(settings: Settings) -> str:
    """The address that mail comes from, else that of this server; a push service may refuse who has neither."""
    _, address = parseaddr(settings.mail_from)
    if "@" in address:
        return f"mailto:{address}"
    if settings.url.startswith("https:"):
        return settings.url
    return f"mailto:callboard@{urlsplit(settings.url).hostname}"
