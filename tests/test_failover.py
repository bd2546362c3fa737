"""Several servers on one store that loses machines: no number twice, nothing acknowledged lost, every screen converges.

The long campaigns are in proof/test_failover.py.
"""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from callboard.store.keys import partition
from offices import offices
from store.cluster import replicated
from store.nodes import cut_off
from store.sentinels import watched

HALL = partition("hall")
BACK_S = 30.0  # until commands are answered again, on a machine that does all of this at once


@pytest.mark.timeout(150)
async def test_a_stale_replica_that_is_promoted_repeats_nothing_and_every_screen_begins_anew(tmp_path: Path) -> None:
    """Without waiting for copies: tickets that people hold are lost, and the operator is told, but nobody else gets
    their numbers."""
    async with (
        watched(tmp_path) as service,
        offices(tmp_path, service.url, seed=3, store_copies="0") as (hall, ledger),
    ):
        for _ in range(3):
            await ledger.command("join", "tickets", queue="a")
        await hall.agree(ledger.client)
        before = hall.epochs
        primary = await service.primary()
        replicas = await service.replicas()
        await cut_off(primary, replicas)
        for _ in range(6):
            await ledger.command("join", "tickets", queue="a")
        await hall.agree(ledger.client)  # everybody has heard of them
        await primary.kill()
        for replica in replicas:
            replica.thaw()
        async with asyncio.timeout(BACK_S):
            for _ in range(6):
                await ledger.command("join", "tickets", queue="a")
        ledger.once()
        await hall.begin_anew(before)
        await hall.agree(ledger.client)
        for server in hall.servers:
            await server.log.find(r"store=behind location=hall lost=6\b")
        assert (await ledger.client.get("/readyz")).json() == {"ready": True, "lost_transitions": 6}


@pytest.mark.timeout(200)
async def test_calls_go_on_while_a_primary_and_a_server_are_killed_and_a_slot_moves(tmp_path: Path) -> None:
    async with replicated(tmp_path) as cluster, offices(tmp_path, cluster.url, seed=5) as (hall, ledger):
        async with ledger.load():
            await ledger.reach(60)
            primary = await cluster.primary_of(HALL)
            await primary.kill()
            await cluster.primary_of(HALL, but=primary)
            await primary.start()  # as whoever watches over a machine would
            async with asyncio.timeout(BACK_S):
                await ledger.reach(len(ledger.answered) + 40)
            await cluster.whole()
            await cluster.move(HALL)
            async with asyncio.timeout(BACK_S):
                await ledger.reach(len(ledger.answered) + 40)
            gone = hall.servers[1]
            os.kill(gone.pid, signal.SIGKILL)
            assert await gone.ended() == -signal.SIGKILL
            await ledger.reach(len(ledger.answered) + 20)
            await hall.open(1, port=gone.port)
            async with asyncio.timeout(BACK_S):
                await ledger.reach(len(ledger.answered) + 40)
        await ledger.check(gaps=True)
        await hall.agree(ledger.client)
    assert set(ledger.statuses) <= {0, 200, 201, 409, 503}
