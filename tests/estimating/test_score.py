"""The score that is kept in public: of each call once, the same in the API and in the metrics."""

from collections.abc import Sequence

import msgspec
import pytest

from callboard.domain.events import Event
from callboard.domain.tally import DAY_H, Tally, score
from callboard.estimating.followed import Followed
from callboard.estimating.part import AGAIN_MS, Part
from callboard.metrics import waits_text
from callboard.store.keys import learned_key, location_key, partition
from callboard.store.learned import Learned, Learning
from callboard.store.reads import Reads
from callboard.store.stream import BEGINNING, Streams
from callboard.store.transitions import Store
from conftest import Clock


@pytest.fixture
def learning(reads: Reads) -> Learning:
    return Learning(reads.connection)


async def follow(
    reads: Reads, learning: Learning, clock: Clock, events: Sequence[Event] | None = None, part: Part | None = None
) -> Tally:
    """Unless said otherwise as somebody who was killed before: everything again."""
    if events is None:
        events = await Streams(reads.connection).after(partition("main"), BEGINNING, 1000)
    part = part or Part(reads, learning, clock)
    await part.take([reads.directory.location("main")], events)
    await part.keep()
    return await learning.tally("main")


async def test_each_call_of_somebody_who_had_to_wait_counts_once(
    store: Store, reads: Reads, learning: Learning, clock: Clock
) -> None:
    clock.pass_(s=7)  # off the grid of promises
    assert await learning.tally("main") == Tally()
    await follow(reads, learning, clock)
    await store.open_desk("d1", staff="kim")
    for _ in range(4):
        await store.join("general")
        clock.pass_(s=20)
    for _ in range(3):
        await store.call_next("d1")
        await follow(reads, learning, clock)
        clock.pass_(min=6)
    tally = await follow(reads, learning, clock)
    assert tally == await follow(reads, learning, clock)
    assert [call.wait_s for call in tally.calls] == [420, 760]  # a desk was free for the first
    assert all(call.low_s <= call.likely_s <= call.high_s for call in tally.calls)
    assert score(tally, tally.hours[-1].hour * 3600, DAY_H).called == 2
    text = waits_text({"main": {"day": score(tally, tally.hours[-1].hour * 3600, DAY_H)}}).decode()
    assert 'callboard_waits_called{location="main",over="day"} 2.0' in text


async def test_who_was_called_while_nobody_followed_does_not_count(
    store: Store, reads: Reads, learning: Learning, clock: Clock
) -> None:
    """What they were told is known, and not when they were called."""
    await store.open_desk("d1", staff="kim")
    for _ in range(4):
        await store.join("general")
        clock.pass_(s=20)
    await follow(reads, learning, clock)
    await store.call_next("d1")
    clock.pass_(min=6)
    await store.call_next("d1")
    clock.pass_(h=1)
    missed = (await Streams(reads.connection).after(partition("main"), BEGINNING, 1000))[-1:]
    assert await follow(reads, learning, clock, missed) == Tally()


async def test_what_was_shown_last_counts_by_itself(
    store: Store, reads: Reads, learning: Learning, clock: Clock
) -> None:
    """A quick desk: whoever was told half an hour is called sooner than that, but has seen it come."""
    await store.open_desk("d1", staff="kim")
    await follow(reads, learning, clock)
    for _ in range(12):
        await store.join("general")
        clock.pass_(s=2)
    for _ in range(11):
        await store.call_next("d1")
        clock.pass_(s=59)
        await follow(reads, learning, clock)
    tally = await follow(reads, learning, clock)
    kept = score(tally, tally.hours[-1].hour * 3600, DAY_H)
    assert kept.within < kept.within_last <= kept.called == 10
    assert kept.bias_s is not None and kept.error_s is not None and 0 < kept.bias_s <= kept.error_s


async def test_one_location_that_breaks_its_estimate_does_not_stop_the_others(
    store: Store,
    reads: Reads,
    learning: Learning,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged without what the error says, left alone for a minute, and met again as it then is."""

    def broken(followed: Followed, at: int, pause: object) -> None:
        raise KeyError(f"+467{at}")

    part = Part(reads, learning, clock)
    await store.join("general")
    with monkeypatch.context() as patch:
        patch.setattr(Followed, "expect", broken)
        for _ in range(3):
            await follow(reads, learning, clock, part=part)
    assert caplog.text.count("estimate=failed location=main error=KeyError") == 1
    assert "in broken" in caplog.text and f"+467{clock()}" not in caplog.text
    await store.join("general")
    await follow(reads, learning, clock, part=part)
    assert (await reads.picture("main")).expected is None
    clock.pass_(ms=AGAIN_MS)
    await follow(reads, learning, clock, [], part=part)
    assert await told(reads) == 2


async def test_a_location_whose_lessons_cannot_be_written_stops_nobody(
    store: Store, reads: Reads, learning: Learning, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Followed) -> Learned:
        raise ValueError

    part = Part(reads, learning, clock)
    for _ in range(2):
        await store.join("general")
        await follow(reads, learning, clock, part=part)
    await store.join("general")
    with monkeypatch.context() as patch:
        patch.setattr(Followed, "learned", property(broken))
        await follow(reads, learning, clock, part=part)
    clock.pass_(ms=AGAIN_MS)
    await follow(reads, learning, clock, part=part)
    assert await told(reads) == 3


async def test_what_was_learned_is_given_up_when_no_estimate_comes_of_it(
    store: Store, reads: Reads, learning: Learning, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await store.open_desk("d1", staff="kim")
    await store.join("general")
    await follow(reads, learning, clock)
    learned = await reads.connection.client.hget(learned_key("main"), "learned")
    poisoned = msgspec.json.decode(learned) | {"shapes": []}
    await reads.connection.client.hset(learned_key("main"), "learned", msgspec.json.encode(poisoned).decode())
    await reads.connection.client.delete(location_key("main", "expected"))
    part = Part(reads, learning, clock)
    for _ in range(4):
        await store.join("general")
        await follow(reads, learning, clock, part=part)
        clock.pass_(ms=AGAIN_MS)
    assert caplog.text.count("estimate=failed") == 3
    assert await told(reads) == 5


async def test_what_another_version_has_learned_is_learned_anew(
    store: Store, reads: Reads, learning: Learning, clock: Clock
) -> None:
    await store.join("general")
    await follow(reads, learning, clock)
    for name, text in (("learned", '{"waiting": 7}'), ("tally", "nonsense"), ("learned", "")):
        await reads.connection.client.hset(learned_key("main"), name, text)
        await reads.connection.client.delete(location_key("main", "expected"))
        assert await follow(reads, learning, clock) == Tally()
        assert await told(reads) == 1


async def told(reads: Reads) -> int:
    """How many of the line are told something."""
    expected = (await reads.picture("main")).expected
    assert expected is not None
    return len(expected.lines["general"].told) - 1
