"""What is installed is whole: every page, template, script of the store and site file is in the wheel, and is found."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "server" / "callboard"

LOOKS_AROUND = """
import sys
from pathlib import Path
from callboard.assets import DISPLAYS, SITES, TEMPLATES
from callboard.site import check

here = Path(sys.argv[1]) / "callboard"
assert (DISPLAYS, TEMPLATES, SITES) == (here / "displays", here / "templates", here / "sites"), DISPLAYS
assert not check(SITES / "starter.toml") + check(SITES / "demo.toml")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that this checkout builds."""
    directory = tmp_path_factory.mktemp("wheel")
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(argv, cwd=ROOT, check=True, capture_output=True)
    [built] = directory.glob("*.whl")
    return built


def files(directory: Path, pattern: str = "*") -> set[str]:
    """Paths below the directory, as they should be named inside the package."""
    found = (path for path in directory.rglob(pattern) if path.is_file() and "__pycache__" not in path.parts)
    parent = PACKAGE if directory.is_relative_to(PACKAGE) else ROOT
    return {f"callboard/{path.relative_to(parent)}" for path in found if not path.name.startswith(".")}


def test_the_wheel_holds_everything_that_the_server_reads(wheel: Path) -> None:
    within = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        files(ROOT / "displays"),
        files(ROOT / "templates"),
        files(PACKAGE / "store" / "lua", "*.lua"),
        files(PACKAGE / "sites", "*.toml"),
        files(PACKAGE / "facades", "*.toml"),
        files(PACKAGE, "*.py"),
    ):
        assert wanted, "nothing to look for"
        assert wanted - within == set()


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    within = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in within if not name.startswith("callboard/") and ".dist-info/" not in name} == set()
    assert {name for name in within if "__pycache__" in name or "/." in name} == set()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in within)


def test_an_installed_server_finds_its_files(wheel: Path, tmp_path: Path) -> None:
    """Away from the checkout, as pip would have laid it out."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    run = subprocess.run(
        [sys.executable, "-c", LOOKS_AROUND, str(tmp_path)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
