"""Customers of an organization, on the real store: found by any identity, signed in, reset, forgotten."""

import asyncio
from typing import Any

import pytest
from redis.crc import key_slot
from redis.exceptions import ConnectionError as LostConnection

from callboard.domain.customer import Customer
from callboard.errors import Invalid
from callboard.store.customers import Customers, NoCustomer, Taken
from callboard.store.keys import customers_key
from callboard.store.passwords import Passwords
from callboard.store.redis import Connection
from conftest import Clock
from house import CHEAP, PASSWORD, everything

ANOTHER = "another password"


def open_customers(connection: Connection, clock: Clock) -> Customers:
    return Customers(connection, clock, passwords=Passwords(CHEAP))


@pytest.fixture
def customers(connection: Connection, clock: Clock) -> Customers:
    return open_customers(connection, clock)


async def ada(customers: Customers, **fields: Any) -> Customer:
    given = {
        "username": "Ada",
        "password": PASSWORD,
        "email": "ada@example.org",
        "personal_id": "19",
        "first_name": "A",
    }
    return await customers.put("hilltop", **given | fields)


# Who it is


@pytest.mark.parametrize("by", ["id", "number", "username", "email", "personal_id", "external_id"])
async def test_a_customer_is_found_by_each_identity_in_their_organization_only(customers: Customers, by: str) -> None:
    await customers.put("hilltop", first_name="Somebody else")
    made = await ada(customers, external_id="crm:7")
    assert await customers.find("hilltop", **{by: getattr(made, by)}) == made
    assert await customers.find("elsewhere", **{by: getattr(made, by)}) is None
    assert await customers.find("hilltop", **{by: "nobody's"}) is None
    assert await customers.find("hilltop", **{by: ""}) is None


async def test_numbers_are_small_and_never_used_twice(customers: Customers) -> None:
    made = await asyncio.gather(*(customers.put("hilltop") for _ in range(9)))
    assert sorted(each.number for each in made) == list(range(1, 10))
    for each in made:
        await customers.erase("hilltop", each.id)
    assert (await customers.put("hilltop")).number == 10
    assert (await customers.put("elsewhere")).number == 1


async def test_identities_are_the_same_whatever_their_capitals_but_what_another_system_made_up_is_not(
    customers: Customers,
) -> None:
    made = await ada(customers, username="Åsa", external_id="aB")
    assert await customers.find("hilltop", username=" åSA ") == made
    assert await customers.find("hilltop", email="ADA@example.org") == made
    assert await customers.find("hilltop", external_id="ab") is None
    with pytest.raises(Taken) as caught:
        await customers.put("hilltop", username="åsa")
    assert caught.value.field == "username"


@pytest.mark.parametrize("field", ["username", "email", "personal_id", "external_id"])
async def test_of_two_who_want_the_same_at_once_one_gets_it(customers: Customers, field: str) -> None:
    made = await asyncio.gather(
        *(customers.put("hilltop", unique=[field], **{field: "it"}) for _ in range(8)), return_exceptions=True
    )
    (one,) = (each for each in made if isinstance(each, Customer))
    assert [each.field for each in made if isinstance(each, Taken)] == [field] * 7
    assert await customers.find("hilltop", **{field: "it"}) == one


async def test_two_who_change_into_the_same_at_once_do_not_both(customers: Customers) -> None:
    two = [await customers.put("hilltop", username=name) for name in ("ada", "bea")]
    done = await asyncio.gather(
        *(customers.put("hilltop", each.id, username="eve") for each in two), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in done) == ["Customer", "Taken"]
    (loser,) = (each for each, result in zip(two, done, strict=True) if isinstance(result, Taken))
    assert await customers.find("hilltop", id=loser.id) == loser


async def test_an_identity_that_is_left_is_free_again(customers: Customers) -> None:
    made = await ada(customers)
    await customers.put("hilltop", made.id, username="lovelace", personal_id="")
    other = await ada(customers)
    assert await customers.find("hilltop", username="ada") == other
    await customers.erase("hilltop", other.id)
    assert (await ada(customers)).number == 3


async def test_what_may_be_shared_finds_who_was_there_first_and_then_the_next(customers: Customers) -> None:
    family = [await customers.put("hilltop", email="home@example.org") for _ in range(3)]
    assert await customers.find("hilltop", email="home@example.org") == family[0]
    await customers.erase("hilltop", family[0].id)
    assert await customers.find("hilltop", email="home@example.org") == family[1]
    with pytest.raises(Taken):
        await customers.put("hilltop", email="Home@example.org", unique=["email"])
    renamed = await customers.put("hilltop", family[2].id, first_name="Third", unique=["email"])
    assert renamed.first_name == "Third"  # what is not touched is not refused


async def test_what_changes_at_once_is_not_lost(customers: Customers, clock: Clock) -> None:
    made = await ada(customers)
    clock.pass_(s=1)
    await asyncio.gather(
        customers.put("hilltop", made.id, phone="+46701740605"),
        customers.put("hilltop", made.id, locale="sv"),
        customers.put("hilltop", made.id, consent=False),
        customers.put("hilltop", made.id, extra='{"a":{}}'),
    )
    now = await customers.find("hilltop", id=made.id)
    assert now and (now.phone, now.locale, now.consent, now.extra) == ("+46701740605", "sv", False, '{"a":{}}')
    assert (now.created_at, now.changed_at, now.rev) == (made.created_at, clock.now, 0)


async def test_what_does_not_fit_changes_nothing(customers: Customers) -> None:
    made = await ada(customers)
    with pytest.raises(NoCustomer):
        await customers.put("hilltop", "nobody", phone="+46701740605")
    with pytest.raises(TypeError):
        await customers.put("hilltop", made.id, rev=7)
    with pytest.raises(Invalid) as caught:
        await customers.put("hilltop", made.id, first_name="x" * 321, extra="x" * 20_000, password="short")
    assert [mistake.where for mistake in caught.value.mistakes] == ["first_name", "password"]
    assert await customers.find("hilltop", id=made.id) == made


async def test_a_lost_answer_makes_neither_a_second_customer_nor_one_that_is_taken(
    connection: Connection, clock: Clock
) -> None:
    client: Any = Forgetful(connection.client)
    made = await ada(open_customers(Connection(connection.url, client, wait_s=2), clock))
    assert client.has_lost
    assert await open_customers(connection, clock).find("hilltop", username="ada") == made


class Forgetful:
    """A client whose first script answers nobody."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.has_lost = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def evalsha(self, *args: Any) -> Any:
        return self._lose(await self._client.evalsha(*args))

    async def eval(self, *args: Any) -> Any:
        return self._lose(await self._client.eval(*args))

    def _lose(self, answer: Any) -> Any:
        if not self.has_lost:
            self.has_lost = True
            raise LostConnection
        return answer


# Signing in


async def test_a_customer_signs_in_with_the_password_and_with_no_other(customers: Customers) -> None:
    made = await ada(customers)
    assert await customers.sign_in("hilltop", "ada", PASSWORD) == made
    assert await customers.sign_in("hilltop", "ada", PASSWORD + " ") is None
    assert await customers.sign_in("hilltop", "bea", PASSWORD) is None
    assert await customers.sign_in("elsewhere", "ada", PASSWORD) is None


async def test_without_a_password_or_activity_nobody_signs_in(customers: Customers) -> None:
    await customers.put("hilltop", username="bea")
    assert await customers.sign_in("hilltop", "bea", "") is None
    made = await ada(customers)
    token = await customers.begin("hilltop", made.id)
    await customers.put("hilltop", made.id, active=False)
    assert await customers.sign_in("hilltop", "ada", PASSWORD) is None
    assert await customers.of_token("hilltop", token) is None
    assert await customers.begin_reset("hilltop", "ada@example.org") is None


async def test_a_token_opens_until_it_is_unused_for_90_days(customers: Customers, clock: Clock) -> None:
    made = await ada(customers)
    token = await customers.begin("hilltop", made.id)
    for _ in range(3):
        clock.pass_(h=89 * 24)
        assert await customers.of_token("hilltop", token) == made
    clock.pass_(h=90 * 24)
    assert await customers.of_token("hilltop", token) is None


async def test_a_token_ends_with_the_password_the_customer_or_the_sign_out_and_never_opens_elsewhere(
    customers: Customers,
) -> None:
    made = await ada(customers)
    one, two = [await customers.begin("hilltop", made.id) for _ in range(2)]
    assert await customers.of_token("elsewhere", one) is None
    await customers.end("hilltop", one)
    assert await customers.of_token("hilltop", one) is None
    assert await customers.of_token("hilltop", two) == made
    changed = await customers.set_password("hilltop", made.id, ANOTHER)
    assert changed and await customers.of_token("hilltop", two) is None
    three = await customers.begin("hilltop", made.id)
    assert await customers.of_token("hilltop", three) == changed
    assert await customers.erase("hilltop", made.id)
    assert await customers.of_token("hilltop", three) is None
    assert await customers.of_token("hilltop", await customers.begin("hilltop", made.id)) is None
    assert await customers.set_password("hilltop", made.id, ANOTHER) is None


# A new password


async def reset(customers: Customers) -> str:
    found = await customers.begin_reset("hilltop", "ADA@example.org")
    assert found and found[0].username == "Ada"
    return found[1]


async def test_a_reset_sets_one_password_and_ends_what_was_open(customers: Customers) -> None:
    made = await ada(customers)
    token, first, second = await customers.begin("hilltop", made.id), await reset(customers), await reset(customers)
    with pytest.raises(Invalid):
        await customers.use_reset("hilltop", first, "")
    assert await customers.use_reset("elsewhere", first, ANOTHER) is None
    assert await customers.use_reset("hilltop", first, ANOTHER)
    assert await customers.use_reset("hilltop", first, PASSWORD) is None
    assert await customers.use_reset("hilltop", second, PASSWORD) is None
    assert await customers.of_token("hilltop", token) is None
    assert await customers.sign_in("hilltop", "ada", ANOTHER)


async def test_of_many_who_use_a_reset_at_once_one_does(customers: Customers) -> None:
    await ada(customers)
    secret = await reset(customers)
    passwords = [f"password number {number}" for number in range(6)]
    used = await asyncio.gather(*(customers.use_reset("hilltop", secret, each) for each in passwords))
    assert len([each for each in used if each]) == 1
    fits = [await customers.sign_in("hilltop", "ada", each) for each in passwords]
    assert [bool(each) for each in used] == [bool(each) for each in fits]


async def test_a_reset_is_over_after_an_hour_and_is_no_sign_in(customers: Customers, clock: Clock) -> None:
    made = await ada(customers)
    late, in_time = await reset(customers), await reset(customers)
    clock.pass_(min=59)
    assert await customers.of_token("hilltop", late) is None
    assert await customers.use_reset("hilltop", await customers.begin("hilltop", made.id), ANOTHER) is None
    clock.pass_(min=1)
    assert await customers.use_reset("hilltop", late, ANOTHER) is None
    assert await customers.sign_in("hilltop", "ada", PASSWORD)
    assert in_time != late


async def test_only_who_may_sign_in_gets_a_reset(customers: Customers) -> None:
    await customers.put("hilltop", email="ada@example.org")
    assert await customers.begin_reset("hilltop", "ada@example.org") is None
    assert await customers.begin_reset("hilltop", "") is None
    made = await ada(customers)
    found = await customers.begin_reset("hilltop", "ada@example.org")
    assert found and found[0] == made


# What is kept


async def test_nothing_that_opens_anything_is_in_the_store(customers: Customers, connection: Connection) -> None:
    made = await ada(customers)
    token, secret = await customers.begin("hilltop", made.id), await reset(customers)
    kept = await everything(connection)
    assert "Ada" in kept and "$argon2id$" in kept
    assert not [each for each in (PASSWORD, token, secret) if each in kept]


async def test_who_is_erased_is_nowhere(customers: Customers, connection: Connection) -> None:
    made = await ada(customers, phone="+46701740605", external_id="crm:7", last_name="Lovelace")
    await customers.begin("hilltop", made.id)
    assert await customers.erase("hilltop", made.id)
    kept = await everything(connection)
    assert not [word for word in ("Ada", "ada@", "Lovelace", "70174", "crm", "argon2") if word in kept]
    assert await connection.client.exists(customers_key("hilltop", "all")) == 0
    assert await connection.client.exists(customers_key("hilltop", "by:username")) == 0
    assert not await customers.erase("hilltop", made.id)


async def test_all_of_an_organization_is_in_one_slot(customers: Customers, connection: Connection) -> None:
    made = await ada(customers)
    await customers.begin("hilltop", made.id)
    await reset(customers)
    keys = [key async for key in connection.client.scan_iter()]
    assert len(keys) == 8 and all(key.startswith(customers_key("hilltop", "")) for key in keys)
    assert len({key_slot(key.encode()) for key in keys}) == 1


async def test_a_change_made_of_what_there_is_loses_nothing_that_others_change(customers: Customers) -> None:
    made = await ada(customers, extra="")

    async def add(letter: str) -> None:
        await customers.change("hilltop", made.id, lambda now: {"extra": now.extra + letter})

    await asyncio.gather(*map(add, "abcd"))
    changed = await customers.find("hilltop", id=made.id)
    assert changed is not None and sorted(changed.extra) == list("abcd")
    with pytest.raises(Invalid):
        await customers.change("hilltop", made.id, lambda now: {"first_name": "x" * 321})
    assert await customers.find("hilltop", id=made.id) == changed
    with pytest.raises(NoCustomer):
        await customers.change("elsewhere", made.id, lambda now: {"first_name": "x"})
