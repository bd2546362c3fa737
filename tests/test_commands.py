"""The command line: what it reads, what it says, and how it exits."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import fields

from callboard import __version__
from callboard.__main__ import main
from callboard.assets import SITES
from callboard.settings import Settings


def call(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env=env)


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Settings]]:
    """What serve and demo were run with, in an empty directory; the servers themselves are not started."""
    monkeypatch.chdir(tmp_path)
    runs: list[tuple[str, Settings]] = []
    for name in ("serve", "demo"):
        stand_in = ModuleType(f"callboard.{name}")
        stand_in.run = lambda settings, name=name: runs.append((name, settings))  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"callboard.{name}", stand_in)
    return runs


def test_a_right_site_file_is_counted() -> None:
    result = call("check", SITES / "demo.toml")
    assert (result.exit_code, result.output) == (
        0,
        f"{SITES / 'demo.toml'}: ok, 1 location, 3 queues, 4 desks, 2 displays\n",
    )


def test_each_mistake_of_a_site_file_is_a_line_with_file_and_key(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text((SITES / "starter.toml").read_text().replace("[organization]", "[organisation]"))
    result = call("check", file, SITES / "demo.toml")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{file}: organisation: unknown key; did you mean 'organization'?",
        f"{file}: organization: is missing",
    ]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({}, "public_url: without https:// the carrier can neither tell"),
        (
            {"PUBLIC_URL": "https://q.example.org"},
            "texts: have the carrier call https://q.example.org/carrier/incoming",
        ),
        ({"PUBLIC_URL": "https://q.example.org", "TWILIO_FROM": "Hilltop"}, "twilio_from: a name cannot be answered"),
    ],
)
def test_what_has_to_be_entered_at_the_carrier_is_told(given: dict[str, str], line: str) -> None:
    account = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x", "TWILIO_FROM": "+46700000001"}
    settings = account | given | {"SITE": str(SITES / "demo.toml")}
    result = call("check", env={f"CALLBOARD_{name}": value for name, value in settings.items()})
    assert result.exit_code == 0
    assert result.output.splitlines()[-1].startswith(line)
    assert "ok" in call("check", env={"CALLBOARD_SITE": str(SITES / "demo.toml")}).output.splitlines()[-1]


def test_a_file_that_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text("[organization\n")
    result = call("check", file)
    assert result.exit_code == 1
    assert "site.toml: not valid TOML" in result.output
    assert "line 1" in result.output


def test_the_version_is_told() -> None:
    assert call("--version").output == f"callboard, version {__version__}\n"


def test_serve_runs_with_the_settings_of_all_sources(ran: list[tuple[str, Settings]], tmp_path: Path) -> None:
    (tmp_path / "callboard.toml").write_text('log_level = "debug"\n')
    result = call("serve", "--port", "0", "--site", "a.toml", "--site", "b.toml", env={"CALLBOARD_HOST": "::1"})
    assert result.exit_code == 0, result.output
    assert ran == [("serve", Settings(port=0, site=("a.toml", "b.toml"), host="::1", log_level="debug"))]


def test_a_wrong_setting_is_told_and_nothing_runs(ran: list[tuple[str, Settings]]) -> None:
    result = call("serve", "--port", "http", env={"CALLBOARD_SMTP_PROT": "25"})
    assert (result.exit_code, ran) == (2, [])
    assert result.stderr.splitlines() == [
        "callboard: CALLBOARD_SMTP_PROT: unknown variable; did you mean 'CALLBOARD_SMTP_PORT'?",
        "callboard: port: must be a whole number, not text (from --port)",
    ]


def test_the_demo_takes_no_data_of_yours(ran: list[tuple[str, Settings]]) -> None:
    assert call("demo", "--port", "0").exit_code == 0
    assert [name for name, _ in ran] == ["demo"]
    assert "No such option" in call("demo", "--data-dir", "mine").output


def test_every_setting_is_an_option_but_no_secret() -> None:
    text = call("serve", "--help").output
    flags = {field.name for field in fields(Settings) if f"--{field.name.replace('_', '-')} " in text}
    assert set(Settings.__struct_fields__) - flags == {"twilio_auth_token", "smtp_password"}
