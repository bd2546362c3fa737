"""What a server does before there is anything to answer with: the log, the first site file, the site."""

import asyncio
import logging
import sys
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

import click

from callboard import identities, site
from callboard.assets import SITES
from callboard.descriptors import make_room
from callboard.domain.directory import Directory
from callboard.errors import Invalid
from callboard.facades import OPTIONS, SHAPES
from callboard.identities import IdentityCheck
from callboard.settings import Settings
from callboard.tls import Certificate, certificate

# So long the loop waits for a thread that computes; by itself Python has it wait ten times longer.
SWITCH_S = 0.0005
FIRST_SITE = SITES / "starter.toml"


class Stop(Exception):
    """It cannot start; says why, for the operator."""


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop where there is one."""
    make_room()
    sys.setswitchinterval(SWITCH_S)
    if sys.platform == "win32":
        asyncio.run(main)
        return
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def make_first_site(settings: Settings) -> None:
    """The starter, unless the settings name site files or there is one in the data directory."""
    if settings.site:
        return
    (path,) = site_paths(settings)
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes(FIRST_SITE.read_bytes())
            click.echo(f"A first site was written to {path}: change it, and check it with `callboard check`.")
    except OSError as error:
        raise Stop(f"the site file {path} cannot be written: {error.strerror}") from None


def load_site(settings: Settings) -> Directory:
    """The site files named in the settings; without any, the one in the data directory."""
    try:
        return Directory(site.load(site_paths(settings), SHAPES, OPTIONS))
    except Invalid as error:
        raise Stop("\n".join(["the site cannot be served:", *(f"  {line}" for line in lines(error))])) from None


def load_certificate(settings: Settings) -> Certificate | None:
    """As `certificate`; raises Stop."""
    try:
        return certificate(settings)
    except Invalid as error:
        raise Stop("; ".join(lines(error))) from None


def load_identities(settings: Settings) -> Mapping[str, IdentityCheck]:
    """The checks that the settings name; raises Stop."""
    try:
        return identities.load(settings.identities)
    except Invalid as error:
        raise Stop("; ".join(lines(error))) from None


def lines(error: Invalid) -> list[str]:
    return [f"{mistake.where}: {mistake.what}" for mistake in error.mistakes]


def site_paths(settings: Settings) -> list[Path]:
    return [Path(name) for name in settings.site] or [Path(settings.data_dir) / "site.toml"]


def log_to_stderr(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(levelname)s %(name)s %(message)s", stream=sys.stderr, force=True)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)  # that it started is said by the ready line
