"""Accounts, sessions, keys and the setup link, on the real store."""

import asyncio
from typing import Any

import pytest
from argon2 import PasswordHasher
from redis.exceptions import ConnectionError as LostConnection

from callboard.errors import Invalid
from callboard.store.accounts import Accounts, Exists, LinkOver, User
from callboard.store.keys import accounts_key
from callboard.store.passwords import Busy, Passwords
from callboard.store.redis import Connection
from conftest import Clock
from house import CHEAP, PASSWORD, everything


def open_accounts(connection: Connection, clock: Clock, passwords: Passwords | None = None) -> Accounts:
    return Accounts(connection, clock, session_hours=12, passwords=passwords or Passwords(CHEAP))


@pytest.fixture
def accounts(connection: Connection, clock: Clock) -> Accounts:
    return open_accounts(connection, clock)


async def add(accounts: Accounts, name: str = "Ada") -> User:
    return await accounts.add(name, PASSWORD, organization="hilltop", roles=("staff",))


class Watched(PasswordHasher):
    """Counts how often a password was looked at."""

    looks = 0

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        self.looks += 1
        return super().verify(hash, password)


# Users


async def test_a_user_signs_in_with_the_password_and_with_no_other(accounts: Accounts) -> None:
    user = await add(accounts)
    assert await accounts.sign_in("Ada", PASSWORD) == user
    assert await accounts.sign_in("Ada", PASSWORD + " ") is None
    assert await accounts.sign_in("Bea", PASSWORD) is None


async def test_an_unknown_name_costs_as_much_work_as_a_wrong_password(connection: Connection, clock: Clock) -> None:
    hasher = Watched()
    accounts = open_accounts(connection, clock, Passwords(hasher))
    await add(accounts)
    for name in ("nobody", "Ada"):
        before = hasher.looks
        assert await accounts.sign_in(name, "not the password") is None
        assert hasher.looks == before + 1


async def test_names_are_the_same_whatever_their_capitals(accounts: Accounts) -> None:
    await add(accounts, "Åsa")
    with pytest.raises(Exists):
        await add(accounts, " åSA ")
    signed_in = await accounts.sign_in("ÅSA", PASSWORD)
    assert signed_in and signed_in.name == "Åsa"
    assert [user.name for user in await accounts.users()] == ["Åsa"]


async def test_the_same_password_typed_on_another_keyboard_is_the_same(accounts: Accounts) -> None:
    await accounts.add("Ada", "sm\u00f6rg\u00e5sbord", organization="hilltop", roles=("staff",))
    assert await accounts.sign_in("Ada", "smo\u0308rga\u030asbord")


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [
        ("Ada", "short", "password"),
        ("Ada", "x" * 257, "password"),
        ("Ada", "aaaaaaaaaaaa", "password"),
        ("Ada Lovelace", "ada lovelace", "password"),
        ("", PASSWORD, "user"),
        ("   ", PASSWORD, "user"),
        ("Ada\nLovelace", PASSWORD, "user"),
        ("A" * 81, PASSWORD, "user"),
    ],
)
async def test_a_name_or_password_that_will_not_do_is_named(
    accounts: Accounts, name: str, password: str, field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await accounts.add(name, password, organization="hilltop", roles=("staff",))
    assert [mistake.where for mistake in caught.value.mistakes] == [field]
    assert await accounts.users() == []


async def test_two_who_make_the_same_user_at_once_make_one(accounts: Accounts) -> None:
    made = await asyncio.gather(*(add(accounts) for _ in range(8)), return_exceptions=True)
    assert [type(each) for each in made].count(User) == 1
    assert [type(each) for each in made].count(Exists) == 7


async def test_a_lost_answer_does_not_make_a_new_user_a_name_that_is_taken(
    connection: Connection, clock: Clock
) -> None:
    client: Any = Forgetful(connection.client)
    user = await add(open_accounts(Connection(connection.url, client, wait_s=1), clock))
    assert client.has_lost
    assert await open_accounts(connection, clock).users() == [user]


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


async def test_passwords_are_checked_two_at_a_time_and_a_flood_is_turned_away(
    connection: Connection, clock: Clock
) -> None:
    accounts = open_accounts(connection, clock)
    await add(accounts)
    tried = await asyncio.gather(
        *(accounts.sign_in("Ada", "wrong password") for _ in range(60)), return_exceptions=True
    )
    assert {type(each) for each in tried} == {Busy, type(None)}
    assert await accounts.sign_in("Ada", PASSWORD)


# The setup link


async def test_the_setup_link_makes_one_administrator_however_often_it_is_used_at_once(accounts: Accounts) -> None:
    token = await accounts.make_setup_link()
    assert token and await accounts.is_setup_open(token)
    names = [f"Admin {number}" for number in range(8)]
    made = await asyncio.gather(
        *(accounts.set_up(token, name, PASSWORD, organization="hilltop") for name in names), return_exceptions=True
    )
    users = [each for each in made if isinstance(each, User)]
    assert len(users) == 1 and users[0].roles == ("admin", "staff")
    assert {type(each) for each in made} == {User, LinkOver}
    assert await accounts.users() == users
    assert not await accounts.is_setup_open(token)


async def test_the_same_name_twice_by_one_link_is_one_user_too(accounts: Accounts) -> None:
    token = await accounts.make_setup_link()
    assert token
    made = await asyncio.gather(
        *(accounts.set_up(token, "Ada", PASSWORD, organization="hilltop") for _ in range(4)), return_exceptions=True
    )
    assert [type(each) for each in made].count(User) == 1
    assert [type(each) for each in made].count(LinkOver) == 3


async def test_a_setup_link_ends_after_a_day_and_with_the_next_one(accounts: Accounts, clock: Clock) -> None:
    first = await accounts.make_setup_link()
    second = await accounts.make_setup_link()
    assert first and second
    assert not await accounts.is_setup_open(first)
    assert await accounts.is_setup_open(second)
    clock.pass_(h=24)
    assert not await accounts.is_setup_open(second)
    with pytest.raises(LinkOver):
        await accounts.set_up(second, "Ada", PASSWORD, organization="hilltop")


async def test_there_is_no_setup_link_once_there_are_users(accounts: Accounts) -> None:
    token = await accounts.make_setup_link()
    assert token
    await add(accounts)
    assert not await accounts.is_setup_open(token)
    with pytest.raises(LinkOver):
        await accounts.set_up(token, "Eve", PASSWORD, organization="hilltop")
    assert await accounts.make_setup_link() is None


async def test_a_weak_password_does_not_use_up_the_link(accounts: Accounts) -> None:
    token = await accounts.make_setup_link()
    assert token
    with pytest.raises(Invalid):
        await accounts.set_up(token, "Ada", "short", organization="hilltop")
    assert await accounts.set_up(token, "Ada", PASSWORD, organization="hilltop")


# Sessions


async def test_a_session_lasts_as_long_as_it_is_used(accounts: Accounts, clock: Clock) -> None:
    user = await add(accounts)
    token = await accounts.sessions.begin(user.name, user.rev)
    for _ in range(4):
        clock.pass_(h=11)
        assert await accounts.session_user(token) == user
    clock.pass_(h=12)
    assert await accounts.session_user(token) is None


async def test_a_look_that_is_no_use_does_not_keep_a_session_alive(accounts: Accounts, clock: Clock) -> None:
    user = await add(accounts)
    token = await accounts.sessions.begin(user.name, user.rev)
    clock.pass_(h=11)
    assert await accounts.session_user(token, extend=False) == user
    clock.pass_(h=1)
    assert await accounts.session_user(token) is None


async def test_another_password_ends_all_sessions(accounts: Accounts) -> None:
    user = await add(accounts)
    tokens = [await accounts.sessions.begin(user.name, user.rev) for _ in range(3)]
    assert await accounts.set_password("ada", "another password")
    assert [await accounts.session_user(token) for token in tokens] == [None] * 3
    assert await accounts.sign_in("Ada", PASSWORD) is None
    assert await accounts.sign_in("Ada", "another password")


async def test_who_is_removed_is_signed_out(accounts: Accounts) -> None:
    user = await add(accounts)
    token = await accounts.sessions.begin(user.name, user.rev)
    assert await accounts.remove("Ada")
    assert await accounts.session_user(token) is None
    assert not await accounts.remove("Ada")


async def test_a_session_that_ended_while_it_was_used_stays_ended(accounts: Accounts, clock: Clock) -> None:
    user = await add(accounts)
    token = await accounts.sessions.begin(user.name, user.rev)
    clock.pass_(h=6)
    session = await accounts.sessions.find(token)
    assert session
    await accounts.sessions.end(token)
    await accounts.sessions.extend(token, session)
    assert await accounts.session_user(token) is None


@pytest.mark.parametrize("token", ["", "*", "x" * 43, "../users", "å" * 43, "x" * 100_000])
async def test_what_was_never_a_session_is_none(accounts: Accounts, token: str) -> None:
    await add(accounts)
    assert await accounts.session_user(token) is None


# Keys


async def test_a_key_is_known_again_and_a_key_that_is_nearly_it_is_not(accounts: Accounts) -> None:
    key, secret = await accounts.keys.make("Check-in kiosk", organization="hilltop")
    assert await accounts.keys.find(secret) == key
    last = "a" if secret[-1] != "a" else "b"
    for wrong in (secret[:-1] + last, secret.upper(), secret + "a", secret[3:], f"cb_aaaaaaaa{secret[11:]}", ""):
        assert await accounts.keys.find(wrong) is None


async def test_a_revoked_key_stops_at_once_in_every_process(
    accounts: Accounts, connection: Connection, clock: Clock
) -> None:
    key, secret = await accounts.keys.make("Check-in kiosk", organization="hilltop")
    another = open_accounts(connection, clock)
    assert await another.keys.find(secret) == key
    assert await accounts.keys.revoke(key.id)
    assert await another.keys.find(secret) is None
    assert not await accounts.keys.revoke(key.id)
    assert await accounts.keys.all() == []


async def test_a_key_tells_when_it_was_last_used(accounts: Accounts, clock: Clock) -> None:
    key, secret = await accounts.keys.make("Kiosk", organization="hilltop")
    other, _ = await accounts.keys.make("Never used", organization="hilltop")
    clock.pass_(min=5)
    await accounts.keys.find(secret)
    used_at = clock()
    clock.pass_(s=30)
    await accounts.keys.find(secret)
    assert dict(await accounts.keys.all()) == {key: used_at, other: None}
    clock.pass_(min=1)
    await accounts.keys.find(secret)
    assert dict(await accounts.keys.all())[key] == clock()


async def test_a_store_that_takes_no_writes_still_knows_a_key(connection: Connection, clock: Clock) -> None:
    accounts = open_accounts(connection, clock)
    key, secret = await accounts.keys.make("Kiosk", organization="hilltop")
    try:
        await connection.client.config_set("min-replicas-to-write", 1)
        async with asyncio.timeout(1):  # not even a retry is waited for
            assert await accounts.keys.find(secret) == key
    finally:
        await connection.client.config_set("min-replicas-to-write", 0)


# What is kept


async def test_nothing_that_opens_anything_is_in_the_store(accounts: Accounts, connection: Connection) -> None:
    token = await accounts.make_setup_link()
    assert token
    kept = await everything(connection)
    user = await accounts.set_up(token, "Ada", PASSWORD, organization="hilltop")
    session = await accounts.sessions.begin(user.name, user.rev)
    key, secret = await accounts.keys.make("Kiosk", organization="hilltop")
    assert await accounts.keys.find(secret) and await accounts.session_user(session)
    kept += await everything(connection)
    assert "Ada" in kept and key.id in kept and "$argon2id$" in kept
    for secret_text in (token, PASSWORD, session, secret, secret.rpartition("_")[2]):
        assert secret_text not in kept


async def test_every_key_of_accounts_is_in_one_slot(accounts: Accounts, connection: Connection) -> None:
    user = await add(accounts)
    await accounts.sessions.begin(user.name, user.rev)
    _, secret = await accounts.keys.make("Kiosk", organization="hilltop")
    await accounts.keys.find(secret)
    keys = [key async for key in connection.client.scan_iter()]
    assert len(keys) == 4 and all(key.startswith(accounts_key("")) for key in keys)
    assert "{accounts}" in accounts_key("")
