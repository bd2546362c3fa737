"""A client of whichever server the Sentinels call the primary: it follows when they name another one."""

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool

from callboard.store.address import Address

ASK_S = 1.0  # how long one Sentinel may take before the next is asked


class PrimaryPool(SentinelConnectionPool, BlockingConnectionPool):
    """Bounded, and without connections to who was the primary before; those too go that were in use when it changed."""

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        if (getattr(connection, "host", None), getattr(connection, "port", None)) != self.master_address:
            await connection.disconnect()
        await super().ensure_connection(connection)

    async def look_again(self) -> None:
        """Asks who is the primary now; raises as any command when no Sentinel knows."""
        await self.get_master_address()  # type: ignore[no-untyped-call]


class Primary(Redis):
    """The primary of a service, and `watchers`, the Sentinels that tell which server that is."""

    def __init__(self, pool: PrimaryPool, watchers: Sentinel, service: str) -> None:
        super().__init__(connection_pool=pool)
        self.auto_close_connection_pool = True
        self.pool = pool
        self.watchers = watchers
        self.service = service

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        await self.watchers.aclose()


def primary(address: Address, asking: dict[str, Any], **kwargs: Any) -> Primary:
    """`asking` is how each Sentinel is spoken to besides, `kwargs` how the primary is."""
    told = asking | {"socket_timeout": ASK_S, "socket_connect_timeout": ASK_S, "decode_responses": True}
    told |= {"username": address.sentinel_username, "password": address.sentinel_password}
    watchers = Sentinel(list(address.hosts), sentinel_kwargs=told)  # type: ignore[no-untyped-call]
    kwargs |= {"username": address.username, "password": address.password}
    pool = PrimaryPool(address.service, watchers, **kwargs)  # type: ignore[no-untyped-call]
    return Primary(pool, watchers, address.service)


async def replicas_of(client: Primary) -> dict[str, Redis]:
    """Those that the Sentinels know and think are there, by HOST:PORT; each client has to be closed."""
    found: Any = await client.watchers.discover_slaves(client.service)
    spoken = client.pool.connection_kwargs
    how = {name: spoken[name] for name in ("username", "password", "retry", "decode_responses", "socket_timeout")}
    return {f"{host}:{port}": Redis(**how, host=host, port=port) for host, port in found}
