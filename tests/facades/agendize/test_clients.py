"""Who a registration is for: known by id, or by name and address; in the organization, and nowhere else."""

from callboard.services import Services
from facades.agendize.conftest import ANN, URL, Client
from house import everything


async def test_somebody_who_registers_again_is_the_same_client(robot: Client) -> None:
    first = (await robot.insert())["client"]
    again = (await robot.insert(client=ANN | {"emailAddress": "Ann@Example.org ".strip()}))["client"]
    sister = (await robot.insert(client=ANN | {"firstName": "Eva"}))["client"]
    assert first["id"] == again["id"] != sister["id"]


async def test_an_id_is_enough(robot: Client) -> None:
    known = (await robot.insert())["client"]
    assert (await robot.insert(client={"id": known["id"]}))["client"] == known
    assert (await robot.insert(client={"id": int(known["id"])}))["client"] == known
    other = (await robot.insert(client={"id": known["id"], "phoneNumber": "+46701740606"}))["client"]
    assert other == known | {"phoneNumber": "+46701740606"}


async def test_the_link_to_a_client_leads_to_them(robot: Client) -> None:
    known = (await robot.insert())["client"]
    assert await robot.ask("GET", known["selfLink"].removeprefix(f"{URL}/api/2.3")) == known
    await robot.ask("GET", "/clients/999", 404)
    await robot.ask("GET", "/clients/" + "9" * 40, 404)


async def test_another_organizations_client_is_none(robot: Client, foreigner: Client) -> None:
    await foreigner.insert()
    theirs = (await foreigner.insert(client=ANN | {"firstName": "Zoe"}))["client"]["id"]
    await robot.ask("POST", "", 400, json={"client": {"id": theirs}})
    await robot.ask("GET", f"/clients/{theirs}", 404)


async def test_nobody_who_signs_in_elsewhere_is_taken_for_a_client_by_their_address(
    robot: Client, services: Services
) -> None:
    """Nobody has shown that the address is theirs, and they would see the tickets."""
    other = await services.customers.put(
        "hilltop", username="mallory", password="correct horse battery", email="ann@example.org", first_name="Ann"
    )
    made = (await robot.insert())["client"]
    assert made["id"] != str(other.number)
    assert await services.reads.tickets_of_customer(other.id, ["main"]) == []


async def test_the_phone_takes_texts_and_is_shown_as_it_was_typed(robot: Client, services: Services) -> None:
    made = await robot.insert()
    person = await services.reads.person(await services.reads.ticket_of_serial(int(made["id"])))
    assert person and (person.phone, person.email, person.name) == ("+46701740605", "ann@example.org", "Ann Lee")
    changed = await robot.update(made["id"], client={"phoneNumber": "ask for Ann"})
    assert changed["client"]["phoneNumber"] == "ask for Ann"
    person = await services.reads.person(await services.reads.ticket_of_serial(int(made["id"])))
    assert person and person.phone == "", "nothing is sent to what is no number"


async def test_what_is_not_sent_stays_and_an_empty_text_removes(robot: Client) -> None:
    made = await robot.insert()
    changed = await robot.update(made["id"], client={"firstName": "Anne", "lastName": None, "phoneNumber": ""})
    assert changed["client"] == made["client"] | {"firstName": "Anne", "phoneNumber": ""}


async def test_another_id_is_another_client(robot: Client) -> None:
    made, other = await robot.insert(), await robot.insert(client=ANN | {"firstName": "Bo"})
    changed = await robot.update(made["id"], client={"id": other["client"]["id"]})
    assert changed["client"] == other["client"]
    await robot.ask("PUT", made["id"], 400, json={"client": {"id": "12345"}})


async def test_who_was_changed_elsewhere_is_shown_as_they_are(robot: Client, services: Services) -> None:
    id = (await robot.insert())["id"]
    await services.store.change_person(
        await services.reads.ticket_of_serial(int(id)), name="Anna Maria Lee", phone="+46701740699"
    )
    client = (await robot.get(id))["client"]
    assert (client["firstName"], client["lastName"], client["phoneNumber"]) == ("Anna", "Maria Lee", "+46701740699")


async def test_a_customer_who_took_a_ticket_elsewhere_has_an_id_here(robot: Client, services: Services) -> None:
    customer = await services.customers.put("hilltop", first_name="Eva", last_name="Ek")
    done = await services.store.join("general", name="Eva Ek", customer=customer.id)
    assert done.ticket is not None
    client = (await robot.get(str(done.ticket.serial)))["client"]
    assert (client["id"], client["firstName"]) == (str(customer.number), "Eva")


async def test_nothing_is_left_of_who_was_erased(robot: Client, services: Services) -> None:
    made = await robot.insert(form=[{"id": "note", "value": "secret note"}, FILE])
    ticket = await services.reads.ticket_of_serial(int(made["id"]))
    await services.store.erase(ticket)
    shown = await robot.get(made["id"])
    assert (shown["client"], shown["form"]) == ({}, [])
    await robot.ask("PUT", made["id"], 409, json={"client": {"firstName": "Eve"}})
    await robot.update(made["id"], status="finished")
    await services.customers.erase("hilltop", (await services.customers.find("hilltop", number=1)).id)  # type: ignore[union-attr]
    left = await everything(services.store.connection)
    assert not [word for word in ("Ann", "Lee", "secret note", "1740605", "c2VjcmV0") if word in left]


FILE = {"id": "file", "type": "file", "value": "data:text/plain;base64,c2VjcmV0IGZpbGU="}
