"""What people sign in with elsewhere is checked by functions that the operator names; a mistake stops the start."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from callboard.commands.check import check
from callboard.errors import Invalid
from callboard.identities import load
from callboard.settings import Settings
from callboard.starting import Stop, load_identities
from running import serving, spawned, visitor

OURS = """
from callboard.identities import Identity

async def google(token):
    return Identity("1076", "ada@example.org", "Ada", "Lovelace") if token == "rgfeojn" else None

class Facebook:
    async def __call__(self, token):
        return None

facebook, number = Facebook(), 5

def slow(token):
    return None
"""


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "our_checks.py").write_text(OURS)
    (tmp_path / "our_broken.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("our_checks", "our_broken"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("ours")
async def test_functions_and_objects_are_found_by_provider() -> None:
    checks = load(["google=our_checks:google", "facebook=our_checks:facebook"])
    assert checks.keys() == {"google", "facebook"}
    found = await checks["google"]("rgfeojn")
    assert found and found.subject == "1076"
    assert await checks["facebook"]("rgfeojn") is None


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("google", "is not of the form"),
        ("Google=our_checks:google", "is not of the form"),
        ("google=our_checks", "is not of the form"),
        ("google=no_such_module:google", "cannot be imported: ModuleNotFoundError"),
        ("google=our_broken:google", "cannot be imported: ZeroDivisionError"),
        ("google=our_checks:nothing", "has no coroutine function nothing"),
        ("google=our_checks:number", "has no coroutine function number"),
        ("google=our_checks:slow", "has no coroutine function slow"),
        ("facebook=our_checks:google", "facebook is named twice"),
    ],
)
def test_a_mistake_names_its_line(text: str, why: str) -> None:
    named = ("facebook=our_checks:facebook", text)
    with pytest.raises(Invalid) as raised:
        load(named)
    (mistake,) = raised.value.mistakes
    assert mistake.where == "identities.1" and why in mistake.what
    with pytest.raises(Stop, match=r"identities\.1: "):
        load_identities(Settings(identities=named))


def test_check_says_it_before_anything_is_started(tmp_path: Path) -> None:
    config = tmp_path / "callboard.toml"
    config.write_text('identities = ["google=no_such_module:google"]\n')
    done = CliRunner().invoke(check, ["--config", str(config)])
    assert done.exit_code == 1
    assert done.output.startswith("identities.0: no_such_module cannot be imported")


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_server_signs_in_whom_the_check_knows(ours: Path, workers: int) -> None:
    path = os.pathsep.join([str(ours), *sys.path])
    named = "google=our_checks:google,facebook=our_checks:facebook"
    running = serving(ours, env={"PYTHONPATH": path}, identities=named, workers=workers)
    async with running as server, visitor(server) as client:

        async def register(provider: str) -> Any:
            body = {"oauth_provider": provider, "oauth_token": "rgfeojn", "username": provider}
            return (await client.post("/vt/api/json/customer/register", json=body)).json()

        assert (await register("Google"))["success"] is True
        assert (await register("facebook"))["errno"] == 101
        assert (await register("apple"))["errno"] == 108


async def test_a_server_does_not_start_with_a_check_that_there_is_not(tmp_path: Path) -> None:
    async with spawned(tmp_path, port=0, identities="google=no_such_module:google") as server:
        assert await server.ended() == 1
    assert "callboard: identities.0: no_such_module cannot be imported" in server.log.text
