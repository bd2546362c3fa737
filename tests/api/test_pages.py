"""The pages as they come over HTTP: in one's language, and with what they need to begin."""

import html
import json
import re
from dataclasses import replace
from typing import Any

import httpx2
import msgspec
import pytest
from msgspec import structs
from starlette.applications import Starlette

from api.asking import ROOT, take
from api.built import build
from api.conftest import ORIGIN, Client
from callboard.api.pages import own_address
from callboard.assets import DISPLAYS
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.screens import Screens
from callboard.services import Services
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from conftest import SITE

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PASSWORD = "correct horse battery"


@pytest.fixture
async def browser(client: Client, services: Services) -> httpx2.AsyncClient:
    """Somebody of the staff, signed in."""
    await services.accounts.add("Anna", PASSWORD, organization="hilltop", roles=("staff",))
    signed_in = client(**HTML)
    response = await signed_in.post(
        f"{ROOT}/session", json={"user": "Anna", "password": PASSWORD}, headers={"Origin": ORIGIN}
    )
    assert response.status_code == 200, response.text
    return signed_in


@pytest.fixture
def anybody(client: Client) -> httpx2.AsyncClient:
    return client(**HTML)


def html_of(page: str) -> dict[str, str]:
    """Language and direction of a page."""
    found = re.search(r'<html lang="(\w+)" dir="(\w+)">', page)
    assert found is not None, page[:200]
    return {"lang": found[1], "dir": found[2]}


def data_in(page: str, id: str) -> Any:
    """What a script of the page reads."""
    found = re.search(rf'<script type="application/json" id="{id}">(.*?)</script>', page, re.DOTALL)
    assert found is not None, f"the page has no {id}"
    return json.loads(found[1])


async def address_of(page: str, anybody: httpx2.AsyncClient) -> str:
    """The page's address, with a new ticket where it is about one."""
    return page.replace("{token}", (await take(anybody))["token"] if "{token}" in page else "")


def trouble(lang: str, kind: str) -> str:
    """The title of a page that cannot be shown."""
    texts = json.loads((DISPLAYS / "texts" / lang / "trouble.json").read_text("utf-8"))
    return f"<h1>{texts['kinds'][kind]['title']}</h1>"


OPEN = ["/", "/display/lobby", "/t/{token}", "/join/main", "/kiosk/main", "/signin"]
SPOKEN = [page for page in OPEN if page != "/display/lobby"]  # a screen speaks as the site file says


@pytest.mark.parametrize("page", OPEN)
async def test_a_page_opens_for_everybody(anybody: httpx2.AsyncClient, page: str) -> None:
    response = await anybody.get(await address_of(page, anybody))
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in response.headers["x-robots-tag"]
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert " style=" not in response.text
    assert not re.search(r"<script(?![^>]*(src=|application/json))", response.text)


@pytest.mark.parametrize("page", SPOKEN)
@pytest.mark.parametrize(("lang", "direction"), [("en", "ltr"), ("sv", "ltr"), ("ar", "rtl")])
async def test_a_page_speaks_the_language_asked_for(
    anybody: httpx2.AsyncClient, page: str, lang: str, direction: str
) -> None:
    response = await anybody.get(await address_of(page, anybody), params={"lang": lang})
    assert html_of(response.text) == {"lang": lang, "dir": direction}
    assert response.headers["content-language"] == lang


async def test_every_language_has_words_of_its_own(anybody: httpx2.AsyncClient) -> None:
    titles = set()
    for lang in ("en", "sv", "ar"):
        page = (await anybody.get("/join/main", params={"lang": lang})).text
        titles.add(data_in(page, "texts")["title"])
        assert len({*titles}) == len(titles)
    assert len(titles) == 3


async def test_a_language_that_was_asked_for_is_remembered(client: Client) -> None:
    phone = client(**HTML)
    asked = await phone.get("/join/main?lang=sv")
    assert "HttpOnly" in asked.headers["set-cookie"] and "samesite=lax" in asked.headers["set-cookie"].lower()
    assert html_of((await phone.get("/join/main", headers={"Accept-Language": "ar"})).text)["lang"] == "sv"


@pytest.mark.parametrize(
    ("accepts", "lang"),
    [
        ("sv", "sv"),
        ("sv-FI,fi;q=0.9", "sv"),
        ("fi, ar;q=0.2, en;q=0.1", "ar"),
        ("sv;q=0, ar;q=0.1", "ar"),
        ("fi", "en"),
        ("", "en"),
        ("*", "en"),
        ("sv;q=x, ar", "ar"),
        ("\xff,;;==,sv", "sv"),
        ("ar;q=nan, sv;q=0.1", "sv"),
    ],
)
async def test_the_browsers_languages_decide_else(anybody: httpx2.AsyncClient, accepts: str, lang: str) -> None:
    response = await anybody.get("/join/main", headers=[(b"Accept-Language", accepts.encode("latin-1"))])
    assert html_of(response.text)["lang"] == lang
    assert "set-cookie" not in response.headers


async def test_a_language_that_the_place_does_not_speak_is_not_remembered(anybody: httpx2.AsyncClient) -> None:
    response = await anybody.get("/join/main?lang=fi")
    assert html_of(response.text)["lang"] == "en"
    assert "set-cookie" not in response.headers


async def test_where_there_are_no_texts_they_are_english_and_a_ticket_can_be_taken(
    app: Starlette, services: Services, anybody: httpx2.AsyncClient
) -> None:
    """Its page sends its language along with what was chosen."""
    finnish = msgspec.convert(SITE, Site)
    places = (structs.replace(finnish.locations[0], languages=("fi",)),)
    app.state.services = in_site(services, structs.replace(finnish, locations=places))
    page = (await anybody.get("/join/main")).text
    assert html_of(page) == {"lang": "fi", "dir": "ltr"}
    assert data_in(page, "texts") == json.loads((DISPLAYS / "texts" / "en" / "join.json").read_text("utf-8"))
    assert (await take(anybody, locale="fi"))["ticket"]["label"] == "A001"


def in_site(services: Services, site: Site) -> Services:
    """The same server with another site file."""
    return build(services.store.connection, Directory([site]), services.clock, services.settings)


async def test_a_screen_begins_with_what_is_true(anybody: httpx2.AsyncClient, staff: httpx2.AsyncClient) -> None:
    await take(anybody, name="Eva Secret")
    await staff.post(f"{ROOT}/desks/d1/open")
    await staff.post(f"{ROOT}/desks/d1/call_next")
    page = (await anybody.get("/display/lobby")).text
    document = data_in(page, "document")
    assert (document["type"], document["calls"][0]["ticket"]) == ("board", "A001")
    assert 'data-live="/live/board/lobby"' in page
    assert "Secret" not in page


async def test_ones_page_begins_with_ones_ticket_and_its_code(anybody: httpx2.AsyncClient) -> None:
    taken = await take(anybody, name="Eva Secret", phone="0701740605")
    page = (await anybody.get(f"/t/{taken['token']}")).text
    assert data_in(page, "document")["label"] == "A001"
    assert "<svg" in page and 'class="qrline"' in page
    assert "Secret" not in page and "740605" not in page


async def test_taking_a_ticket_begins_with_the_place(anybody: httpx2.AsyncClient) -> None:
    for page in ("/join/main", "/kiosk/main"):
        document = data_in((await anybody.get(f"{page}?lang=sv")).text, "location")
        assert document == (await anybody.get(f"{ROOT}/locations/main?lang=sv")).json()


@pytest.mark.parametrize(
    "page",
    [
        "/display/x",
        "/t/x",
        "/t/%00",
        "/join/x",
        "/kiosk/x",
        "/join/valley-hall",
        "/kiosk/valley-hall",
        "/setup/x",
        "/x",
    ],
)
async def test_a_page_that_is_not_there_says_so_in_ones_language(anybody: httpx2.AsyncClient, page: str) -> None:
    response = await anybody.get(page, headers={"Accept-Language": "ar"})
    assert response.status_code == 404
    assert html_of(response.text) == {"lang": "ar", "dir": "rtl"}
    assert trouble("ar", "missing") in response.text
    assert "default-src 'self'" in response.headers["content-security-policy"]


async def test_who_does_not_open_a_page_is_told_in_json(visitor: httpx2.AsyncClient) -> None:
    assert (await visitor.get("/t/x")).json()["error"]["code"] == "not_found"


async def test_while_the_store_is_away(app: Starlette, services: Services, anybody: httpx2.AsyncClient) -> None:
    """A screen gets its page all the same, and goes on trying; others are told to wait a moment."""
    taken = await take(anybody)
    nowhere = Reads(Connection.open("unix:///nowhere/at/all", wait_s=0.05), services.directory)
    app.state.services = replace(services, reads=nowhere, screens=Screens(nowhere, services.clock))
    board = await anybody.get("/display/lobby")
    assert (board.status_code, data_in(board.text, "document")) == (200, None)
    phone = await anybody.get(f"/t/{taken['token']}")
    assert (phone.status_code, html_of(phone.text)["lang"]) == (503, "en")
    assert int(phone.headers["retry-after"]) >= 1
    assert trouble("en", "away") in phone.text


@pytest.mark.parametrize("page", ["/desk", "/desk?desk=d1", "/messages", "/admin"])
async def test_staff_pages_ask_to_sign_in_and_come_back(anybody: httpx2.AsyncClient, page: str) -> None:
    response = await anybody.get(page)
    assert response.status_code == 303
    signin = await anybody.get(response.headers["location"])
    assert f'data-next="{page}"' in signin.text


async def test_who_is_signed_in_already_goes_on(browser: httpx2.AsyncClient) -> None:
    response = await browser.get("/signin?next=/messages")
    assert (response.status_code, response.headers["location"]) == (303, "/messages")


async def test_the_desk_begins_with_its_document(browser: httpx2.AsyncClient, staff: httpx2.AsyncClient) -> None:
    await take(browser, name="Eva")
    choose = (await browser.get("/desk?lang=sv")).text
    assert [desk["id"] for desk in data_in(choose, "desks-data")] == ["d1", "d2", "d3"]
    assert data_in(choose, "document") is None
    page = (await browser.get("/desk?desk=d1")).text
    document = data_in(page, "document")
    assert (document["desk"], [ticket["name"] for ticket in document["waiting"]]) == ("d1", ["Eva"])
    csrf = re.search(r'data-csrf="([^"]+)"', page)
    assert csrf is not None
    opened = await browser.post(f"{ROOT}/desks/d1/open", headers={"X-CSRF-Token": csrf[1], "Origin": ORIGIN})
    assert opened.json()["desk"]["staff"] == "Anna"
    forged = await browser.post(f"{ROOT}/desks/d1/open", headers={"X-CSRF-Token": "x", "Origin": ORIGIN})
    assert forged.status_code == 403


@pytest.mark.parametrize("desk", ["v1", "nowhere"])
async def test_another_organizations_desk_is_not_there(browser: httpx2.AsyncClient, desk: str) -> None:
    assert (await browser.get(f"/desk?desk={desk}")).status_code == 404


async def test_the_outbox_is_for_staff(browser: httpx2.AsyncClient) -> None:
    page = (await browser.get("/messages")).text
    assert data_in(page, "messages-data") == []


async def test_administration_is_for_administrators(browser: httpx2.AsyncClient) -> None:
    response = await browser.get("/admin?lang=sv")
    assert response.status_code == 403
    assert trouble("sv", "forbidden") in response.text


async def test_administration_says_how_true_ones_own_waits_are_and_what_the_store_may_lose(
    app: Starlette, client: Client, services: Services
) -> None:
    """That of the tests keeps nothing on the disk."""
    await services.accounts.add("Ada", PASSWORD, organization="hilltop", roles=("admin", "staff"))
    admin = client(**HTML)
    await admin.post(f"{ROOT}/session", json={"user": "Ada", "password": PASSWORD}, headers={"Origin": ORIGIN})
    services.store.connection.marks.lost = 3
    page = (await admin.get("/admin?lang=ar")).text
    overview = data_in(page, "overview")
    assert [(each["location"], each["name"]) for each in overview["locations"]] == [("main", "عيادة التل")]
    assert overview["locations"][0]["week"]["called"] == 0
    assert overview["weaknesses"] and all(sentence in html.unescape(page) for sentence in overview["weaknesses"])
    assert (overview["lost"], overview["problem"]) == (3, "")
    app.state.services = replace(services, problem=lambda: "its disk is full")
    assert "its disk is full" in (await admin.get("/admin")).text


async def test_the_first_administrators_link(anybody: httpx2.AsyncClient, services: Services) -> None:
    token = await services.accounts.make_setup_link()
    assert token is not None
    assert f'data-token="{token}"' in (await anybody.get(f"/setup/{token}")).text
    await services.accounts.set_up(token, "Anna", PASSWORD, organization="hilltop")
    assert (await anybody.get(f"/setup/{token}")).status_code == 404


@pytest.mark.parametrize(
    ("address", "then"),
    [
        ("/messages", "/messages"),
        ("/desk?desk=d1&lang=sv", "/desk?desk=d1&lang=sv"),
        ("", "/desk"),
        ("https://evil.example", "/desk"),
        ("//evil.example", "/desk"),
        ("/\\evil.example", "/desk"),
        ("/\t/evil.example", "/desk"),
        ("javascript:alert(1)", "/desk"),
    ],
)
def test_after_signing_in_one_stays_here(address: str, then: str) -> None:
    assert own_address(address) == then


async def test_what_is_typed_is_text_and_no_markup(browser: httpx2.AsyncClient) -> None:
    await take(browser, name="</script><img src=x onerror=alert(1)>")
    page = (await browser.get("/desk?desk=d1")).text
    assert "<img" not in page
    assert data_in(page, "document")["waiting"][0]["name"] == "</script><img src=x onerror=alert(1)>"


async def test_what_is_written_in_the_site_file_is_text_too(
    app: Starlette, services: Services, anybody: httpx2.AsyncClient
) -> None:
    site = msgspec.convert(SITE, Site)
    places = (structs.replace(site.locations[0], name="<img src=x> & Co"),)
    app.state.services = in_site(services, structs.replace(site, locations=places))
    for page in ("/", "/join/main", "/display/lobby"):
        text = (await anybody.get(page)).text
        assert "&lt;img src=x&gt; &amp; Co" in text and "<img src=x>" not in text
