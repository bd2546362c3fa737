"""Notifiers are killed while people come and go: everybody is told what is due, once, in time and in order.

The long campaign, at every named point, is in proof/test_messages.py.
"""

from pathlib import Path

import pytest

from messages.campaign import campaign


@pytest.mark.timeout(120)
async def test_notifiers_that_are_killed_leave_nobody_untold_and_tell_nobody_twice(tmp_path: Path) -> None:
    told = await campaign(tmp_path, messages=30, kills=2, lines=3, speed=15, first=2)
    print(told.figures())
    assert told.faults == []
    assert told.kills.total() == 2
    assert {"true 403", "forged 204"}.isdisjoint(told.callbacks)
