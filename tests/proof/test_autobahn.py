"""Autobahn's whole suite against what live WebSockets are made of, on both loops and over TLS."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from certified import certified
from hub.autobahn import Absent, fuzz, suite
from hub.echo import echoing

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

# A text that is no UTF-8 is refused when its frame is whole, and not amid the frame as the strictest would; a client
# that goes on after its goodbye, and codes above 4999, have no answer that the suite calls right or wrong.
OTHER = {
    ("6.4.3", "NON-STRICT"),
    ("6.4.4", "NON-STRICT"),
    ("7.1.6", "INFORMATIONAL"),
    ("7.13.1", "INFORMATIONAL"),
    ("7.13.2", "INFORMATIONAL"),
}


@pytest.fixture(scope="module")
def program() -> Path:
    try:
        return suite()
    except Absent as absent:
        pytest.skip(str(absent))


@pytest.mark.parametrize(
    ("loop", "scheme"), [(asyncio.new_event_loop, "ws"), (uvloop.new_event_loop, "ws"), (uvloop.new_event_loop, "wss")]
)
def test_no_case_fails(
    program: Path, loop: Callable[[], asyncio.AbstractEventLoop], scheme: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with echoing(**(certified()[0] if scheme == "wss" else {})) as port:
            verdicts = await fuzz(program, f"{scheme}://127.0.0.1:{port}", tmp_path)
        assert len(verdicts) > 290
        found = {(each.case, word) for each in verdicts for word in (each.talk, each.end) if word != "OK"}
        assert found <= OTHER

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())
