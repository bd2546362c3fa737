"""The machine: nothing missed, nothing twice, nobody held up by somebody else's trouble."""

import asyncio
import inspect
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from msgspec.structs import replace

from callboard.delivery import worker as delivery_worker
from callboard.delivery.attempt import APART_PAUSE_MS, FIRST_PAUSE_MS, LEAVING_MS, Attempts
from callboard.delivery.model import Answer, Instead, Later, Never, Plan, Sent, Unknown
from callboard.delivery.worker import Worker, item
from callboard.domain.events import Event
from callboard.errors import StoreAway
from callboard.metrics import Metrics
from callboard.notify.mail import Mail
from callboard.notify.push import TIMEOUT_S
from callboard.notify.sms import Sms
from callboard.store.outbox import LEASE_MS
from callboard.store.stream import Group
from callboard.store.transitions import Store
from conftest import Clock
from delivery.office import LANES, Office, delivery


class Killed(BaseException):
    """What a process that is killed does not live to see."""


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        yield
        worker.stop()


async def test_an_event_becomes_deliveries_and_they_are_sent(office: Office, store: Store) -> None:
    await store.join("general")
    await office.worker.run(until_idle=True)
    assert sorted(office.told.sent) == ["1:fast", "1:slow"]
    assert await office.states() == {"1:fast": "sent", "1:slow": "sent"}
    assert office.worker.attempts.counts == {("fast", "sent"): 1, ("slow", "sent"): 1}


async def test_a_running_worker_sends_as_events_come(office: Office, store: Store) -> None:
    async with running(office.worker):
        for number in range(1, 4):
            await store.join("general")
            while f"{number}:fast" not in office.told.sent:
                office.told.something.clear()
                await office.told.something.wait()
    assert office.told.closed == 1


async def test_stopping_lets_what_is_under_way_end(office: Office, store: Store) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()

    async def slowly() -> Answer:
        started.set()
        await may_end.wait()
        return Sent()

    office.told.answers["1:fast"] = slowly
    await store.join("general")
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        run = tasks.create_task(office.worker.run())
        await started.wait()
        office.worker.stop()
        await store.join("general")
        assert not run.done()
        may_end.set()
    assert (await office.states())["1:fast"] == "sent"
    assert "2:fast" not in office.told.sent


async def test_it_ends_at_whatever_moment_it_is_stopped_or_cancelled(office: Office, store: Store) -> None:
    await store.join("general")
    for moment in range(60):
        worker = office.another(f"w{moment}")
        async with asyncio.timeout(20):
            run = asyncio.create_task(worker.run())
            for _ in range(moment):
                await asyncio.sleep(0)
            if moment % 2:
                worker.stop()
            else:
                run.cancel()
            await asyncio.wait([run])


async def test_one_that_hangs_holds_up_nobody_else(office: Office, store: Store) -> None:
    may_end = asyncio.Event()

    async def hangs() -> Answer:
        await may_end.wait()
        return Sent()

    office.told.answers["1:fast"] = office.told.answers["2:slow"] = hangs
    for _ in range(5):
        await store.join("general")
    async with running(office.worker):
        while len(office.told.sent) < 10:
            office.told.something.clear()
            await office.told.something.wait()
        may_end.set()


async def test_no_more_than_the_limit_are_under_way(office: Office, store: Store) -> None:
    async def turn() -> Answer:
        await asyncio.sleep(0)
        return Sent()

    office.told.answers = {f"{number}:fast": turn for number in range(1, 41)}
    for _ in range(40):
        await store.join("general")
    await office.worker.run(until_idle=True)
    assert 2 <= office.told.most_at_once <= sum(LANES.values())
    assert len(office.told.sent) == 80


async def test_an_event_is_read_again_until_it_is_planned(
    office: Office, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.join("general")

    async def away(event: Event) -> Plan:
        raise StoreAway

    with monkeypatch.context() as patched:
        patched.setattr(office, "plan", away)
        with pytest.raises(StoreAway):
            await office.worker.run(until_idle=True)
    await office.another("two").run(until_idle=True)
    assert sorted(office.told.sent) == ["1:fast", "1:slow"]


@pytest.mark.parametrize("method", ["schedule", "lease"])
async def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    office: Office, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Killed when the store has done its part and the worker does not know."""
    await store.join("general")
    does = getattr(office.outbox, method)

    async def killed(*given: object) -> None:
        await does(*given)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(office.outbox, method, killed)
        with pytest.raises((Killed, BaseExceptionGroup)):
            await office.worker.run(until_idle=True)
    clock.pass_(s=61)
    await office.another("two").run(until_idle=True)
    assert sorted(office.told.sent) == ["1:fast", "1:slow"]


async def test_an_event_that_breaks_the_plan_stops_no_other(
    office: Office, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plan = office.plan

    async def breaks(event: Event) -> Plan:
        if event.seq == 1:
            raise ValueError("a number: +46701740605")
        return await plan(event)

    monkeypatch.setattr(office, "plan", breaks)
    await store.join("general")
    await store.join("general")
    await office.worker.run(until_idle=True)
    assert sorted(office.told.sent) == ["2:fast", "2:slow"]
    assert "broke=ValueError" in caplog.text
    assert "+46701740605" not in caplog.text


async def test_a_delivery_that_breaks_its_sender_is_given_up_and_seen(
    office: Office, store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks() -> Answer:
        raise ValueError("a number: +46701740605")

    office.told.answers["1:fast"] = breaks
    await store.join("general")
    await store.join("general")
    for _ in range(30):
        await office.worker.run(until_idle=True)
        clock.pass_(s=5)
    assert office.told.sent.count("1:fast") == 5
    assert await office.states() == {"1:fast": "failed", "1:slow": "sent", "2:fast": "sent", "2:slow": "sent"}
    assert "+46701740605" not in caplog.text


async def test_later_is_tried_again_with_growing_pauses_until_the_last_moment(
    office: Office, store: Store, clock: Clock
) -> None:
    office.told.answers["1:fast"] = Later("mailbox full")
    await store.join("general")
    begun, moments = clock.now, []
    while clock.now < begun + 310_000:
        before = office.told.sent.count("1:fast")
        await office.worker.run(until_idle=True)
        if office.told.sent.count("1:fast") > before:
            moments.append((clock.now - begun) // 1000)
        clock.pass_(s=1)
    assert moments == [0, 2, 6, 14, 30, 62, 122, 182, 242]
    assert (await office.states())["1:fast"] == "expired"
    record = next(one for one in await office.outbox.recent(["main"], 10) if one.id == "1:fast")
    assert (record.detail, record.ticket_label) == ("mailbox full", "A001")


@pytest.mark.parametrize(
    ("answer", "state"), [(Never("no"), "failed"), (Unknown("lost"), "unknown"), (Sent(shown=True), "shown")]
)
async def test_every_end_is_on_record(office: Office, store: Store, clock: Clock, answer: Answer, state: str) -> None:
    office.told.answers["1:fast"] = answer
    await store.join("general")
    for _ in range(70):
        await office.worker.run(until_idle=True)
        clock.pass_(s=5)
    assert (await office.states())["1:fast"] == state


async def test_workers_share_the_work(office: Office, store: Store) -> None:
    for _ in range(50):
        await store.join("general")
    await asyncio.gather(*(office.another(name).run(until_idle=True) for name in ("one", "two", "three")))
    await office.worker.run(until_idle=True)
    assert len(office.told.sent) == len(set(office.told.sent)) == 100


async def test_kills_at_any_moment_lose_nothing_and_double_nothing_that_was_written_down(
    office: Office, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender here cannot be asked, so one attempt may be doubled by each kill after its mark, and no more."""
    dice = random.Random(7)
    kills = 0

    async def plan(event: Event) -> Plan:
        return Plan(schedule=tuple(delivery(f"{event.seq}:{lane}", lane, minutes=600) for lane in LANES))

    monkeypatch.setattr(office, "plan", plan)
    monkeypatch.setattr("callboard.delivery.attempt.CRASHES", 1000)  # each kill here takes all that is under way along
    for name in ("schedule", "lease", "keep", "close"):
        does = getattr(office.outbox, name)

        async def may_kill(*given: object, does: object = does, **more: object) -> object:
            nonlocal kills
            if dice.random() < 0.03:
                kills += 1
                raise Killed
            result = await does(*given, **more)  # type: ignore[operator]
            if dice.random() < 0.03:
                kills += 1
                raise Killed
            return result

        monkeypatch.setattr(office.outbox, name, may_kill)
    for _ in range(100):
        await store.join("general")
    for _ in range(400):
        with suppress(Killed, BaseExceptionGroup):
            await office.another(f"w{kills}").run(until_idle=True)
        clock.pass_(s=7)
    assert kills > 20
    assert set(office.told.sent) == {f"{number}:{lane}" for number in range(1, 101) for lane in LANES}
    assert len(office.told.sent) - 200 <= kills * sum(LANES.values())
    assert set((await office.states()).values()) == {"sent"}


async def test_what_has_gone_stale_long_ago_is_not_put_on_record(office: Office, store: Store, clock: Clock) -> None:
    await store.join("general")
    clock.pass_(h=2)
    await office.worker.run(until_idle=True)
    assert await office.states() == {}
    assert await office.outbox.seen("main", "1:fast")


async def test_later_waits_as_long_as_the_other_side_asked_for(office: Office, store: Store, clock: Clock) -> None:
    office.told.answers["1:fast"] = Later("try in an hour", after_ms=120_000)
    await store.join("general")
    for passed_ms, times in ((0, 1), (119_999, 1), (1, 2)):
        clock.pass_(ms=passed_ms)
        await office.worker.run(until_idle=True)
        assert office.told.sent.count("1:fast") == times


@pytest.mark.parametrize("killed", [False, True])
async def test_where_order_counts_one_reads_at_a_time_and_the_next_begins_with_what_was_left(
    office: Office, store: Store, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    """The first is stuck in the middle of an event, and is stopped or, its turn being over by itself, killed."""
    monkeypatch.setattr(delivery_worker, "AWAY_S", 0.01)
    if killed:
        monkeypatch.setattr(delivery_worker, "ALONE_MS", 500)
        monkeypatch.setattr(Group, "alone", unless_it_lets_go(Group.alone))
    stuck, planned = asyncio.Event(), list[tuple[str, int]]()

    def plans(who: str) -> Callable[[Event], Awaitable[Plan]]:
        async def plan(event: Event) -> Plan:
            planned.append((who, event.seq))
            stuck.set()
            if who == "one":
                await asyncio.Event().wait()
            return Plan()

        return plan

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        workers = {name: office.another(name, in_order=True) for name in ("one", "two")}
        for name, worker in workers.items():
            monkeypatch.setattr(worker, "_plan", plans(name))
        first = tasks.create_task(workers["one"].run())
        await store.join("general")
        await stuck.wait()
        tasks.create_task(workers["two"].run())
        await store.join("general")
        for _ in range(20):
            await store.connection.ping()
        assert planned == [("one", 1)], "nobody else reads"
        if not killed:
            first.cancel()
        while len(planned) < 3:  # noqa: ASYNC110 - the store's clock has to go on
            await asyncio.sleep(0.01)
        first.cancel()
        workers["two"].stop()
    assert planned[1:] == [("two", 1), ("two", 2)]


def unless_it_lets_go(alone: Callable[[Group, int], Awaitable[bool]]) -> Callable[[Group, int], Awaitable[bool]]:
    """As if it had been killed: it does not get so far."""

    async def ask(group: Group, for_ms: int) -> bool:
        return bool(for_ms) and await alone(group, for_ms)

    return ask


async def test_what_goes_another_way_goes_at_once_and_once(office: Office, store: Store) -> None:
    """Without waiting for the other lane to look by itself."""

    async def by_the_other_lane() -> Answer:
        return Instead("nobody is there", "slow") if office.told.sent.count("1:fast") == 1 else Sent()

    office.told.answers["1:fast"] = by_the_other_lane
    async with asyncio.timeout(delivery_worker.LOOK_MS / 1000 - 1), running(office.worker):
        await store.join("general")
        while office.worker.attempts.counts["slow", "sent"] < 2:
            office.told.something.clear()
            await office.told.something.wait()
            await asyncio.sleep(0.01)
    assert sorted(office.told.sent) == ["1:fast", "1:fast", "1:slow"]
    assert office.worker.attempts.counts == {("fast", "instead"): 1, ("slow", "sent"): 2}
    records = await office.outbox.recent(["main"], 10)
    assert [(one.medium, one.state, one.detail) for one in records if one.id == "1:fast"] == [
        ("slow", "sent", ""),
        ("fast", "instead", "nobody is there"),
    ]


async def test_tries_in_the_lane_before_count_neither_as_crashes_nor_as_patience(
    office: Office, store: Store, clock: Clock
) -> None:
    tries = 0

    async def late() -> Answer:
        nonlocal tries
        tries += 1
        return Instead("it goes on there", "slow") if tries == 7 else Later("not now")

    office.told.answers["1:fast"] = late
    await store.join("general")
    while tries < 8:
        await office.worker.run(until_idle=True)
        clock.pass_(s=10)
    await office.worker.run(until_idle=True)
    assert tries == 9  # again after two seconds, and not after as many tries as there were
    assert "1:fast" not in {each.id for each in await office.outbox.recent(["main"], 10) if each.state == "failed"}


async def test_how_deliveries_end_is_counted_for_the_operator(office: Office, store: Store, clock: Clock) -> None:
    metrics = Metrics()

    async def once() -> Answer:
        return Instead("nobody is there", "slow") if office.told.sent.count("1:fast") == 1 else Sent()

    office.told.answers["1:fast"] = once
    attempts = Attempts(office.outbox, office.told, clock, lambda: 0.5, metrics.delivered)
    worker = office.another()
    worker.attempts = attempts
    await store.join("general")
    await worker.run(until_idle=True)
    text = metrics.text()[0].decode()
    assert 'callboard_deliveries_total{lane="fast",state="instead"} 1.0' in text
    assert 'callboard_deliveries_total{lane="slow",state="sent"} 2.0' in text


async def test_what_keeps_apart_waits_for_what_is_on_its_way_and_no_longer(
    office: Office, store: Store, clock: Clock
) -> None:
    first, second = (replace(delivery(id, at=clock.now), apart="anna") for id in ("first", "second"))
    leaves, arrives = asyncio.Event(), asyncio.Event()

    async def on_its_way() -> Answer:
        leaves.set()
        await arrives.wait()
        return Sent()

    office.told.answers = {"first": on_its_way, "second": Later("busy")}
    await office.outbox.schedule("main", [item(first)], [], clock.now)
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(office.worker.run(until_idle=True))
        await leaves.wait()
        other = office.another("two")
        await office.outbox.schedule("main", [item(second)], [], clock.now)
        for _ in range(9):
            await other.run(until_idle=True)
            clock.now += APART_PAUSE_MS
        assert office.told.sent == ["first"]
        arrives.set()
    for _ in range(2):
        await other.run(until_idle=True)
        clock.now += FIRST_PAUSE_MS  # what waited for another has not been tried, so its pauses begin with the first
    assert office.told.sent == ["first", "second", "second"]


@pytest.mark.parametrize("is_killed", [True, False])
async def test_what_may_still_be_on_its_way_holds_up_the_next_for_a_while(
    office: Office, store: Store, clock: Clock, is_killed: bool
) -> None:
    first, second = (replace(delivery(id, at=clock.now), apart="anna") for id in ("first", "second"))

    async def ends() -> Answer:
        if is_killed:
            raise Killed
        return Unknown("the answer was lost")

    office.told.answers = {"first": ends}
    await office.outbox.schedule("main", [item(first)], [], clock.now)
    with suppress(BaseExceptionGroup):
        await office.worker.run(until_idle=True)
    office.told.answers = {"first": Later("busy")}
    await office.outbox.schedule("main", [item(second)], [], clock.now)
    began = clock.now
    while "second" not in office.told.sent:
        before = clock.now
        await office.another("two").run(until_idle=True)
        clock.now += APART_PAUSE_MS
    known_after_ms = LEAVING_MS if is_killed else FIRST_PAUSE_MS  # when the other side was asked again
    assert 0 <= before - began - known_after_ms <= APART_PAUSE_MS


async def test_what_has_to_be_told_at_once_waits_for_what_is_on_its_way_only_a_moment(
    office: Office, store: Store, clock: Clock
) -> None:
    first, call = (replace(delivery(id, at=clock.now), apart="anna") for id in ("first", "call"))
    office.told.answers = {"first": Unknown("the answer was lost", after_ms=60_000)}
    await office.outbox.schedule("main", [item(first)], [], clock.now)
    await office.worker.run(until_idle=True)
    await office.outbox.schedule("main", [item(replace(call, apart_ms=1000))], [], clock.now)
    began = clock.now
    while "call" not in office.told.sent:
        before = clock.now
        await office.worker.run(until_idle=True)
        clock.now += APART_PAUSE_MS
    assert before - began == 1000


async def test_what_may_have_got_through_is_still_asked_for_after_it_has_waited_for_another(
    office: Office, store: Store, clock: Clock
) -> None:
    first, second = (replace(delivery(id, at=clock.now, minutes=0.5), apart="anna") for id in ("first", "second"))
    lost = Unknown("the answer was lost", after_ms=1000)
    office.told.answers = {"first": lost, "second": Unknown("the answer was lost", after_ms=60_000)}
    await office.outbox.schedule("main", [item(first)], [], clock.now)
    await office.worker.run(until_idle=True)
    await office.outbox.schedule("main", [item(replace(second, apart_ms=1))], [], clock.now)
    clock.now += 500
    await office.worker.run(until_idle=True)
    assert office.told.sent == ["first", "second"]
    for _ in range(4 * 30):  # the first comes again, and the second may be on its way until the first is worth nothing
        clock.now += APART_PAUSE_MS
        await office.worker.run(until_idle=True)
    (record,) = [each for each in await office.outbox.recent(["main"], 9) if each.id == "first"]
    assert (record.state, record.detail) == ("unknown", "may have been sent: the answer was lost")


def test_others_keep_apart_for_longer_than_any_medium_waits_for_an_answer() -> None:
    media_s = [parameter(Sms, "timeout_s"), 3 * parameter(Mail, "timeout_s"), TIMEOUT_S]
    assert max(media_s) * 1000 < LEAVING_MS < LEASE_MS


def parameter(kind: type, name: str) -> float:
    default: float = inspect.signature(kind).parameters[name].default
    return default
