"""Changes of a person that are made of what is kept of them."""

import pytest

from callboard.domain.directory import Directory
from callboard.domain.model import Person
from callboard.errors import Refusal, Refused
from callboard.foreign.person import TRIES, change_person
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import Clock
from house import make_services


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock) -> Services:
    return make_services(connection, directory, clock)


async def ticket(services: Services) -> tuple[str, Person]:
    done = await services.store.join("general", name="Ann", extra="0")
    assert done.ticket
    person = await services.reads.person(done.ticket.id)
    assert person
    return done.ticket.id, person


async def test_it_is_made_anew_of_what_another_has_changed(services: Services) -> None:
    id, person = await ticket(services)
    await services.store.change_person(id, extra="1", phone="+46701740605")
    seen: list[str] = []

    async def longer(person: Person) -> dict[str, str]:
        seen.append(person.extra)
        return {"extra": person.extra + "!", "attachments": "{}"}

    after = await change_person(services, id, person, longer, "elsewhere")
    assert after == await services.reads.person(id)
    assert after and (after.extra, after.phone, seen) == ("1!", "+46701740605", ["0", "1"])
    assert await services.reads.attachments(id) == "{}"


async def test_who_is_never_quick_enough_is_told_so(services: Services) -> None:
    id, person = await ticket(services)
    tries: list[str] = []

    async def too_slow(person: Person) -> dict[str, str]:
        tries.append(person.extra)
        await services.store.change_person(id, extra=f"{len(tries)}")
        return {"extra": "mine"}

    with pytest.raises(Refused) as caught:
        await change_person(services, id, person, too_slow, "elsewhere")
    assert (caught.value.refusal, len(tries)) == (Refusal.CHANGED_SINCE, TRIES)


async def test_nothing_is_changed_of_nobody_nor_without_a_reason(services: Services) -> None:
    id, person = await ticket(services)

    async def nothing(person: Person) -> dict[str, str]:
        return {}

    before = (await services.reads.picture("main")).seq
    assert await change_person(services, id, person, nothing, "elsewhere") == person
    assert await change_person(services, id, None, nothing, "elsewhere") is None
    assert (await services.reads.picture("main")).seq == before
