"""Autobahn's fuzzing suite for WebSockets, which runs on Python 2.7 only: installed below build/ at its first use."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUILD = Path(__file__).parents[2] / "build" / "autobahn"
VERSION = "25.10.1"
VIRTUALENV = "virtualenv<20.22"  # later ones make nothing for Python 2.7
CASES = [f"{chapter}.*" for chapter in (1, 2, 3, 4, 5, 6, 7, 9, 10)]  # 12 and 13 are about compression


class Absent(Exception):
    """The suite cannot be had here; says why."""


@dataclass(frozen=True)
class Verdict:
    """On one case: OK, NON-STRICT, INFORMATIONAL, UNIMPLEMENTED or FAILED, and the same on how it ended."""

    case: str
    talk: str
    end: str
    key: str  # of the handshake, by which a server knows which case it was


def suite() -> Path:
    """The program; raises `Absent`. To be called outside a loop: it may take a minute."""
    program = BUILD / "py27" / "bin" / "wstest"
    done = BUILD / VERSION
    if not done.exists():
        python = _python2()
        shutil.rmtree(BUILD, ignore_errors=True)
        _do([sys.executable, "-m", "pip", "install", "-q", "--target", str(BUILD / "virtualenv"), VIRTUALENV])
        _do([sys.executable, "-m", "virtualenv", "-q", "-p", python, str(BUILD / "py27")], BUILD / "virtualenv")
        _do([str(BUILD / "py27" / "bin" / "pip"), "install", "-q", f"autobahntestsuite=={VERSION}"])
        done.touch()
    return program


def _python2() -> str:
    on_path = shutil.which("python2.7")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for found in [*([on_path] if on_path else []), *map(str, sorted(pyenv.glob("versions/2.7*/bin/python2.7")))]:
        if subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return found
    raise Absent("there is no Python 2.7 for Autobahn's suite")


def _do(command: list[str], path: Path | None = None) -> None:
    env = os.environ | ({"PYTHONPATH": str(path)} if path else {})
    ended = subprocess.run(command, env=env, capture_output=True, text=True, errors="replace", check=False)
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or ["without a word"]
        raise Absent(f"Autobahn's suite could not be installed: {Path(command[0]).name}: {said[-1]}")


async def fuzz(program: Path, url: str, directory: Path, cases: Sequence[str] = CASES) -> list[Verdict]:
    """Let the suite loose on the address; what it found, case by case. Its reports are in the directory."""
    spec: dict[str, Any] = {"outdir": str(directory), "servers": [{"agent": "us", "url": url}], "cases": list(cases)}
    spec |= {"exclude-cases": [], "exclude-agent-cases": {}}
    plan = directory / "plan.json"
    plan.write_text(json.dumps(spec))
    log = (directory / "log").open("wb")
    with log:
        running = await asyncio.create_subprocess_exec(
            program, "-m", "fuzzingclient", "-s", plan, stdout=log, stderr=log
        )
        try:
            assert await running.wait() == 0, (directory / "log").read_text(errors="replace")
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()
    found = json.loads((directory / "index.json").read_text())["us"]
    return [_verdict(case, each, directory) for case, each in sorted(found.items(), key=lambda item: numbers(item[0]))]


def numbers(case: str) -> list[int]:
    """For their order."""
    return [int(number) for number in case.split(".")]


def _verdict(case: str, found: dict[str, Any], directory: Path) -> Verdict:
    report = json.loads((directory / found["reportfile"]).read_text(errors="replace"))
    key = report["httpRequest"].partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
    return Verdict(case, found["behavior"], found["behaviorClose"], key)
