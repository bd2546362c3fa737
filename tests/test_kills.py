"""The private store is killed under load: nothing acknowledged is lost, nothing happens twice, everybody recovers.

The long campaign, in which the server is killed too, is in proof/test_kills.py.
"""

import asyncio
from pathlib import Path
from random import Random

import pytest

from ledger import SITE, Ledger, Watcher, watching
from running import administrator, serving

BACK_S = 3.0  # from a kill until commands are answered again


@pytest.mark.timeout(90)
async def test_the_store_killed_under_load_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    """Requests wait for it much shorter than they do by default, so that some are told to come again."""
    (tmp_path / "site.toml").write_text(SITE)
    settings = {"site": "site.toml", "join_per_minute": 10_000, "store_wait_s": 0.05}
    async with serving(tmp_path, **settings) as server, administrator(server) as client:
        ledger = Ledger(client, Random(7))
        first = await ledger.command("join", "tickets", queue="a")
        screen, phone = Watcher(server.live("board/tv")), Watcher(server.live(f"ticket/{first.token}"))
        async with watching(screen, phone):
            async with ledger.load():
                for _ in range(3):
                    await ledger.reach(len(ledger.answered) + 60)
                    server.kill_store()
                    async with asyncio.timeout(BACK_S):
                        await ledger.reach(len(ledger.answered) + 12)
                await ledger.reach(len(ledger.answered) + 60)
            await ledger.check()
            await screen.agrees(client, "/live/board/tv")
            await phone.agrees(client, f"/live/ticket/{first.token}")
        assert (screen.connections, phone.connections) == (1, 1)
    assert ledger.statuses[503] > 0
    assert server.log.text.count("store=restarted") == 3
    assert set(ledger.statuses) <= {200, 201, 409, 503}
