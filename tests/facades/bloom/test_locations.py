"""Locations and services: found by where they are, open as they are, with the numbers that tickets have."""

from typing import Any

import pytest

from callboard.facades.bloom.today import today, working_hours
from callboard.services import Services
from conftest import Clock
from facades.bloom.world import COMPANY, QBETTER, SERVICE_A, TESTE, TEXTS, TITLES, Bloom, change, wrong

CALDAS, FARO = "41.36,-8.19", "37.02,-7.93"


async def ids(bloom: Bloom, **where: Any) -> list[str]:
    return [location["id"] for location in (await bloom.get("locations/get", **where))["locations"]]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, [QBETTER, COMPANY, TESTE]),
        ({"region": "braga"}, [QBETTER, COMPANY]),
        ({"region": " BRAGA ", "city": "some city"}, [COMPANY]),
        ({"city": "Brag"}, []),
        ({"region": "", "city": ""}, [QBETTER, COMPANY, TESTE]),
        ({"coordinates": CALDAS}, [TESTE, QBETTER]),
        ({"coordinates": f"{CALDAS},868"}, [TESTE, QBETTER]),
        ({"coordinates": CALDAS, "region": "Braga"}, [QBETTER]),
        ({"coordinates": FARO}, []),
    ],
)
async def test_locations_are_found_by_where_they_are(
    bloom: Bloom, services: Services, where: dict[str, Any], found: list[str]
) -> None:
    change(services, TESTE, coordinates=(41.35, -8.18))
    assert await ids(bloom, **where) == found


async def test_without_a_radius_every_distance_is_near_enough(bloom: Bloom, services: Services) -> None:
    for uuid in (QBETTER, COMPANY, TESTE):
        change(services, uuid, remote={})
    assert await ids(bloom, coordinates=FARO) == [QBETTER]
    assert (await bloom.get("settings/get"))["settings"][0] == {"id": "vt_max_radius", "value": "0"}


async def test_nothing_found_is_an_empty_list_with_the_settings_all_the_same(bloom: Bloom) -> None:
    answer = await bloom.get("locations/get", city="Atlantis")
    assert answer["locations"] == [] and answer["settings"]["request_ticket_radius"] == 50


async def test_rules_are_told_in_whole_numbers(bloom: Bloom, services: Services) -> None:
    change(services, QBETTER, remote={"radius_km": 0.5, "min_waiting": 3, "min_wait_min": 7.5})
    told = {each["id"]: each["value"] for each in (await bloom.get("settings/get"))["settings"]}
    assert told == {
        "vt_max_radius": "50",
        "request_ticket_radius": "1",
        "request_ticket_min_customers": "3",
        "request_ticket_min_waiting_time": "8",
        "allow_multi_ticket": "true",
    }


async def test_texts_are_the_operators_else_our_own_in_the_documents_placeholders(
    bloom: Bloom, services: Services
) -> None:
    own = {"your_turn": "%{ticket.label} to %{desk.tag} (%{desk.name}), %{queue.name} at %{location.name}"}
    change(services, QBETTER, texts={"en": own}, titles={})
    told = (await bloom.get("locations/get"))["settings"]["notification_texts"]
    assert told["your_turn"] == {
        "title": "Your turn",
        "message": "%{ticket.tag}%{ticket.number} to %{ticket.desk.tag} (%{ticket.desk.name}), "
        "%{ticket.service.name} at %{location.name}",
    }
    assert "%{ticket.customers_ahead}" in told["almost_your_turn"]["message"]
    change(services, QBETTER, texts={}, titles={})
    told = (await bloom.get("locations/get"))["settings"]["notification_texts"]
    assert "%{ticket.tag}%{ticket.number}" in told["your_turn"]["message"]
    assert "desk %{ticket.desk.tag}" in told["your_turn"]["message"]  # a bare "3" is no place to go to
    change(services, QBETTER, texts={"en": TEXTS}, titles={"en": TITLES})
    told = (await bloom.get("locations/get"))["settings"]["notification_texts"]
    assert told == {kind: {"title": TITLES[kind], "message": TEXTS[kind]} for kind in TEXTS}


async def test_the_customers_own_open_tickets_are_listed_where_they_are(bloom: Bloom) -> None:
    await bloom.sign_up()
    taken = (await bloom.take(SERVICE_A, QBETTER))["ticket"]
    first, *others = (await bloom.get("locations/get"))["locations"]
    assert first["tickets"] == [taken] and [each["tickets"] for each in others] == [[], []]
    assert first["services"][0]["waiting_tickets"] == "1"
    await bloom.post("ticket/cancel", {"ticket": taken["id"]})
    assert (await bloom.get("locations/get"))["locations"][0]["tickets"] == []
    bloom.token = "braga.over"
    assert [each["tickets"] for each in (await bloom.get("locations/get"))["locations"]] == [[], [], []]


async def test_a_closed_service_says_so(bloom: Bloom, services: Services) -> None:
    await services.store.close_queue("qb-a")
    first, closed, _ = (await bloom.get("locations/get"))["locations"]
    assert [service["state"] for service in first["services"]] == [1, 0]
    assert closed["isOpen"] is False and [service["state"] for service in closed["services"]] == [1]
    by_name = {each["name"]: each for each in (await bloom.get("server_services/get"))["server_services"]}
    local = {place["id"]: place["services"][0]["isOpen"] for place in by_name["Service A"]["locations"]}
    assert local == {QBETTER: False, COMPANY: False, TESTE: True} and by_name["Service A"]["isOpen"] is True


async def test_queues_of_one_name_are_one_service(bloom: Bloom, services: Services) -> None:
    everywhere = (await bloom.get("server_services/get"))["server_services"]
    assert [(each["name"], len(each["locations"])) for each in everywhere] == [("Service A", 3), ("Service B", 1)]
    assert len({each["id"] for each in everywhere}) == 2
    one = await bloom.get("server_services/get", server_service_id=everywhere[1]["id"])
    assert one["server_services"] == [everywhere[1]]
    here = (await bloom.get("server_services/get", location_id=QBETTER))["server_services"]
    assert [(each["id"], [place["id"] for place in each["locations"]]) for each in here] == [
        (each["id"], [QBETTER]) for each in everywhere
    ]
    assert (everywhere[0]["open_today_from"], everywhere[0]["open_today_to"]) == (
        "2019-12-23 00:00:00",
        "2019-12-23 23:59:59",
    )


@pytest.mark.parametrize(
    "filters",
    [
        {"server_service_id": "no-such"},
        {"location_id": "no-such"},
        {"location_id": "d2f1c7d4-6a3c-4c76-8a55-0d7b4d0a9e11"},
    ],
)
async def test_an_id_of_nothing_is_refused(bloom: Bloom, filters: dict[str, Any]) -> None:
    assert wrong(await bloom.get("server_services/get", **filters)) == 6


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ({}, [("00:00:00", "23:59:59")]),
        ({"mon": ["09:00-12:30", "14:00-24:00"]}, [("09:00:00", "12:30:00"), ("14:00:00", "23:59:59")]),
        ({"sun": ["10:00-11:00"]}, []),
    ],
)
def test_todays_hours(services: Services, clock: Clock, hours: dict[str, Any], told: list[tuple[str, str]]) -> None:
    change(services, QBETTER, hours=hours)
    location = services.directory.locations[0]
    found = [(each.open_today_from, each.open_today_to) for each in today(location, clock.now)]
    assert found == [(f"2019-12-23 {start}", f"2019-12-23 {end}") for start, end in told]
    assert working_hours(location, clock.now) == (today(location, clock.now) or "")


def test_today_is_where_the_location_is(services: Services, clock: Clock) -> None:
    change(services, QBETTER, time_zone="Pacific/Auckland", hours={})
    (hours,) = today(services.directory.locations[0], clock.now)
    assert hours.open_today_from == "2019-12-24 00:00:00"
