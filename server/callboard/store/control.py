"""The few commands that the keeper of the private store sends to it: are you there, write no more, end."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError
from redis.maint_notifications import MaintNotificationsConfig

POLL_S = 0.005


class Control:
    """Commands to the server behind one socket, over its restarts. Nothing is retried and nothing waits long."""

    def __init__(self, socket: Path) -> None:
        self._client: Any = Redis(
            unix_socket_path=str(socket),
            socket_timeout=5,
            retry=Retry(NoBackoff(), 0),
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )

    async def answers(self, gone: asyncio.Event, silence_s: float) -> bool:
        """True once the server answers; False when it is gone, or says nothing for `silence_s`.

        While it reads its data it says so, and that may take as long as it likes.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + silence_s
        while not gone.is_set() and now() < deadline:
            try:
                await self._client.ping()
                return True
            except BusyLoadingError:
                deadline = now() + silence_s
            except (RedisError, OSError):
                pass  # it does not listen yet
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await gone.wait()
        return False

    async def only_reads(self, yes: bool) -> bool:
        """Makes the server refuse writes (NOREPLICAS) or take them again; False when it could not be told.

        Asking for a replica that does not exist is the one switch that refuses every write, in a script before its
        first one, and lets every read through.
        """
        try:
            await self._client.config_set("min-replicas-to-write", int(yes))
        except (RedisError, OSError):
            return False
        return True

    async def end(self) -> None:
        """Asks the server to end in good order. No answer comes: it hangs up."""
        with contextlib.suppress(RedisError, OSError):
            await self._client.execute_command("SHUTDOWN")

    async def close(self) -> None:
        await self._client.aclose()
