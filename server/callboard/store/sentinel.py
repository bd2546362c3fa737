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
        await self.get_master_address()


class Primary(Redis):
    """The service's primary, with the Sentinels that tell which it is."""

    sentinel: Sentinel
    service: str

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        await self.sentinel.aclose()


def primary(address: Address, asking: dict[str, Any], **kwargs: Any) -> Primary:
    """`asking` is how each Sentinel is spoken to besides, `kwargs` how the primary is."""
    told = asking | {"socket_timeout": ASK_S, "socket_connect_timeout": ASK_S, "decode_responses": True}
    told |= {"username": address.sentinel_username, "password": address.sentinel_password}
    sentinel = Sentinel(list(address.hosts), sentinel_kwargs=told)
    pool = PrimaryPool(address.service, sentinel, username=address.username, password=address.password, **kwargs)
    client = Primary.from_pool(pool)
    client.sentinel, client.service = sentinel, address.service
    return client


async def replicas_of(client: Primary) -> dict[str, Redis]:
    """Those that the Sentinels know and think are there, by HOST:PORT; each client has to be closed."""
    found = await client.sentinel.discover_slaves(client.service)
    spoken = client.connection_pool.connection_kwargs
    how = {name: spoken[name] for name in ("username", "password", "retry", "decode_responses", "socket_timeout")}
    return {f"{host}:{port}": Redis(**how, host=host, port=port) for host, port in found}
