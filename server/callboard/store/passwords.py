"""Passwords: how they are read, hashed and checked, without stopping the event loop or filling the memory."""

import asyncio
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

T = TypeVar("T")

SHORTEST = 10
LONGEST = 256
AT_ONCE = 2  # each takes 64 MiB and a core for a tenth of a second
QUEUE = 20


class Busy(Exception):
    """Too many passwords wait to be checked."""


class Passwords:
    """argon2id, with the parameters of the library's defaults (RFC 9106, low memory) unless told otherwise."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._under_way = 0
        self._nobody = ""

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(_plain(password)))

    async def matches(self, hash: str | None, password: str) -> bool:
        """Whether this is the password. For nobody's hash it takes as long as for somebody's, and is not."""
        self._nobody = self._nobody or await self.hash("whoever this is")
        fits = await self._run(lambda: self._fits(hash or self._nobody, password))
        return fits and hash is not None

    def _fits(self, hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(hash, _plain(password))
        except (VerifyMismatchError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._under_way >= QUEUE:
            raise Busy
        self._under_way += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._under_way -= 1


def weakness(password: str, name: str) -> str:
    """What is wrong with a password as one, in words; empty for nothing. Length is what counts."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"must be {SHORTEST} to {LONGEST} characters"
    if _plain(password).casefold() == _plain(name).strip().casefold():
        return "must not be the name"
    return "must not be one character again and again" if len(set(password)) == 1 else ""


def _plain(password: str) -> str:
    """The same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)
