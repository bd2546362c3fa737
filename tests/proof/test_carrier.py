"""A carrier that takes only so many a second, or is away; and ten thousand calls of its own, a thousand more forged."""

import random
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import pytest

from callboard.notify.media import LIMITS
from conftest import Clock
from notify.carrier import TOKEN, Call, Carrier, signed
from notify.conftest import carrier, make_sms, open_desks
from texting.conftest import Lobby, lobby, services
from texting.test_status import STEPS

__all__ = ["carrier", "lobby", "make_sms", "open_desks", "services"]  # fixtures of the tests here too

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

TEXTS = 834
FORGED = 1000
A_SECOND = 10


async def test_ten_thousand_calls_leave_every_text_with_the_last_word(lobby: Lobby, carrier: Carrier) -> None:
    """Every third text fails in the end, the others are delivered; what is forged says the opposite."""
    chance = random.Random(7)
    for n in range(TEXTS):
        await lobby.join(phone=f"+4670{1_000_000 + n * 10_000}")
    await lobby.tell()
    ends = ["failed" if n % 3 == 0 else "delivered" for n in range(len(carrier.accepted))]
    true = [carrier.calls(n, status) for n, end in enumerate(ends) for status in (*STEPS[:3], end)] * 3
    forged = [_forged(carrier.calls(n % len(ends), "delivered" if n % 3 == 0 else "failed")) for n in range(FORGED)]
    calls = [(call, 204) for call in true] + [(call, 403) for call in forged]
    chance.shuffle(calls)
    answers = Counter([((await lobby.hears(call)).status_code, due) for call, due in calls])
    words: Counter[tuple[str, str]] = Counter()
    for end, form in zip(ends, carrier.accepted, strict=True):
        said = await lobby.outbox.said("main", form["StatusCallback"].rpartition("/")[2])
        words[end, said.words if said else ""] += 1
    print(f"{len(carrier.accepted)} texts, {len(true)} calls and {FORGED} forged: {dict(answers)}; {dict(words)}")
    assert set(answers) == {(204, 204), (403, 403)}
    assert answers[403, 403] == FORGED
    assert len(words) == 2
    assert words["delivered", "delivered"] == ends.count("delivered")


def _forged(call: Call) -> Call:
    return signed(call.address, call.fields, f"not {TOKEN}")


async def test_a_carrier_that_takes_ten_a_second_is_offered_hardly_more(
    lobby: Lobby, carrier: Carrier, clock: Clock
) -> None:
    """In steps of 100 ms; then it is away for five minutes, and probed by one text at a time."""
    taken_at: list[int] = []

    def may() -> int | None:
        if len([at for at in taken_at if at > clock.now - 1000]) >= A_SECOND:
            return 429
        taken_at.append(clock.now)
        return None

    carrier.misbehave = _Asked(may)
    for n in range(300):
        await lobby.join(phone=f"+4670{1_000_000 + n * 10_000}")
    began = clock.now
    while len(carrier.accepted) < 300 and clock.now < began + 600_000:
        await lobby.tell()
        clock.pass_(ms=100)
    seconds = (clock.now - began) / 1000
    print(f"300 texts in {seconds:.0f} s; offered {carrier.posts / seconds:.1f} a second, {carrier.posts} posts in all")
    assert carrier.posts <= 1.2 * A_SECOND * seconds
    before = carrier.posts
    carrier.misbehave, carrier.always = _Asked(lambda: 429), 429
    for n in range(300, 320):
        await lobby.join(phone=f"+4670{1_000_000 + n * 10_000}")
    for _ in range(600):
        await lobby.tell()
        clock.pass_(ms=500)
    print(f"away for 5 min with 20 texts due: {carrier.posts - before} posts")
    assert carrier.posts - before <= LIMITS["sms"] + 20
    carrier.misbehave = _Asked(lambda: None)
    for _ in range(120):
        await lobby.tell()
        clock.pass_(ms=500)
    assert len(carrier.accepted) == len({form["To"] for form in carrier.accepted}) == 320


class _Asked(deque[int | str]):
    """What the next post meets, asked anew each time."""

    def __init__(self, ask: Callable[[], int | None]) -> None:
        super().__init__()
        self._ask = ask

    def __bool__(self) -> bool:
        return True

    def popleft(self) -> Any:
        return self._ask()
