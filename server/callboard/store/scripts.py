"""Lua files put together with their prelude, and run by their fingerprint in one round trip."""

import hashlib
from functools import cache, partial
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError

from callboard.store.copies import acknowledged, wanted
from callboard.store.redis import Connection

_LUA = files("callboard.store") / "lua"


@cache
def source(name: str) -> str:
    """A transition of one location: prelude, the file and the picture as functions, epilogue."""
    behind = f"{_function('transition()', name)}\n{_function('picture(look)', 'picture')}"
    return f"{text('prelude')}\n{behind}\n{text('epilogue')}"


@cache
def picture() -> str:
    """The picture alone, of what the arguments ask for."""
    return f"{text('prelude')}\n{_function('picture(look)', 'picture')}\nreturn picture(arg)"


@cache
def crowd() -> str:
    """The picture, and behind it what tells many phones where they stand."""
    return f"{text('prelude')}\n{_function('picture(look)', 'picture')}\n{text('crowd')}"


def _function(head: str, name: str) -> str:
    return f"local function {head}\n{text(name)}\nend"


@cache
def text(name: str) -> str:
    """A script file as it stands."""
    return (_LUA / f"{name}.lua").read_text("utf-8")


async def run(connection: Connection, script: str, keys: list[str], args: list[str]) -> Any:
    """One script, one round trip, acknowledged as the connection demands. It is repeated while the store is away or too
    few have copied what it did, so it must act at most once."""

    async def attempt() -> Any:
        if connection.copies is None:
            connection.copies = await wanted(connection.client)
        if not connection.copies:
            return await _once(connection, script, keys, args)
        ask = partial(acknowledged, connection, connection.copies, keys)
        try:
            return await ask("EVALSHA", _fingerprint(script), len(keys), *keys, *args)
        except NoScriptError:
            return await ask("EVAL", script, len(keys), *keys, *args)

    return await connection.call(attempt)


async def look(connection: Connection, script: str, keys: list[str], args: list[str]) -> Any:
    """One script that changes nothing, in one round trip."""
    return await connection.call(partial(_once, connection, script, keys, args))


async def _once(connection: Connection, script: str, keys: list[str], args: list[str]) -> Any:
    try:
        return await connection.client.evalsha(_fingerprint(script), len(keys), *keys, *args)
    except NoScriptError:  # a new or restarted store: hand it the text
        return await connection.client.eval(script, len(keys), *keys, *args)


@cache
def _fingerprint(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
