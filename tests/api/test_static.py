"""Static files and QR codes."""

import io
import re
from pathlib import Path

import httpx2
import pytest
import segno

from api.asking import take
from api.conftest import ORIGIN
from callboard.api.static import Static
from callboard.assets import DISPLAYS

FILES = sorted(path.name for path in (DISPLAYS / "static").iterdir())


@pytest.mark.parametrize("name", FILES)
async def test_a_file_is_kept_for_ever_under_its_contents_address(visitor: httpx2.AsyncClient, name: str) -> None:
    address = Static(DISPLAYS / "static").address(name)
    response = await visitor.get(address)
    assert response.content == (DISPLAYS / "static" / name).read_bytes()
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "type"), [("phone.js", "text/javascript"), ("base.css", "text/css"), ("icon.svg", "image/svg+xml")]
)
async def test_a_file_has_the_type_that_browsers_want(visitor: httpx2.AsyncClient, name: str, type: str) -> None:
    assert (await visitor.get(f"/static/{name}")).headers["content-type"].partition(";")[0] == type


async def test_the_worker_may_serve_ticket_pages_and_no_other_file_may(visitor: httpx2.AsyncClient) -> None:
    scopes = {name: (await visitor.get(f"/static/{name}")).headers.get("service-worker-allowed") for name in FILES}
    assert {name: scope for name, scope in scopes.items() if scope} == {"push-worker.js": "/t/"}


@pytest.mark.parametrize("query", ["", "?v=0123456789ab", "?v="])
async def test_under_another_address_it_is_asked_for_each_time(visitor: httpx2.AsyncClient, query: str) -> None:
    response = await visitor.get(f"/static/base.css{query}")
    assert response.headers["cache-control"] == "no-cache"
    again = await visitor.get(f"/static/base.css{query}", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_another_content_has_another_address(tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_text("one")
    static = Static(tmp_path)
    first = static.address("a.js")
    file.write_text("another")
    assert static.address("a.js") != first
    with pytest.raises(FileNotFoundError):
        static.address("b.js")


@pytest.mark.parametrize(
    "path",
    ["../phone.html", "%2e%2e/phone.html", "..%2fphone.html", "%2fetc%2fpasswd", "/etc/passwd", "..\\phone.html",
     "", ".", "x.js", "%00", "a" * 300, "phone.js/x", "....//phone.html"],
)  # fmt: skip
async def test_nothing_else_is_served(visitor: httpx2.AsyncClient, path: str) -> None:
    assert (await visitor.get(httpx2.URL(f"{ORIGIN}/static/{path}"))).status_code == 404


async def test_the_code_leads_to_the_ticket(visitor: httpx2.AsyncClient) -> None:
    taken = await take(visitor)
    response = await visitor.get(f"/qr/{taken['token']}.svg")
    assert response.headers["content-type"] == "image/svg+xml"
    wanted = io.BytesIO()
    segno.make(taken["url"], micro=False).save(wanted, kind="svg")
    assert modules(response.text) == modules(wanted.getvalue().decode())
    other = await take(visitor)
    assert modules((await visitor.get(f"/qr/{other['token']}.svg")).text) != modules(response.text)


def modules(svg: str) -> str:
    """The dark squares of a code."""
    found = re.search(r'class="qrline"[^>]* d="([^"]+)"', svg)
    assert found is not None, svg[:200]
    return found[1]


@pytest.mark.parametrize("token", ["x", "A" * 26, "%00"])
async def test_nothing_has_no_code(visitor: httpx2.AsyncClient, token: str) -> None:
    assert (await visitor.get(f"/qr/{token}.svg")).status_code == 404
