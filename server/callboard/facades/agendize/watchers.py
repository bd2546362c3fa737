"""Watches of a queue: made, listed, read, removed."""

from typing import Any

from callboard.domain.directory import Unknown
from callboard.domain.watch import Watch
from callboard.errors import Invalid, Mistake
from callboard.facades.agendize.finding import queue_of
from callboard.facades.agendize.kept import FACADE
from callboard.facades.agendize.watch_models import OfType, SentWatch, Watcher, Watchers
from callboard.facades.agendize.watching import OBJECT_TYPE, watch_of, watcher
from callboard.foreign.operation import Asked
from callboard.http import Problem
from callboard.store.watches import Full


async def watch(asked: Asked[SentWatch, Any], version: str) -> Watcher:
    """Tells the address of every change of a registration of the queue from now on."""
    _, queue = queue_of(asked)
    services, organization = asked.services, asked.caller.organization
    made = watch_of(asked.body, organization, queue.id, version)
    known = await services.accounts.signing.of(organization, made.signing_keys)
    if missing := set(made.signing_keys) - {key.id for key in known}:
        raise Invalid([Mistake("signature.cryptoKeyIds", f"no key has the id {min(missing)!r}")])
    try:
        return watcher(await services.watches.add(made), services.directory)
    except Full:
        raise Problem(409, "too_many_watches", "The account has as many watches as it may; remove one first.") from None


async def list_(asked: Asked[Any, OfType]) -> Watchers:
    """Those that were made here, oldest first; of another type of object there are none."""
    found = await asked.services.watches.list(asked.caller.organization)
    wanted = asked.query.object_type in (None, "", OBJECT_TYPE)
    return Watchers(
        items=[watcher(each, asked.services.directory) for each in found if wanted and each.shape == FACADE]
    )


async def get(asked: Asked[Any, Any]) -> Watcher:
    return watcher(await _watch(asked), asked.services.directory)


async def delete(asked: Asked[Any, Any]) -> None:
    found = await _watch(asked)
    await asked.services.watches.remove(found.organization, found.id)


async def _watch(asked: Asked[Any, Any]) -> Watch:
    found = await asked.services.watches.get(asked.caller.organization, asked.ids["watcherId"])
    if found is None or found.shape != FACADE:
        raise Unknown("watch", asked.ids["watcherId"])
    return found
