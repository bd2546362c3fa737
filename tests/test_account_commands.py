"""`callboard keys`, `signing` and `users`, on a running store and on a data directory that nothing runs on."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callboard.assets import SITES
from callboard.commands.keys import keys
from callboard.commands.signing import signing
from callboard.commands.users import users
from callboard.store.accounts import Accounts
from callboard.store.embedded import Embedded
from callboard.store.redis import Connection
from conftest import Clock
from house import PASSWORD

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_url: str, connection: Connection) -> Call:
    """Runs a command in an empty directory, on the store of the tests, with the starter site."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBOARD_REDIS", store_url)
    monkeypatch.setenv("CALLBOARD_SITE", str(SITES / "starter.toml"))
    return run


def run(*arguments: str, typed: str = "") -> Result:
    group = {"keys": keys, "signing": signing, "users": users}[arguments[0]]
    return CliRunner().invoke(group, arguments[1:], input=typed)


def accounts(connection: Connection) -> Accounts:
    return Accounts(connection, Clock(), session_hours=12)


def test_a_key_is_printed_once_and_works_until_it_is_revoked(call: Call, store_url: str) -> None:
    made = call("keys", "add", "Check-in kiosk")
    assert made.exit_code == 0
    secret = made.stdout.strip()
    assert re.fullmatch("cb_[a-z2-7]{8}_[a-z2-7]{32}", secret)
    assert find(store_url, secret) == "Check-in kiosk"
    listed = call("keys", "list").output
    assert "Check-in kiosk" in listed and secret[3:11] in listed and "used 2" in listed
    assert secret not in listed and secret[12:] not in listed
    assert call("keys", "revoke", secret[3:11]).exit_code == 0
    assert find(store_url, secret) is None
    again = call("keys", "revoke", secret[3:11])
    assert (again.exit_code, again.output) == (1, f"Error: there is no key {secret[3:11]}\n")


def test_a_signing_key_is_printed_once_and_signs_until_it_is_revoked(call: Call, store_url: str) -> None:
    made = call("signing", "add", "Till")
    secret = made.stdout.strip()
    assert made.exit_code == 0 and re.fullmatch("whsec_[A-Za-z0-9+/]{43}=", secret)
    listed = call("signing", "list").output
    (id,) = re.findall("^[a-z2-7]{8}", listed, re.MULTILINE)
    assert "Till" in listed and secret not in listed
    assert signs(store_url, id) == [secret]
    assert call("signing", "revoke", id).exit_code == 0
    assert signs(store_url, id) == []
    again = call("signing", "revoke", id)
    assert (again.exit_code, again.output) == (1, f"Error: there is no signing key {id}\n")


def signs(url: str, id: str) -> list[str]:
    async def ask() -> list[str]:
        connection = Connection.open(url)
        try:
            all = await accounts(connection).signing.all()
            return [
                key.secret for key in await accounts(connection).signing.of(all[0].organization if all else "", [id])
            ]
        finally:
            await connection.close()

    return asyncio.run(ask())


def find(url: str, secret: str) -> str | None:
    async def ask() -> str | None:
        connection = Connection.open(url)
        try:
            key = await accounts(connection).keys.find(secret)
        finally:
            await connection.close()
        return key.name if key else None

    return asyncio.run(ask())


def test_a_user_signs_in_with_the_password_that_was_typed(call: Call) -> None:
    made = call("users", "add", "Ada", "--admin", typed=f"{PASSWORD}\n")
    assert (made.exit_code, made.output) == (0, "Ada may sign in.\n")
    assert re.fullmatch(r"Ada  [a-z0-9-]+  admin staff\n", call("users", "list").output)
    assert call("users", "password", "ada", typed="another password\n").exit_code == 0
    twice = call("users", "add", "ADA", typed=f"{PASSWORD}\n")
    assert (twice.exit_code, twice.output) == (1, "Error: there is a user ADA already\n")
    assert call("users", "remove", "Ada").exit_code == 0
    assert call("users", "list").output == ""
    assert call("users", "remove", "Ada").exit_code == 1


def test_what_is_wrong_is_one_line_and_exits_with_1(call: Call) -> None:
    weak = call("users", "add", "Ada", typed="short\n")
    assert (weak.exit_code, weak.output) == (1, "Error: password: must be 10 to 256 characters\n")
    other = call("keys", "add", "Kiosk", "--organization", "nowhere")
    assert other.exit_code == 1 and other.output.startswith("Error: --organization has to be one of ")
    assert call("keys", "add", " ").exit_code == 1


def test_a_new_setup_link_is_given_as_long_as_there_is_nobody(call: Call) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/setup/[\w-]{43}\n", call("users", "link").output)
    call("users", "add", "Ada", typed=f"{PASSWORD}\n")
    assert call("users", "link").exit_code == 1


def test_a_store_that_is_away_is_told(call: Call) -> None:
    result = call("keys", "list", "--redis", "unix:///nowhere/s")
    assert result.exit_code == 1 and result.output.startswith("Error: the store does not answer")


def test_a_data_directory_that_is_not_there_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("keys", "list")
    assert (result.exit_code, result.output) == (1, "Error: there is no data directory data; name it with --data-dir\n")
    assert list(tmp_path.iterdir()) == []


def test_a_data_directory_is_used_whether_its_server_runs_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/site.toml").write_bytes((SITES / "starter.toml").read_bytes())
    secret = run("keys", "add", "Before").stdout.strip()

    async def meanwhile() -> Result:
        """The server is up; the command speaks to its store."""
        server = Embedded(tmp_path / "data")
        url = await server.start()
        try:
            result = await asyncio.to_thread(run, "keys", "add", "While it runs")
            connection = Connection.open(url)
            assert await accounts(connection).keys.find(secret)
            await connection.close()
        finally:
            await server.stop()
        return result

    assert asyncio.run(meanwhile()).exit_code == 0
    listed = run("keys", "list").output
    assert "Before" in listed and "While it runs" in listed
    assert not (tmp_path / "data/store.sock").exists()
