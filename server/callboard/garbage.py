"""When Python looks for garbage that hangs in loops: a look stops everybody, the longer the more are connected."""

import asyncio
import gc
import logging
import sys
import time

from callboard.endless import goes_on

LOOK_S = 60.0
FEW = 50_000  # pieces of memory more than after the start: some 20,000 objects, looked at in under ten milliseconds
PATIENCE_S = 86_400.0  # so long garbage may lie about while there are never so few

log = logging.getLogger(__name__)


def collect_the_young() -> None:
    """By itself only what is new is looked at from now on, a few objects at a time: with ten thousand phones
    a look at everything takes 70 ms. What start has made is not looked at ever again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000, 5, sys.maxsize >> 33)


async def collect_in_quiet(look_s: float = LOOK_S, few: int = FEW, patience_s: float = PATIENCE_S) -> None:
    """Looks at everything now and then: when there is little, and else when it has not been done for very long."""
    collect_the_young()
    at_first = sys.getallocatedblocks()
    now = asyncio.get_running_loop().time
    looked_at = now()
    while goes_on():
        await asyncio.sleep(look_s)
        more = sys.getallocatedblocks() - at_first  # to count objects takes longer than may be
        if more <= few or now() - looked_at >= patience_s:
            began = time.perf_counter()
            gc.collect()
            log.debug("garbage=collected blocks=%d ms=%.1f", more, (time.perf_counter() - began) * 1000)
            looked_at = now()
