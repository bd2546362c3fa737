"""Ten thousand calls of the carrier's in any order and three times each, and a thousand that are forged."""

import random
from collections import Counter

import pytest

from notify.carrier import TOKEN, Call, Carrier, signed
from notify.conftest import carrier, make_sms, open_desks
from texting.conftest import Lobby, lobby, services
from texting.test_status import STEPS

__all__ = ["carrier", "lobby", "make_sms", "open_desks", "services"]  # fixtures of the tests here too

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

TEXTS = 834
FORGED = 1000


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
