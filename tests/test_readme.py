"""The README says what is true: every setting with its default, every command, every room."""

import re
from pathlib import Path

import click
import pytest
from msgspec.structs import fields

from callboard.__main__ import main
from callboard.settings import Settings, help_of

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("field", [field.name for field in fields(Settings)])
def test_every_setting_has_its_row(field: str) -> None:
    default = next(f.default for f in fields(Settings) if f.name == field)
    shown = "" if default in ("", ()) else f"`{default}`"
    assert f"| `{field}` | {shown} | {help_of(field)} |" in README


def test_every_command_has_its_row_and_there_is_no_other() -> None:
    assert isinstance(main, click.Group)
    told = re.findall(r"^\| `callboard (\w+)", README, re.MULTILINE)
    assert sorted(told) == sorted(main.commands)


def test_every_path_that_is_named_is_there() -> None:
    for path in re.findall(r"^\| `(server/[\w/]+|displays|templates|tests)`", README, re.MULTILINE):
        assert (ROOT / path).is_dir(), path
