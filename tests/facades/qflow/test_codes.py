"""The table of codes: what ships is whole, and what the operator writes comes before it."""

import os
from pathlib import Path

import pytest

from callboard.domain.model import State
from callboard.errors import Invalid, Refusal
from callboard.facades.qflow import codes
from facades.qflow.conftest import Client
from facades.qflow.world import Office, refused

AT_THE_DOOR = "waiting = { case_status = 0, process_status = 0, entity_status = 5 }"


def write(data_dir: str, text: str) -> Path:
    path = Path(data_dir) / codes.OWN
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_every_state_and_refusal_has_its_line() -> None:
    table = codes.read()
    assert {*State} <= {*table.shown}
    assert {*Refusal} <= {*table.error_number}
    assert len({*table.error_number.values()}) == len(table.error_number)
    own = {word: number for word, number in table.error_number.items() if number > 90_000}
    assert set(table.error_number) - set(own) == {"not_found", "no_calendar", "slot_full"}


def test_unknown_codes_are_not_shown() -> None:
    """Those between that nobody has documented."""
    table = codes.read()
    assert not {"1", "2", "5", "7", "9", "10", "13", "14", "16"} & set(table.entity_status)
    assert not {"3", "4", "5", "6", "11", "12"} & set(table.action)


async def test_a_line_of_the_operator_counts_from_the_next_request_on(office: Office) -> None:
    process = await office.walked_in()
    path = write(
        office.services.settings.data_dir,
        f'[entity_status]\n5 = "AtTheDoor"\n[shown]\n{AT_THE_DOOR}\n[unit_type]\nlocation = 7\n',
    )
    case = await office.case(process)
    assert (case["EntityStatus"], case["EntityStatusDesc"], case["UnitTypeId"]) == (5, "AtTheDoor", 7)
    assert (case["CaseStatusDesc"], case["ParentUnitTypeId"]) == ("Active", 1)
    path.unlink()
    assert (await office.case(process))["EntityStatus"] == 3


async def test_another_error_number(office: Office) -> None:
    write(office.services.settings.data_dir, "[error_number]\nnot_found = 42\n")
    assert refused(await office.ask("GET", "/API/Cases/999")) == (404, 42)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"[shown]\n{AT_THE_DOOR}", "shown.waiting.entity_status"),
        ("[action_of]\njoin = 99", "action_of.join"),
        ("[entity_status]\n0 = 7", "entity_status.0"),
        ("[server]\ntime_zone = 'Atlantis'", "server.time_zone"),
        ("[server]\ntime_zone = '../../etc/passwd'", "server.time_zone"),
        ("[colours]\nred = 1", "colours"),
        ("[figures]\ndays_to_search = 0", "figures.days_to_search"),
        ("appointment_type = {}\nshown = 3", "shown"),
        ("[shown", ""),
    ],
)
async def test_a_mistake_is_named_and_the_file_not_used(
    office: Office, text: str, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(office.services.settings.data_dir, text)
    with pytest.raises(Invalid) as raised:
        codes.read(path)
    assert where in [mistake.where for mistake in raised.value.mistakes]
    process = await office.walked_in()
    for _ in range(2):
        assert (await office.case(process))["EntityStatus"] == 3
    assert len([record for record in caplog.records if "not used" in record.message]) == 1


async def test_a_file_that_cannot_be_read_is_not_used(office: Office) -> None:
    path = Path(office.services.settings.data_dir) / codes.OWN
    path.mkdir(parents=True)
    assert (await office.case(await office.walked_in()))["EntityStatus"] == 3


async def test_the_servers_zone_is_the_operators_to_say(office: Office) -> None:
    process = await office.walked_in()
    write(office.services.settings.data_dir, "[server]\ntime_zone = 'UTC'\n")
    case = await office.case(process)
    assert (case["CaseDateCreated"], case["TimeZoneOffset"]) == ("2026-09-22T02:00:00.0000000+00:00", 600)


async def test_without_a_key_only_where_the_operator_says_so(office: Office, client: Client) -> None:
    process = await office.walked_in()
    nobody = client()
    assert (await nobody.get(f"/API/Cases/{process}")).status_code == 401
    path = write(office.services.settings.data_dir, "[access]\nwithout_key = 'riverside'\n")
    assert (await nobody.get(f"/API/Cases/{process}")).status_code == 200
    assert (await client(Application_API_Key="wrong").get(f"/API/Cases/{process}")).status_code == 401
    path.write_text("[access]\nwithout_key = 'elsewhere'\n", "utf-8")
    os.utime(path, ns=(1, 1))
    assert (await nobody.get(f"/API/Cases/{process}")).status_code == 404
    path.write_text("[access]\nwithout_key = 'nobody'\n", "utf-8")
    assert (await nobody.get(f"/API/Cases/{process}")).status_code == 401
