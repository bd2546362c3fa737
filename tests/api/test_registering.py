"""Another system registers to be told, by the API; its secret is shown once, can be turned, and ends with it."""

import httpx2
import pytest

from api.asking import ROOT, code, fields
from api.conftest import ORIGIN
from callboard.domain.watch import Watch
from callboard.noticed import SHAPE
from callboard.services import Services
from callboard.store.accounts import Role
from conftest import Clock

HOOKS = f"{ROOT}/webhooks"
PASSWORD = "correct horse battery"


async def test_it_is_registered_listed_and_removed_with_its_secret(
    staff: httpx2.AsyncClient, stranger: httpx2.AsyncClient, services: Services
) -> None:
    asked = {"address": "https://example.org/hook", "name": "Till", "queue": "lab", "kinds": ["called", "finished"]}
    made = await staff.post(HOOKS, json=asked)
    assert made.status_code == 201
    hook, secret = made.json()["webhook"], made.json()["secret"]
    assert (hook["shape"], hook["queue"], hook["enabled"], hook["in_site_file"]) == (SHAPE, "lab", True, False)
    assert secret.startswith("whsec_") and len(secret) > 40
    listed = await staff.get(HOOKS)
    assert [each["id"] for each in listed.json()["webhooks"]] == [hook["id"]] and secret not in listed.text
    (watch,) = (await services.watches.all("hilltop")).values()
    assert watch.options == '["called","finished"]'
    assert code(await stranger.delete(f"{HOOKS}?webhook={hook['id']}")) == (404, "not_found")
    gone = await staff.delete(f"{HOOKS}?webhook={hook['id']}")
    assert gone.json()["webhook"]["id"] == hook["id"]
    assert code(await staff.delete(f"{HOOKS}?webhook={hook['id']}")) == (404, "not_found")
    assert await services.watches.all("hilltop") == {} and await services.accounts.signing.all() == []


@pytest.mark.parametrize(("roles", "may"), [(("staff",), False), (("admin", "staff"), True)])
async def test_of_those_who_sign_in_administrators_register_alone(
    visitor: httpx2.AsyncClient, services: Services, roles: tuple[Role, ...], may: bool
) -> None:
    await services.accounts.add("Ada", PASSWORD, organization="hilltop", roles=roles)
    entered = await visitor.post(
        f"{ROOT}/session", json={"user": "Ada", "password": PASSWORD}, headers={"Origin": ORIGIN}
    )
    visitor.headers |= {"Origin": ORIGIN, "X-CSRF-Token": entered.json()["csrf"]}
    made = await visitor.post(HOOKS, json={"address": "https://example.org/hook"})
    assert made.status_code == (201 if may else 403), made.text
    id = made.json()["webhook"]["id"] if may else "any"
    turned = await visitor.post(f"{HOOKS}/rotate", json={"webhook": id})
    gone = await visitor.delete(f"{HOOKS}?webhook={id}")
    assert (turned.status_code, gone.status_code) == ((200, 200) if may else (403, 403))


async def test_what_is_wrong_with_it_is_named(staff: httpx2.AsyncClient, services: Services) -> None:
    for body, wrong in (
        ({}, {"address"}),
        ({"address": "ftp://example.org"}, {"address"}),
        ({"address": "https://a:b@example.org"}, {"address"}),
        ({"address": "https://example.org", "kinds": ["nonsense"]}, {"kinds.0"}),
        ({"address": "https://example.org", "kinds": ["desk_opened"]}, {"kinds"}),
    ):
        answer = await staff.post(HOOKS, json=body)
        assert {each.split("[")[0].split(".")[0] for each in fields(answer)} == {each.split(".")[0] for each in wrong}
    assert code(await staff.post(HOOKS, json={"address": "https://example.org", "queue": "nope"})) == (404, "not_found")
    assert await services.accounts.signing.all() == []


async def test_a_secret_is_turned_and_the_one_before_signs_for_a_day(
    staff: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    made = (await staff.post(HOOKS, json={"address": "https://example.org/hook"})).json()
    path, which = f"{HOOKS}/rotate", {"webhook": made["webhook"]["id"]}
    turned = (await staff.post(path, json=which)).json()

    async def signs() -> list[str]:
        (watch,) = (await services.watches.all("hilltop")).values()
        return [key.secret for key in await services.accounts.signing.of("hilltop", watch.signing_keys)]

    assert await signs() == [turned["secret"], made["secret"]]
    clock.pass_(h=24)
    assert await signs() == [turned["secret"]]
    again = (await staff.post(path, json=which)).json()
    assert await signs() == [again["secret"], turned["secret"]]
    assert len(await services.accounts.signing.all()) == 2, "what signs no more is not kept"


async def test_one_in_anothers_words_keeps_its_keys(staff: httpx2.AsyncClient, services: Services) -> None:
    key = await services.accounts.signing.make("theirs", organization="hilltop")
    watch = Watch(organization="hilltop", shape="plain", address="https://example.org/", signing_keys=(key.id,))
    made = await services.watches.add(watch)
    assert code(await staff.post(f"{HOOKS}/rotate", json={"webhook": made.id})) == (404, "not_found")
    assert (await staff.delete(f"{HOOKS}?webhook={made.id}")).status_code == 200
    assert [each.id for each in await services.accounts.signing.all()] == [key.id]
