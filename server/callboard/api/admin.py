"""What whoever administers should see: how honest the waits are, and what the store may lose."""

import asyncio
from typing import Any

import msgspec

from callboard.api.waits import kept
from callboard.auth import Caller, may
from callboard.domain.model import Location
from callboard.domain.names import name_in
from callboard.http import Forbidden
from callboard.services import Services
from callboard.store.durability import weaknesses

ROLE = "admin"


def allow_admin(caller: Caller) -> None:
    """Raises Forbidden."""
    if ROLE not in caller.roles:
        raise Forbidden("This is for administrators.")


def allow_admin_or_key(caller: Caller) -> None:
    """Whoever administers hands out the keys. Raises Forbidden."""
    if caller.kind != "key":
        allow_admin(caller)


async def overview(services: Services, caller: Caller, lang: str) -> dict[str, Any]:
    """For the page: the waits of the caller's organization; of the store what keeps it from taking writes, each way in
    which it may lose what it has acknowledged, and how many changes it had lost. Raises StoreAway."""
    directory = services.directory
    own = [location for location in directory.locations if may(caller, location.id, directory)]
    scored = await asyncio.gather(*(_scored(services, location, lang) for location in own))
    store = services.store.connection
    weak = await store.call(lambda: weaknesses(store.client))  # asked now: settings change while servers run
    return {
        "locations": scored,
        "problem": services.problem() or "",
        "weaknesses": weak,
        "lost": store.marks.lost,
    }


async def _scored(services: Services, location: Location, lang: str) -> dict[str, Any]:
    score: dict[str, Any] = msgspec.to_builtins(await kept(services, location))
    return score | {"name": name_in(location.name, lang, location.languages[0])}
