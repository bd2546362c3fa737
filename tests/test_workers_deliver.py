"""Several processes share what is to be sent: each text and each webhook goes out once, whichever of them sends it."""

import asyncio
import os
import re
import signal
import time
from asyncio import timeout
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from ledger import SITE
from notify.carrier import SID, TOKEN, Carrier
from processes import until, workers
from running import Running, administrator, serving, visitor
from webhooks.receiver import Receiver

pytestmark = pytest.mark.timeout(120)

WORKERS = 3
PEOPLE = 24
EVENTS = 3  # joined, called, finished


async def test_each_text_and_each_webhook_goes_out_once_and_a_tickets_in_order(tmp_path: Path) -> None:
    """Also when one is told to stop in the middle: what it has begun it ends, and the others do the rest."""
    async with Carrier(lambda: time.time_ns() // 1_000_000).serve() as carrier, Receiver().serve() as receiver:
        watch = f'watches = [{{ shape = "ombori", address = "{receiver.base}/hook" }}], finish_on_next'
        (tmp_path / "site.toml").write_text(SITE.replace("finish_on_next", watch, 1))
        settings = {
            "workers": WORKERS,
            "site": "site.toml",
            "join_per_minute": 10_000,
            "twilio_account_sid": SID,
            "twilio_auth_token": TOKEN,
            "twilio_from": "+15005550006",
            "twilio_api_base": carrier.base,
            "webhook_private_networks": "127.0.0.0/8",
        }
        async with serving(tmp_path, **settings) as server, administrator(server) as client:
            assert (await client.post("/api/v1/desks/d3/open")).status_code == 200

            async def visit(number: int) -> None:
                async with visitor(server) as someone:
                    person = {"queue": "a", "phone": f"+4474001234{number:02d}"}
                    assert (await someone.post("/api/v1/tickets", json=person)).status_code == 201

            await asyncio.gather(*map(visit, range(PEOPLE)))
            for number in range(PEOPLE):
                called = (await client.post("/api/v1/desks/d3/call_next")).json()["ticket"]["id"]
                await client.post(f"/api/v1/tickets/{called}/finish", json={"desk": "d3"})
                if number == PEOPLE // 2:
                    os.kill(min(workers(server)), signal.SIGTERM)
            async with timeout(40):
                while len({got.id for got in receiver.got}) < EVENTS * PEOPLE:
                    await receiver.until("/hook", len(receiver.got) + 1)
            await until(lambda: len(ended(server, "taken")) == len(ended(server, "your_turn")) == PEOPLE, 40)
            assert repeated(got.id for got in receiver.got) == []
            assert repeated((form["To"], form["Body"]) for form in carrier.accepted) == []
            assert repeated(ended(server, r"\S+")) == []


def ended(server: Running, kind: str) -> list[str]:
    """The deliveries of which a worker has logged what came of them."""
    return re.findall(rf"delivery=({kind}:\S+) state=", server.log.text)


def repeated(items: Iterable[object]) -> list[object]:
    return [item for item, times in Counter(items).items() if times > 1]
