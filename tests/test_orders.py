"""What the operating system says is obeyed from the first moment, and not forgotten."""

import asyncio
import os
import signal

from callboard.orders import obeying


async def test_who_was_told_to_stop_while_it_started_knows_it_though_nothing_was_cancelled() -> None:
    """A library may swallow the cancellation that a signal is at first."""

    async def start() -> list[str]:
        done = []
        with obeying() as orders:
            assert not orders.is_told
            os.kill(os.getpid(), signal.SIGTERM)
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                done.append("swallowed")
            orders.stop = lambda: done.append("stopped")
            if orders.is_told:
                orders.stop()
            os.kill(os.getpid(), signal.SIGINT)
            async with asyncio.timeout(10):
                while done.count("stopped") < 2:  # noqa: ASYNC110 - a signal comes when the loop turns
                    await asyncio.sleep(0.001)
        return done

    assert await asyncio.create_task(start()) == ["swallowed", "stopped", "stopped"]
