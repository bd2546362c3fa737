"""The long campaigns on a store that loses machines, under load by three servers."""

import os
import signal
from asyncio import sleep, timeout
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from callboard.store.keys import partition
from ledger import Ledger
from offices import Offices, offices
from store.cluster import replicated
from store.nodes import cut_off
from store.sentinels import Watched, watched

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1800)]

ROUNDS = 20
BACK_S = 60.0
HALL = partition("hall")


async def promote_a_stale_replica(service: Watched, chance: Random) -> None:
    """The primary goes on alone for a while, and dies; it comes back as a replica of who has not seen that."""
    primary, replicas = await service.primary(), await service.replicas()
    await cut_off(primary, replicas)
    await sleep(chance.uniform(0.1, 0.6))
    await primary.kill()
    for replica in replicas:
        replica.thaw()
    await service.whole(but=primary)
    await primary.start()
    await service.whole()


async def answers_again(ledger: Ledger) -> None:
    async with timeout(BACK_S):
        await ledger.reach(len(ledger.answered) + 20)


def told(hall: Offices, ledger: Ledger, seed: int) -> None:
    lost = sum("store=behind" in line for server in hall.ever for line in server.log.text.splitlines())
    print(f"seed {seed}: {len(ledger.answered)} commands answered, attempts by status {dict(ledger.statuses)}")
    print(f"losses told by all servers together: {lost}")


async def test_twenty_stale_promotions_lose_nothing_acknowledged_and_repeat_nothing(tmp_path: Path) -> None:
    """Both replicas have to have what is acknowledged: the Sentinels may promote either."""
    async with (
        watched(tmp_path) as service,
        offices(tmp_path, service.url, seed=17, store_copies="2") as (hall, ledger),
    ):
        async with ledger.load():
            for _ in range(ROUNDS):
                await sleep(ledger.chance.uniform(0.1, 0.5))
                await promote_a_stale_replica(service, ledger.chance)
                await answers_again(ledger)
        await ledger.check(gaps=True)
        await hall.agree(ledger.client)
        told(hall, ledger, 17)
    assert ledger.statuses[503] > 0


async def test_twenty_stale_promotions_without_copies_repeat_nothing_and_tell_of_every_loss(tmp_path: Path) -> None:
    async with (
        watched(tmp_path) as service,
        offices(tmp_path, service.url, seed=19, store_copies="0") as (hall, ledger),
    ):
        for _ in range(ROUNDS):
            await ledger.command("join", "tickets", queue="a")
            await hall.agree(ledger.client)
            before = hall.epochs
            primary, replicas = await service.primary(), await service.replicas()
            await cut_off(primary, replicas)
            for _ in range(ledger.chance.randrange(1, 5)):
                await ledger.command("join", "tickets", queue=ledger.chance.choice("ab"))
            await primary.kill()
            for replica in replicas:
                replica.thaw()
            async with timeout(BACK_S):
                for _ in range(6):
                    await ledger.command("join", "tickets", queue=ledger.chance.choice("ab"))
            await hall.begin_anew(before)
            await hall.agree(ledger.client)
            await primary.start()
            await service.whole()
        ledger.once()
        told(hall, ledger, 19)
    for server in hall.servers:
        assert server.log.text.count("store=behind") >= ROUNDS


async def test_primaries_and_servers_are_killed_and_slots_move_under_load(tmp_path: Path) -> None:
    async with replicated(tmp_path) as cluster, offices(tmp_path, cluster.url, seed=23) as (hall, ledger):
        async with ledger.load():
            for turn in range(ROUNDS):
                await sleep(ledger.chance.uniform(0.1, 0.5))
                primary = await cluster.primary_of(HALL)
                if turn % 2:
                    await cut_off(primary, await cluster.replicas_of(primary))
                    await sleep(ledger.chance.uniform(0.1, 0.6))
                await primary.kill()
                for node in cluster.nodes:
                    node.thaw()
                await cluster.primary_of(HALL, but=primary)
                await primary.start()
                await cluster.whole()
                await answers_again(ledger)
                await cluster.move(HALL)
                await answers_again(ledger)
                gone = hall.servers[turn % len(hall.servers)]
                os.kill(gone.pid, signal.SIGKILL)
                assert await gone.ended() == -signal.SIGKILL
                await answers_again(ledger)
                await hall.open(turn % len(hall.servers), port=gone.port)
        await ledger.check(gaps=True)
        await hall.agree(ledger.client)
        told(hall, ledger, 23)


@pytest.mark.parametrize("kind", ["service", "cluster"])
async def test_a_primary_that_falls_silent_is_left_for_the_next(tmp_path: Path, kind: str) -> None:
    """No connection to it breaks, also not those on which the events are heard."""
    store = watched(tmp_path) if kind == "service" else replicated(tmp_path)
    async with store as servers, offices(tmp_path, servers.url, seed=29, store_copies="0") as (hall, ledger):
        for _ in range(3):
            await ledger.command("join", "tickets", queue="a")
        await hall.agree(ledger.client)
        primary = await servers.primary() if isinstance(servers, Watched) else await servers.primary_of(HALL)
        primary.freeze()
        async with timeout(BACK_S):
            for _ in range(3):
                await ledger.command("join", "tickets", queue="a")
            began = monotonic()
            await hall.agree(ledger.client, BACK_S)
        print(f"screens followed {monotonic() - began:.1f} s after the commands")
        primary.thaw()
        ledger.once()
        told(hall, ledger, 29)
