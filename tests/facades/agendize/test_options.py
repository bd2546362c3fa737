"""What an organization may choose of this API in its site file."""

import msgspec
import pytest
from msgspec.structs import replace

from callboard.domain.directory import Directory
from callboard.domain.model import Site
from conftest import Clock
from facades.agendize.conftest import PLAIN, Client, site

CHOSEN = {"agendize": {"next_by_get": True, "keep_place": True}}


@pytest.fixture
def directory() -> Directory:
    """Chosen by one organization, and not by the other."""
    here = site()
    chosen = replace(here, organization=replace(here.organization, apis=CHOSEN))
    return Directory([chosen, msgspec.convert(PLAIN, Site)])


async def test_next_goes_on_by_get_for_clients_of_version_2_0(old: Client, robot: Client) -> None:
    first, second = [(await robot.insert())["id"] for _ in range(2)]
    assert await old.ask("HEAD", "next") is None
    assert (await robot.ask("GET", "next"))["status"] == "registered"
    answers = [await old.ask("GET", "next") for _ in range(2)]
    assert [(each["id"], each["status"]) for each in answers] == [(first, "onGoing"), (second, "onGoing")]
    await old.ask("GET", "next", 404)


async def test_another_organization_only_looks(foreigner: Client) -> None:
    id = (await foreigner.insert())["id"]
    look = Client(foreigner.http, "2.0", queue="77")
    assert (await look.ask("GET", "next"))["status"] == "registered"
    assert await foreigner.ids("registered") == [id]


@pytest.mark.parametrize("between", ["inProgress", "finished", "noShow"])
async def test_who_is_registered_again_keeps_the_place(robot: Client, clock: Clock, between: str) -> None:
    first, second = [(await robot.insert())["id"] for _ in range(2)]
    before = await robot.get(first)
    await robot.update(first, status=between)
    clock.pass_(s=1)
    assert await robot.update(first, status="registered") == before
    assert await robot.ids() == [first, second]
