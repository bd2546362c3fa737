"""Ten thousand messages through providers that lie, by notifiers that are killed a hundred times."""

from pathlib import Path

import pytest

from messages.campaign import Sabotage, campaign
from messages.points import NAMES

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1200)]

SABOTAGES = {
    "missing": Sabotage(
        "delivery/worker.py",
        "        events = await group.read(count=BATCH, block_ms=block_ms, idle_ms=idle_ms, done=done)\n",
        "        await group.ack(events := await group.read(count=BATCH, block_ms=block_ms, done=done))\n",
    ),
    "doubled: text": Sabotage("notify/send.py", "        if delivery.trying and (", "        if not delivery and ("),
    "doubled: mail": Sabotage(
        "notify/mail.py", 'f"<{delivery.replace', "f\"<{__import__('time').time_ns()}{delivery.replace"
    ),
    "stale": Sabotage("delivery/attempt.py", "        if self._clock() < delivery.until:\n", "        if True:\n"),
    "out of order": Sabotage(
        "notify/send.py", "        return overtaken(delivery,", "        return None and overtaken(delivery,"
    ),
}


async def test_ten_thousand_messages_and_a_hundred_kills(tmp_path: Path) -> None:
    told = await campaign(tmp_path, messages=10_000, kills=100, lines=40)
    print(told.figures())
    assert told.faults == []
    assert told.kills.total() == 100
    assert set(told.kills) >= set(NAMES)
    assert {"true 403", "forged 204"}.isdisjoint(told.callbacks)


@pytest.mark.parametrize("fault", SABOTAGES)
async def test_each_promise_is_broken_by_one_line(tmp_path: Path, fault: str) -> None:
    """What the checker says is what that line is there for."""
    told = await campaign(tmp_path, messages=900, kills=8, lines=12, sabotage=SABOTAGES[fault])
    print(told.figures())
    assert any(each.startswith(fault.partition(":")[0]) for each in told.faults)
