"""The carrier's own description of its API, served by prism, accepts every request that we make."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from callboard.delivery.model import Answer, Delivery, Sent
from callboard.notify.render import Message
from callboard.notify.sms import Account, Sms
from conftest import START, Clock

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

PRISM, DESCRIBED = "@stoplight/prism-cli@5.14.2", "@twilio-alpha/mcp@0.7.0"  # which carries the carrier's documents
DOCUMENT = "node_modules/@twilio-alpha/mcp/twilio-oai/spec/json/twilio_api_v2010.json"
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
SID = "AC" + "0" * 32
TEXT = Message(language="sv", text="Kullens mottagning: A017, det är din tur & nu!", venue="Kullens mottagning")
TURN = Delivery(
    id="your_turn:t1:sms:7", kind="your_turn", lane="sms", location="main", ticket="t1", at=START, until=START + 300_000
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no node and npm on this machine")
    home = tmp_path_factory.mktemp("prism")
    install = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", PRISM, DESCRIBED]
    done = subprocess.run(install, cwd=home, capture_output=True, text=True, timeout=400)
    if done.returncode:
        pytest.skip(f"prism and the carrier's documents are not to be had: {done.stderr[-200:]}")
    whole = json.loads((home / DOCUMENT).read_text("utf-8"))
    whole["paths"] = {MESSAGES: whole["paths"][MESSAGES]}
    (home / "messages.json").write_text(json.dumps(whole), "utf-8")
    return home


@asynccontextmanager
async def prism(home: Path) -> AsyncIterator[str]:
    """It answers 422 to what the document does not allow. That its own examples break its rules is let be."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node_modules/.bin/prism", "mock", "-h", "127.0.0.1", "-p", str(port), "messages.json"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=home, env=os.environ | {"NO_COLOR": "1"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        assert process.stdout
        async with asyncio.timeout(120):
            while line := await process.stdout.readline():
                if re.search(rb"Prism is listening", line):
                    break
        drain = asyncio.create_task(process.stdout.read())
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        await drain
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _mark(text: str) -> None:
    return None


async def send(base: str, delivery: Delivery = TURN, to: str = "+46701740605", **account: str) -> Answer:
    sms = Sms(Account(sid=SID, token="secret", api_base=base, **account), Clock(), 30)
    try:
        answer = await sms.send(to, TEXT, delivery, _mark)
        if isinstance(answer, Sent):
            found = await sms.find(to, replace(delivery, trying="what was not sent", trying_at=START))
            assert found is None, found
        return answer
    finally:
        await sms.close()


async def test_the_carriers_description_accepts_what_we_send_and_ask(installed: Path) -> None:
    callbacks = "https://queue.example.org/carrier/status"
    accounts: list[dict[str, Any]] = [
        {"sender": "+46700000001"},
        {"sender": "Hilltop"},
        {"service": "MG" + "a" * 32},
        {"sender": "+46700000001", "service": "MG" + "a" * 32, "callbacks": callbacks},
    ]
    async with prism(installed) as base:
        for account in accounts:
            assert isinstance(await send(base, **account), Sent), account
        late = replace(TURN, until=START + 999_999_999)
        assert isinstance(await send(base, late, sender="+46700000001"), Sent)


async def test_it_refuses_what_it_does_not_describe(installed: Path) -> None:
    """So that the other test could fail."""
    async with prism(installed) as base:
        assert not isinstance(await send(base, service="not one", callbacks="no address"), Sent)
