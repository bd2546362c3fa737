"""Who has said that they want no more messages."""

import pytest

from callboard.store.opt_outs import OptOuts
from callboard.store.redis import Connection
from conftest import Clock
from house import everything

ANNA, MAIL = "+46701740605", "anna@example.org"


@pytest.fixture
def opt_outs(connection: Connection, clock: Clock) -> OptOuts:
    return OptOuts(connection, clock, "MG1")


async def test_nobody_has_opted_out_who_has_not_said_so(opt_outs: OptOuts) -> None:
    assert not await opt_outs.refused("sms", ANNA, "hilltop")


async def test_an_opt_out_from_an_organization_is_not_one_from_another(opt_outs: OptOuts) -> None:
    await opt_outs.refuse("mail", MAIL, "hilltop")
    await opt_outs.refuse("mail", MAIL, "hilltop")
    assert await opt_outs.refused("mail", MAIL, "hilltop")
    assert not await opt_outs.refused("mail", MAIL, "valley")
    assert not await opt_outs.refused("sms", MAIL, "hilltop")
    await opt_outs.accept("mail", MAIL, "hilltop")
    assert not await opt_outs.refused("mail", MAIL, "hilltop")


async def test_an_opt_out_from_a_sender_is_one_from_all_who_write_from_it(
    opt_outs: OptOuts, connection: Connection, clock: Clock
) -> None:
    await opt_outs.refuse("sms", ANNA)
    assert await opt_outs.refused("sms", ANNA, "hilltop")
    assert await opt_outs.refused("sms", ANNA, "valley")
    assert not await OptOuts(connection, clock, "+46700000001").refused("sms", ANNA, "hilltop")
    await opt_outs.accept("sms", ANNA)
    assert not await opt_outs.refused("sms", ANNA, "hilltop")


async def test_an_address_is_the_same_in_capitals(opt_outs: OptOuts) -> None:
    await opt_outs.refuse("mail", " Anna@Example.org", "hilltop")
    assert await opt_outs.refused("mail", MAIL, "hilltop")


async def test_the_store_holds_no_address(opt_outs: OptOuts, connection: Connection) -> None:
    await opt_outs.refuse("sms", ANNA)
    await opt_outs.refuse("mail", MAIL, "hilltop")
    held = await everything(connection)
    assert "opt_outs" in held
    for private in (ANNA[1:], "anna", MAIL):
        assert private not in held
