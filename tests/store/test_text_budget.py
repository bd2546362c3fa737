"""What texts cost is limited to the unit, whoever asks and however often."""

import asyncio

import pytest
from msgspec.structs import replace

from callboard.domain.spending import Texting
from callboard.store.redis import Connection
from callboard.store.text_budget import TextBudget
from conftest import Clock
from house import everything

ANNA, LIMITS = "+46701740605", Texting(per_number=3, per_prefix=5, per_day=8)


class Till:
    """`spend` for a ticket's next text."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._budget = TextBudget(connection, clock)
        self.limits = LIMITS

    async def spend(self, number: str, ticket: str, text: str = "", organization: str = "hilltop") -> str:
        id = text or f"taken:{ticket}"
        return await self._budget.spend(organization, "main", number, id, ticket, self.limits)


@pytest.fixture
def till(connection: Connection, clock: Clock) -> Till:
    return Till(connection, clock)


async def test_many_at_once_into_one_range_are_exactly_as_many_as_may_be(till: Till) -> None:
    asked = [till.spend(f"+4670174{n:04}", str(n)) for n in range(60)]
    answers = await asyncio.gather(*asked)
    assert sorted(answers) == [""] * 5 + ["prefix"] * 55
    assert await till.spend("+46709990001", "elsewhere") == ""


async def test_who_was_texted_hears_the_rest_though_their_range_is_full(till: Till, clock: Clock) -> None:
    for n in range(5):
        assert await till.spend(f"+4670174{n:04}", str(n)) == ""
    assert await till.spend("+46701749999", "late") == "prefix"
    clock.pass_(min=59)
    assert await till.spend("+46701740000", "0", "your_turn:0") == ""
    clock.pass_(min=2)
    assert await till.spend("+46701749999", "late") == ""


async def test_one_number_gets_so_many_texts_in_a_day(till: Till, clock: Clock) -> None:
    for n in range(3):
        assert await till.spend(ANNA, "1", f"text:{n}") == ""
    assert await till.spend(ANNA, "2") == "number"
    clock.pass_(h=24)
    assert await till.spend(ANNA, "2") == ""


async def test_a_location_sends_so_many_texts_in_a_day(till: Till, clock: Clock) -> None:
    for n in range(8):
        assert await till.spend(f"+46{701 + n}740605", str(n)) == ""
    assert await till.spend(ANNA.replace("701", "799"), "9") == "day"
    assert await till.spend(ANNA.replace("701", "799"), "9", organization="valley") == ""
    clock.pass_(h=24)
    assert await till.spend(ANNA.replace("701", "799"), "9") == ""


async def test_a_text_that_is_tried_again_counts_once(till: Till) -> None:
    till.limits = replace(LIMITS, per_number=1, per_prefix=1, per_day=1)
    assert [await till.spend(ANNA, "1") for _ in range(3)] == ["", "", ""]
    assert await till.spend(ANNA, "1", "another") == "number"


async def test_what_is_refused_counts_nowhere(till: Till) -> None:
    till.limits = replace(LIMITS, per_prefix=1, per_day=2)
    assert await till.spend(ANNA, "1") == ""
    for n in range(5):
        assert await till.spend("+46701740999", f"full-{n}") == "prefix"
    assert await till.spend("+46722222222", "2") == ""


async def test_the_store_holds_no_number(till: Till, connection: Connection) -> None:
    await till.spend(ANNA, "1")
    held = await everything(connection)
    assert "budget" in held and ANNA[1:] not in held
