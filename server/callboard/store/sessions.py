"""Sessions of staff and of customers: who signed in has a secret, the store its fingerprint."""

import base64
import re
from collections.abc import Callable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from callboard.store import scripts
from callboard.store.keys import accounts_key
from callboard.store.redis import Connection
from callboard.store.secret import fingerprint

SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


class Session(Struct, frozen=True, kw_only=True):
    user: str
    rev: int  # of the user when it began
    expires_at: int


class Sessions:
    """A session ends `ttl_ms` after it was last used, when it is ended, or with its user's `rev`."""

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], int],
        ttl_ms: int,
        random: Callable[[int], bytes],
        key: Callable[[str], str] = accounts_key,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self.ttl_ms = ttl_ms
        self._random = random
        self._key_of = key

    async def begin(self, user: str, rev: int) -> str:
        """The secret of a new session."""
        token = base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=")
        session = Session(user=user, rev=rev, expires_at=self._clock() + self.ttl_ms)
        value = _encode(session)
        await self._connection.call(lambda: self._connection.client.set(self._key(token), value, px=self.ttl_ms))
        return token

    async def find(self, token: str) -> Session | None:
        if not SHAPE.fullmatch(token):
            return None
        return self._read(await self._connection.call(lambda: self._connection.client.get(self._key(token))))

    async def find_with_user(self, token: str, records: str) -> tuple[Session | None, str | None]:
        """As `find`, and in the same trip what stands of its user in the hash `records`, which is of the same slot."""
        if not SHAPE.fullmatch(token):
            return None, None
        script = scripts.text("session_and_user")
        raw, record = await scripts.run(self._connection, script, [self._key(token), records], [])
        return self._read(raw), record

    async def extend(self, token: str, session: Session) -> None:
        """It was used. Written now and then only, since every write waits for the disk; one that was ended meanwhile
        stays ended."""
        now = self._clock()
        if session.expires_at - now > 0.9 * self.ttl_ms:
            return
        value = _encode(replace(session, expires_at=now + self.ttl_ms))
        key = self._key(token)
        await self._connection.call(lambda: self._connection.client.set(key, value, px=self.ttl_ms, xx=True))

    async def end(self, token: str) -> None:
        await self._connection.call(lambda: self._connection.client.delete(self._key(token)))

    def _read(self, raw: str | None) -> Session | None:
        session = None if raw is None else msgspec.json.decode(raw, type=Session)
        return session if session and session.expires_at > self._clock() else None

    def _key(self, token: str) -> str:
        return self._key_of(f"session:{fingerprint(token)}")


def _encode(session: Session) -> str:
    return msgspec.json.encode(session).decode()
