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
            "numbers_per_hour": 10_000,
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
            for kind in ("taken", "your_turn"):
                await until(lambda: len(set(ended(server, kind))) == PEOPLE, 40)  # noqa: B023 - asked before the next
            assert repeated(got.id for got in receiver.got) == []
            assert repeated((form["To"], form["Body"]) for form in carrier.accepted) == []
            assert repeated(ended(server, r"\S+", "sent")) == []


async def test_told_to_stop_it_ends_what_it_is_sending(tmp_path: Path) -> None:
    """Of a text that is cut off nobody would know whether it arrived."""
    (tmp_path / "site.toml").write_text(SITE)
    async with Carrier(lambda: time.time_ns() // 1_000_000).serve() as carrier:
        carrier.misbehave.append("hang")
        texts = {"twilio_account_sid": SID, "twilio_auth_token": TOKEN, "twilio_from": "+15005550006"}
        async with serving(tmp_path, site="site.toml", twilio_api_base=carrier.base, **texts) as server:
            async with visitor(server) as someone:
                person = {"queue": "a", "phone": "+447400123456"}
                assert (await someone.post("/api/v1/tickets", json=person)).status_code == 201
            await until(lambda: carrier.posts == 1)
            server.process.send_signal(signal.SIGTERM)
            await server.gone_deaf()
            await asyncio.sleep(1)  # longer than it has to do with anything else
            carrier.hanging.set()
            assert await server.ended() == 0
            assert len(ended(server, "taken")) == len(carrier.accepted) == 1


def ended(server: Running, kind: str, state: str = "") -> list[str]:
    """The deliveries of which a worker has logged what came of them; one that was skipped may be due again."""
    return re.findall(rf"delivery=({kind}:\S+) state={state}", server.log.text)


def repeated(items: Iterable[object]) -> list[object]:
    return [item for item, times in Counter(items).items() if times > 1]
