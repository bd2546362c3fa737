"""Customers: made, changed, and what of them others can use."""

import asyncio
from typing import Any

import pytest

from callboard.domain.customer import Customer
from callboard.store.customers import Customers
from facades.qflow.world import ANNA, Office, refused, wrong

CUSTOMERS = "/API/Customers"


async def known(office: Office, **identity: Any) -> Customer:
    found = await office.services.customers.find("riverside", **identity)
    assert found
    return found


async def test_made_with_all_fields(office: Office) -> None:
    answer = await office.done("POST", CUSTOMERS, ANNA)
    assert answer == ANNA | {"CustomerId": answer["CustomerId"], "DOB": "1980-05-01T00:00:00.0000000+10:00"}
    customer = await known(office, personal_id="19800501-1234")
    assert (customer.first_name, customer.email, customer.phone) == ("Anna", "anna@example.org", "+61491570156")
    assert (customer.number, customer.external_id, customer.consent) == (answer["CustomerId"], "CRM-7", True)


async def test_the_personal_id_decides_that_one_is_changed(office: Office) -> None:
    first = await office.done("POST", CUSTOMERS, ANNA)
    change = {"PersonalId": "19800501-1234", "LastName": "Ström", "IsActive": False, "Notes": ""}
    assert await office.done("POST", CUSTOMERS, change) == first | {"LastName": "Ström", "IsActive": False, "Notes": ""}


async def test_without_one_the_number_does(office: Office) -> None:
    number = await office.customer()
    change = {"CustomerId": number, "Sex": 0, "CustomProperties": {"tier": "none"}, "FirstName": None}
    answer = await office.done("POST", CUSTOMERS, change)
    assert (answer["Sex"], answer["CustomProperties"], answer["FirstName"]) == (0, {"tier": "none"}, "Anna")
    assert refused(await office.ask("POST", CUSTOMERS, {"CustomerId": 999})) == (404, 51010)


async def test_without_either_there_is_a_new_one(office: Office) -> None:
    numbers = {(await office.done("POST", CUSTOMERS, {"FirstName": "Bo"}))["CustomerId"] for _ in range(3)}
    assert len(numbers) == 3


async def test_several_at_once_make_one(office: Office) -> None:
    made = await asyncio.gather(*(office.customer(LastName=name) for name in ("A", "B", "C", "D", "E")))
    assert len(set(made)) == 1


@pytest.mark.parametrize("misses", [1, 99])
async def test_one_who_was_made_since_we_looked(office: Office, monkeypatch: pytest.MonkeyPatch, misses: int) -> None:
    number, find, looked = await office.customer(), Customers.find, 0

    async def find_late(self: Customers, organization: str, **identity: str | int) -> Customer | None:
        nonlocal looked
        looked += 1
        return None if looked <= misses else await find(self, organization, **identity)

    monkeypatch.setattr(Customers, "find", find_late)
    response = await office.ask("POST", CUSTOMERS, ANNA)
    if misses == 1:
        assert response.json()["CustomerId"] == number
    else:
        assert wrong(response) == {"model.PersonalId"}


async def test_one_who_is_erased_while_being_changed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await office.customer()
    put = Customers.put

    async def put_late(self: Customers, organization: str, id: str | None = None, **given: Any) -> Customer:
        await self.erase(organization, str(id))
        return await put(self, organization, id, **given)

    monkeypatch.setattr(Customers, "put", put_late)
    assert refused(await office.ask("POST", CUSTOMERS, {"CustomerId": number})) == (404, 51010)


async def test_nothing_said_is_null(office: Office) -> None:
    answer = await office.done("POST", CUSTOMERS, {})
    filled = {"CustomerId": answer["CustomerId"], "Sex": 0, "IsActive": True, "CustomProperties": {}}
    assert answer == dict.fromkeys(ANNA) | filled


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"Email": "not an address"}, {"model.Email"}),
        ({"DOB": "in May"}, {"model.DOB"}),
        ({"Sex": 64}, {"model.Sex"}),
        ({"PersonalId": "x" * 31, "FirstName": "x" * 51}, {"model.PersonalId", "model.FirstName"}),
        ({"IsActive": "perhaps"}, {"model.IsActive"}),
        ({"CustomProperties": {"a": {"b": 1}}}, {"model.CustomProperties.a"}),
        ({"CustomProperties": {str(n): "x" * 3000 for n in range(8)}}, {"model.CustomProperties"}),
    ],
)
async def test_fields_that_are_wrong_are_named(office: Office, change: dict[str, Any], fields: set[str]) -> None:
    assert wrong(await office.ask("POST", CUSTOMERS, ANNA | change)) == fields
    assert await office.services.customers.find("riverside", personal_id="19800501-1234") is None


async def test_a_number_that_takes_no_texts_is_kept_as_it_was_typed(office: Office) -> None:
    answer = await office.done("POST", CUSTOMERS, ANNA | {"TelNumber1": "ask at the gate"})
    assert answer["TelNumber1"] == "ask at the gate"
    assert (await known(office, number=answer["CustomerId"])).phone == ""


async def test_a_number_that_another_system_changed_is_shown(office: Office) -> None:
    customer = await known(office, number=await office.customer())
    await office.services.customers.put("riverside", customer.id, phone="+61491570006")
    answer = await office.done("POST", CUSTOMERS, {"CustomerId": customer.number})
    assert answer["TelNumber1"] == "+61491570006"


async def test_what_other_systems_keep_stays(office: Office) -> None:
    customer = await office.services.customers.put("riverside", personal_id="bo", extra='{"other": {"a": 1}}')
    await office.done("POST", CUSTOMERS, {"PersonalId": "bo", "Notes": "tall"})
    assert '"other":{"a":1}' in (await known(office, id=customer.id)).extra


async def test_each_organization_has_its_own(office: Office, stranger: Office) -> None:
    await office.customer()
    answer = await stranger.done("POST", CUSTOMERS, {"PersonalId": "19800501-1234", "FirstName": "Anne"})
    assert answer["LastName"] is None
    assert (await known(office, personal_id="19800501-1234")).first_name == "Anna"


async def test_a_birthday_is_the_same_in_every_zone(office: Office) -> None:
    for given, shown in (
        ("1980-05-01T00:00:00+02:00", "1980-05-01T00:00:00.0000000+02:00"),
        ("2025-09-13T08:26:07.6348032+10:00", "2025-09-13T08:26:07.6348032+10:00"),
        ("1850-05-01", "1850-05-01T00:00:00.0000000+10:05"),
    ):
        assert (await office.done("POST", CUSTOMERS, ANNA | {"DOB": given}))["DOB"] == shown
