"""Killed again and again, with two workers and a receiver that fails: nothing is lost, and no ticket's order is."""

import asyncio
import random
from collections import defaultdict

import pytest

from callboard.delivery.attempt import CRASHES
from callboard.domain.model import CloseReason
from callboard.store.outbox import LEASE_MS
from webhooks.conftest import Office
from webhooks.receiver import Answer

WALK = ["joined", "called", "started", "finished"]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_kills_lose_nothing_and_keep_each_tickets_order(office: Office, seed: int) -> None:
    dice = random.Random(seed)
    await office.watch()
    office.receiver.answers["/hook"] += [dice.choice([Answer(), Answer(503), Answer(lose=True)]) for _ in range(60)]
    for kill in range(CRASHES - 1):  # one that is under way at each of them is still not given up
        for _ in range(3):
            ticket = await office.join()
            await office.store.call(ticket.id, desk="d1")
            await office.store.start(ticket.id)
            await office.store.finish(ticket.id)
            extra = await office.join()
            await office.store.cancel(extra.id, reason=CloseReason.STAFF)
        async with asyncio.timeout(20):
            runs = [asyncio.create_task(office.another(f"{kill}-{each}").run()) for each in range(2)]
            await asyncio.sleep(dice.random() * 0.06)
            for run in runs:
                run.cancel()
            await asyncio.wait(runs)
        office.clock.pass_(ms=LEASE_MS)
    for _ in range(80):  # more than there are refusals: a lane that was refused tries one at a time
        await office.tell(ms=LEASE_MS)
    assert {state for state, _ in await office.ends()} == {"sent"}
    first: dict[str, list[str]] = defaultdict(list)
    for got in office.receiver.got:
        said = got.json()
        if said["kind"] not in first[said["ticket"]]:
            first[said["ticket"]].append(said["kind"])
    assert len(first) == 24
    assert all(kinds in (WALK, ["joined", "cancelled"]) for kinds in first.values()), first
    by_id = defaultdict(set)
    for got in office.receiver.got:
        by_id[got.id].add(got.body)
    assert len(by_id) == 12 * 6, "what is repeated has the same id, and nothing else has it"
