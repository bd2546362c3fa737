"""Subscriptions of other systems, by organization: what they are, how each fares, and the tokens they were given."""

import os
from collections.abc import Callable
from functools import partial

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from callboard.domain.watch import Watch
from callboard.store import scripts
from callboard.store.keys import watches_key
from callboard.store.redis import Connection

LATELY_MS = 36 * 3_600_000  # longer than the longest pause between two attempts
MOST = 1000  # watches of one organization


class Full(Exception):
    """The organization has as many watches as it may."""


class Fares(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a watch fares. Moments are ms since 1970; `detail` is what came of the last attempt."""

    detail: str = ""
    delivered_at: int | None = None  # last
    failed_at: int | None = None  # last
    failing_since: int | None = None  # nothing was delivered since, though tried within each day and a half
    disabled_at: int | None = None  # the receiver wanted no more, or failed for too long


class Token(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An access token, good until a moment, for as long as the watch asks for it in the way `asked` stands for."""

    asked: str
    access: str
    until: int
    refresh: str = ""  # the refresh token that came in the place of the watch's own


class Watches:
    """A watch that stands in a site file is stored here only once it was changed. All raise StoreAway."""

    def __init__(
        self, connection: Connection, clock: Callable[[], int], random: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._random = random

    async def add(self, watch: Watch) -> Watch:
        """With its new id. Raises Full."""
        made = replace(watch, id=self._random(12).hex(), created_at=self._clock())
        if await self._put(made, "") == "full":
            raise Full
        return made

    async def get(self, organization: str, id: str) -> Watch | None:
        """None for what does not belong to the organization, and for what stands in a site file."""
        raw = await self._raw(organization, id)
        watch = msgspec.json.decode(raw, type=Watch) if raw else None
        return None if watch is None or watch.fixed else watch

    async def list(self, organization: str, queue: str | None = None) -> list[Watch]:
        """Those of a queue, or all, oldest first; without those that stand in a site file."""
        found = (await self.all(organization)).values()
        own = [watch for watch in found if not watch.fixed and queue in (None, watch.queue)]
        return sorted(own, key=lambda watch: (watch.created_at, watch.id))

    async def all(self, organization: str) -> dict[str, Watch]:
        """By id, those of the site file that were changed too."""
        ask = partial(self._connection.client.hgetall, watches_key(organization, "watches"))
        raws = await self._connection.call(ask)
        return {id: msgspec.json.decode(raw, type=Watch) for id, raw in raws.items()}

    async def replace(self, watch: Watch) -> bool:
        """It is as this from now on. False when it is there no more."""
        while True:
            before = await self._raw(watch.organization, watch.id)
            if not before and not watch.fixed:
                return False
            if await self._put(watch, before) == "done":
                return True

    async def remove(self, organization: str, id: str) -> bool:
        """With its tokens. False when there is none such, or it stands in a site file."""
        if await self.get(organization, id) is None:
            return False
        for name in ("tokens", "fares"):
            await self._drop(organization, name, id)
        return await self._drop(organization, "watches", id)

    async def disable(self, watch: Watch, why: str) -> None:
        """Nothing is sent to it any more, until somebody enables it."""
        if await self.replace(replace(watch, enabled=False)):
            await self._write(watch, "fares", Fares(detail=why, failed_at=self._clock(), disabled_at=self._clock()))

    # How they fare

    async def fares(self, organization: str) -> dict[str, Fares]:
        """By the watch's id; those that nothing was ever sent to are missing."""
        ask = partial(self._connection.client.hgetall, watches_key(organization, "fares"))
        raws = await self._connection.call(ask)
        return {id: msgspec.json.decode(raw, type=Fares) for id, raw in raws.items()}

    async def note(self, watch: Watch, detail: str, *, delivered: bool) -> Fares:
        """What came of an attempt, and how it fares now. Of two at once, the later one is remembered."""
        now = self._clock()
        raw = await self._read(watch, "fares")
        before = msgspec.json.decode(raw, type=Fares) if raw else Fares()
        if delivered:
            after = Fares(detail=detail, delivered_at=now, failed_at=before.failed_at)
        else:
            lately = before.failed_at is not None and now - before.failed_at < LATELY_MS
            since = before.failing_since if before.failing_since is not None and lately else now
            after = replace(before, detail=detail, failed_at=now, failing_since=since)
        await self._write(watch, "fares", after)
        return after

    # Their tokens

    async def token(self, watch: Watch) -> Token | None:
        """The last that was kept, be it over or not."""
        raw = await self._read(watch, "tokens")
        return msgspec.json.decode(raw, type=Token) if raw else None

    async def keep_token(self, watch: Watch, token: Token) -> None:
        await self._write(watch, "tokens", token)

    async def _put(self, watch: Watch, before: str) -> str:
        arg = {"id": watch.id, "before": before, "after": _text(watch), "most": MOST}
        keys = [watches_key(watch.organization, "watches")]
        return str(await scripts.run(self._connection, scripts.text("put_watch"), keys, [_text(arg)]))

    async def _raw(self, organization: str, id: str) -> str:
        key = watches_key(organization, "watches")
        raw: str | None = await self._connection.call(lambda: self._connection.client.hget(key, id))
        return raw or ""

    async def _read(self, watch: Watch, name: str) -> str | None:
        ask = partial(self._connection.client.hget, watches_key(watch.organization, name), watch.id)
        raw: str | None = await self._connection.call(ask)
        return raw

    async def _write(self, watch: Watch, name: str, value: Struct) -> None:
        ask = partial(self._connection.client.hset, watches_key(watch.organization, name), watch.id, _text(value))
        await self._connection.call(ask)

    async def _drop(self, organization: str, name: str, id: str) -> bool:
        ask = partial(self._connection.client.hdel, watches_key(organization, name), id)
        return bool(await self._connection.call(ask))


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
