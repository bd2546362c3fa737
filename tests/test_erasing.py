"""A person who asks for it is forgotten: in the tickets, among the customers, and in the files of a store of ours."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from callboard.assets import SITES
from callboard.commands.erase import erase
from callboard.domain.directory import Directory
from callboard.domain.model import CloseReason
from callboard.site import read
from callboard.store.customers import Customers
from callboard.store.embedded import Embedded
from callboard.store.passwords import Passwords
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import Clock
from house import CHEAP

ANNA, MAIL, CANARY = "+447400123456", "anna.canary@example.org", "Canary-Anna"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory on which nothing runs, with three tickets and a customer."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBOARD_SITE", str(SITES / "starter.toml"))
    asyncio.run(_fill(tmp_path / "data"))
    return tmp_path / "data"


def _directory() -> Directory:
    return Directory([read(SITES / "starter.toml")])


async def _fill(data: Path) -> None:
    private, clock = Embedded(data), Clock()
    connection = Connection.open(await private.start())
    try:
        store = Store(connection, _directory(), clock)
        await store.join("service", name=CANARY, phone=ANNA)
        await store.join("collection", name="Bo", phone="+447400123457")
        done = await store.join("service", name=CANARY, email=MAIL)
        assert done.ticket
        await store.cancel(done.ticket.id, reason=CloseReason.CUSTOMER)
        customers = Customers(connection, clock, passwords=Passwords(CHEAP))
        await customers.put("my-organization", email=MAIL, phone=ANNA, first_name=CANARY)
    finally:
        await connection.close()
        await private.stop()


async def _names(data: Path) -> list[str]:
    private = Embedded(data)
    connection = Connection.open(await private.start())
    try:
        reads = Reads(connection, _directory())
        found = [await reads.tickets_reached_at("main", each) for each in (ANNA, MAIL, "+447400123457")]
        return [str(len(each)) for each in found]
    finally:
        await connection.close()
        await private.stop()


def test_who_is_reached_at_a_number_or_an_address_is_forgotten_and_nobody_else(data: Path) -> None:
    first = CliRunner().invoke(erase, ["07400 123456", "--yes"])
    assert first.exit_code == 1 and "+46701740605" in first.output  # whose country is not said
    done = CliRunner().invoke(erase, [ANNA, "--yes"])
    assert done.output == "Forgotten: the people of 1 tickets, and 1 customers.\n"
    assert asyncio.run(_names(data)) == ["0", "1", "1"]
    done = CliRunner().invoke(erase, [MAIL.upper()], input="y\n")
    assert "the people of 1 tickets, and 0 customers" in done.output
    assert asyncio.run(_names(data)) == ["0", "0", "1"]


def test_who_is_not_sure_erases_nobody(data: Path) -> None:
    done = CliRunner().invoke(erase, [ANNA], input="n\n")
    assert done.exit_code == 1
    assert asyncio.run(_names(data)) == ["1", "1", "1"]


def test_the_files_of_a_store_of_ours_hold_the_forgotten_no_more(data: Path) -> None:
    def files() -> bytes:
        return b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())

    assert CANARY.encode() in files() and ANNA.encode() in files()
    for address in (ANNA, MAIL):
        assert CliRunner().invoke(erase, [address, "--yes"]).exit_code == 0
    for private in (CANARY, ANNA, MAIL):
        assert private.encode() not in files()
    assert b"+447400123457" in files()
