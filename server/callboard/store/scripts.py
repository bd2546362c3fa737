"""Lua files put together with their prelude, and run by their fingerprint in one round trip."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError

from callboard.store.redis import Connection

_LUA = files("callboard.store") / "lua"


@cache
def source(name: str) -> str:
    """A transition or read of one location: prelude, the file as a function, epilogue."""
    return f"{text('prelude')}\nlocal function transition()\n{text(name)}\nend\n{text('epilogue')}"


@cache
def text(name: str) -> str:
    """A script file as it stands."""
    return (_LUA / f"{name}.lua").read_text("utf-8")


async def run(connection: Connection, script: str, keys: list[str], args: list[str]) -> Any:
    """One script, one round trip. It is repeated while the store is away, so it must act at most once."""
    fingerprint = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()

    async def ask() -> Any:
        try:
            return await connection.client.evalsha(fingerprint, len(keys), *keys, *args)
        except NoScriptError:  # a new or restarted store: hand it the text
            return await connection.client.eval(script, len(keys), *keys, *args)

    return await connection.call(ask)
