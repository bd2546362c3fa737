"""Who wants no more messages: one click in a mail program, or a button on a page."""

from urllib.parse import urlsplit

import httpx2
import pytest

from api.asking import take
from api.conftest import Client
from callboard.services import Services
from callboard.stopping import stop_path

MAIL = "anna@example.org"
PHONE = "+46701740605"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def address(who: httpx2.AsyncClient, services: Services, lane: str = "mail", **contact: str) -> str:
    """Of a new ticket."""
    ticket = (await take(who, **{"email": MAIL, "phone": PHONE, **contact}))["ticket"]["id"]
    person = await services.reads.person(ticket)
    assert person is not None
    return stop_path(ticket, person, lane)


async def stopped(services: Services, organization: str = "hilltop") -> dict[str, bool]:
    refused = services.opt_outs.refused
    return {lane: await refused(lane, to, organization) for lane, to in (("mail", MAIL), ("sms", PHONE))}


@pytest.fixture
def reader(client: Client) -> httpx2.AsyncClient:
    return client(Accept="text/html")


async def test_to_open_the_page_changes_nothing(reader: httpx2.AsyncClient, services: Services) -> None:
    page = await reader.get(await address(reader, services))
    assert page.status_code == 200
    assert '<form method="post"' in page.text and "Yes, stop them" in page.text and "Hilltop" in page.text
    assert MAIL not in page.text and "noindex" in page.text
    assert await stopped(services) == {"mail": False, "sms": False}


async def test_one_click_of_a_mail_program_needs_no_cookie_and_no_page(client: Client, services: Services) -> None:
    path = await address(client(), services)
    answer = await client(Origin="https://mail.example.com").post(path, data=ONE_CLICK)
    assert answer.status_code == 200 and "location" not in answer.headers
    assert await stopped(services) == {"mail": True, "sms": False}
    assert await stopped(services, "valley") == {"mail": False, "sms": False}
    assert (await client().post(path, data=ONE_CLICK)).status_code == 200


async def test_it_can_be_taken_back(reader: httpx2.AsyncClient, services: Services) -> None:
    path = await address(reader, services, "sms")
    page = await reader.post(path)
    assert "Done:" in page.text and 'action="?again"' in page.text
    assert await stopped(services) == {"mail": False, "sms": True}
    page = await reader.post(f"{path}?again")
    assert "Yes, stop them" in page.text
    assert await stopped(services) == {"mail": False, "sms": False}


async def test_an_address_is_good_for_its_ticket_and_its_lane_alone(
    reader: httpx2.AsyncClient, services: Services
) -> None:
    path, other = await address(reader, services), await address(reader, services)
    _, _, _, ticket, proof = path.split("/")
    for wrong in (
        f"/stop/sms/{ticket}/{proof}",
        f"/stop/mail/{other.split('/')[3]}/{proof}",
        f"/stop/mail/{ticket}/{proof[:-1]}é",
        f"/stop/mail/{ticket}/{'0' * 32}",
        f"/stop/push/{ticket}/{proof}",
        f"/stop/mail/nobody/{proof}",
    ):
        assert (await reader.post(wrong)).status_code == 404
    assert await stopped(services) == {"mail": False, "sms": False}


async def test_who_has_no_address_any_more_reads_so(reader: httpx2.AsyncClient, services: Services) -> None:
    path = await address(reader, services)
    ticket = urlsplit(path).path.split("/")[3]
    await services.store.change_person(ticket, email="")
    assert "no address of yours" in (await reader.post(path)).text
    await services.store.erase(ticket)
    assert (await reader.post(path)).status_code == 404


async def test_the_page_speaks_the_readers_language(client: Client, services: Services) -> None:
    path = await address(client(), services)
    page = await client(**{"Accept": "text/html", "Accept-Language": "ar"}).get(path)
    assert '<html lang="ar" dir="rtl">' in page.text
