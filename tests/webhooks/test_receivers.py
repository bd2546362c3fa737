"""Receivers that are busy, dead, slow, gone or hostile: each waits for itself."""

import asyncio
import socket
import time

import pytest

from callboard.delivery.worker import Worker
from conftest import Clock
from webhooks.conftest import Office
from webhooks.receiver import Answer, Receiver


class Running(Clock):
    """Goes on from the tests' moment as real clocks do."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def __call__(self) -> int:
        return self.now + round((time.monotonic() - self._began) * 1000)


@pytest.fixture
def dead() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}/hook"


@pytest.mark.parametrize("answer", [Answer(500), Answer(302), Answer(404), Answer(lose=True)])
async def test_what_is_not_taken_is_sent_again_with_the_same_id(office: Office, answer: Answer) -> None:
    await office.watch()
    office.receiver.answers["/hook"].append(answer)
    await office.join()
    await office.tell()
    assert await office.records() == []
    await office.tell(ms=10_000)
    first, second = office.receiver.at("/hook")
    assert first.id == second.id and "." not in first.id
    assert await office.ends() == [("sent", "answered 204")]


async def test_no_answer_in_time_is_no_answer(office: Office) -> None:
    await office.watch()
    office.worker = office.another(timeout_s=0.05)
    office.receiver.answers["/hook"].append(Answer(hang=True))
    await office.join()
    await office.tell()
    assert (await office.watches.fares("hilltop")).popitem()[1].detail == "no answer in 0.05 s"
    office.receiver.free.set()
    await office.tell(ms=10_000)
    assert await office.ends() == [("sent", "answered 204")]


@pytest.mark.parametrize(("status", "header"), [(429, "120"), (503, "120"), (503, "Mon, 21 Sep 2026 14:15:20 GMT")])
async def test_a_receiver_says_when_to_come_again(office: Office, clock: Clock, status: int, header: str) -> None:
    assert clock.now == 1_790_000_000_000, "which is 14:13:20, and the date is two minutes later"
    await office.watch()
    office.receiver.answers["/hook"].append(Answer(status, {"Retry-After": header}))
    await office.join()
    await office.tell()
    await office.join()
    await office.tell(ms=119_000)
    assert len(office.receiver.got) == 1, "neither that one nor another"
    for _ in range(5):
        await office.tell(ms=1000)
    assert sorted(office.said("ticket")) == ["A001", "A001", "A002"]


@pytest.mark.parametrize("wish", ["999999999", "0", "-5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 400])
async def test_what_it_says_has_bounds(office: Office, wish: str) -> None:
    await office.watch()
    office.receiver.answers["/hook"].append(Answer(503, {"Retry-After": wish}))
    await office.join()
    await office.tell()
    assert len(office.receiver.got) == 1
    await office.tell(ms=3_601_000)
    assert await office.ends() == [("sent", "answered 204")]


async def test_who_answers_and_refuses_is_given_up_after_an_hour_who_is_away_after_a_day(
    office: Office, dead: str
) -> None:
    await office.watch("/refuses")
    await office.watch(address=dead)
    office.receiver.always["/refuses"] = Answer(403)
    await office.join()
    for _ in range(62):
        await office.tell(ms=60_000)
    assert await office.ends() == [("failed", "answered 403")]
    assert len(office.receiver.got) > 20
    for _ in range(24):
        await office.tell(ms=3_600_000)
    (away,) = (each for each in await office.records() if each.state != "failed")
    assert (away.state, away.detail) == ("expired", "no connection: ConnectionRefusedError")


async def test_gone_is_never_told_again_until_somebody_enables_it(office: Office) -> None:
    watch = await office.watch()
    other = await office.watch("/other")
    office.receiver.always["/hook"] = Answer(410)
    await office.join()
    await office.join()
    for _ in range(3):
        await office.tell(ms=60_000)
    disabled = await office.watches.get("hilltop", watch.id)
    assert disabled and not disabled.enabled
    assert len(office.receiver.at("/hook")) <= 2, "the two may have been under way together"
    assert len(office.receiver.at("/other")) == 2
    fares = (await office.watches.fares("hilltop"))[watch.id]
    assert fares.detail == "answered 410: it wants no more" and fares.disabled_at
    assert await office.watches.replace(watch)
    office.receiver.always.clear()
    await office.join()
    before = len(office.receiver.at("/hook"))
    await office.tell()
    assert len(office.receiver.at("/hook")) == before + 1
    assert (await office.watches.fares("hilltop"))[other.id].failed_at is None


async def test_a_redirect_is_not_followed(office: Office) -> None:
    await office.watch()
    office.receiver.always["/hook"] = Answer(307, {"Location": f"{office.receiver.base}/elsewhere"})
    await office.join()
    await office.tell()
    assert [got.path for got in office.receiver.got] == ["/hook"]


async def test_an_endless_answer_is_not_read_to_its_end(office: Office) -> None:
    await office.watch()
    office.receiver.answers["/hook"].append(Answer(200, endless=True))
    await office.join()
    async with asyncio.timeout(10):
        await office.tell()
    assert await office.ends() == [("sent", "answered 200")]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"]
)
async def test_nothing_is_sent_into_a_private_network_that_is_not_named(office: Office, host: str) -> None:
    port = office.receiver.base.rpartition(":")[2]
    await office.watch(address=f"http://{host}:{port}/hook")
    office.worker = office.another(private=())
    await office.join()
    await office.tell()
    assert office.receiver.got == []
    (record,) = await office.records()
    assert record.state == "failed" and record.recipient == host.strip("[]")


@pytest.mark.parametrize("dies", ["refuses", "hangs"])
async def test_a_dead_receiver_delays_nobody_else(office: Office, dead: str, dies: str) -> None:
    """A hundred events, each told to a receiver that is dead as well."""
    office.clock = Running()
    office.worker = office.another(timeout_s=60)
    async with Receiver().serve() as other:
        other.always["/hook"] = Answer(hang=True)
        await office.watch(address=f"{other.base}/hook" if dies == "hangs" else dead)
        await office.watch("/live")
        tickets = [await office.join() for _ in range(100)]
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(office.worker.run())
            await office.receiver.until("/live", 100)
            assert len(other.got) <= 8, "so many may be under way to one"
            office.worker.stop()
            other.free.set()
    assert len({got.id for got in office.receiver.at("/live")}) == len(tickets)


async def test_what_waited_for_a_dead_receiver_comes_when_it_lives_again_each_once(
    office: Office, clock: Clock
) -> None:
    await office.watch()
    office.receiver.always["/hook"] = Answer(502)
    for _ in range(40):
        await office.join()
    for _ in range(10):
        await office.tell(ms=5000)
    assert 1 <= len(office.receiver.got) < 40, "it is asked by one at a time, and ever less often"
    office.receiver.got.clear()
    office.receiver.always.clear()
    for _ in range(40):
        await office.tell(ms=5000)
    assert sorted(office.said("ticket")) == [f"A{number:03}" for number in range(1, 41)]


async def test_to_one_receiver_only_so_many_are_under_way(office: Office) -> None:
    office.receiver.always["/hook"] = Answer(hang=True)
    await office.watch()
    for _ in range(30):
        await office.join()
    worker: Worker = office.worker
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        await office.receiver.until("/hook", 8)
        for _ in range(20):
            await office.store.connection.ping()
        assert len(office.receiver.got) == 8
        office.receiver.free.set()
        worker.stop()


async def fail_for(office: Office, hours: int, step: int) -> None:
    """Something happens every `step` hours, and nothing of it is taken."""
    for _ in range(hours // step):
        await office.join()
        await office.tell(ms=step * 3_600_000)


async def test_a_receiver_that_fails_for_five_days_is_told_no_more_until_it_is_enabled(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    watch = await office.watch()
    office.receiver.always["/hook"] = Answer(500)
    await fail_for(office, 120, 12)
    assert (await office.watches.all("hilltop"))[watch.id].enabled, "five days are not over since the first failure"
    await fail_for(office, 12, 12)
    assert not (await office.watches.all("hilltop"))[watch.id].enabled
    fares = (await office.watches.fares("hilltop"))[watch.id]
    assert fares.disabled_at is not None and "five days" in fares.detail
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("callboard"))
    assert f"watch={watch.id}" in ours and "127.0.0.1" not in ours
    ((told, why, since),) = office.ended
    assert told == watch.id and "five days" in why and office.clock.now - since >= 5 * 24 * 3_600_000
    asked = len(office.receiver.got)
    await fail_for(office, 24, 12)
    assert len(office.receiver.got) == asked
    await office.watches.replace(watch)
    await fail_for(office, 24, 12)
    assert (await office.watches.all("hilltop"))[watch.id].enabled, "its five days begin anew"
    assert len(office.receiver.got) > asked


async def test_one_failure_now_and_another_days_later_are_no_five_days(office: Office) -> None:
    watch = await office.watch()
    office.receiver.always["/hook"] = Answer(500)
    await fail_for(office, 3 * 144, 144)
    assert (await office.watches.all("hilltop"))[watch.id].enabled
