"""`callboard demo`: a busy waiting room to look at, on a store of its own whose data is thrown away."""

import random
import signal
import socket
import sys
import tempfile
from io import StringIO

import click
import segno
from msgspec.structs import replace

from callboard.assets import SITES
from callboard.compose import Parts
from callboard.domain.model import Location
from callboard.serve import serve
from callboard.settings import Settings
from callboard.simulation import Simulation
from callboard.starting import Stop, load_site, run_loop
from callboard.store.problem import StoreProblem

USER, PASSWORD = "demo", "waiting-room"
TOLD = (signal.SIGTERM, signal.SIGINT)
# What a demo must not have from the environment: it would text strangers.
WITHOUT = {
    name: "" for name in ("redis", "twilio_account_sid", "twilio_auth_token", "smtp_host", "smtp_user", "smtp_password")
}


def run(settings: Settings) -> int:
    """Shows it until SIGTERM or SIGINT; nothing is left behind, from the first moment on."""
    signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    directory = tempfile.TemporaryDirectory(prefix="callboard-demo-")
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
        status = _run(settings, directory.name)
    except KeyboardInterrupt:
        status = 0
    finally:
        directory.cleanup()
    if status == 0:
        click.echo("The demo is over; its data is gone.")
    return status


def _run(settings: Settings, directory: str) -> int:
    here = {"data_dir": directory, "site": (str(SITES / "demo.toml"),), "workers": 1, "reuse_port": False}
    settings = replace(settings, **WITHOUT, **here, join_per_minute=600, numbers_per_hour=6000)
    try:
        run_loop(serve(settings, load_site(settings), show))
    except (Stop, StoreProblem) as problem:
        click.echo(f"callboard: {problem}", err=True)
        return 1
    return 0


async def show(parts: Parts) -> None:
    """Fills the room, says what to open, and keeps it busy."""
    services = parts.services
    location = services.directory.locations[0]
    organization = services.directory.organization(location.id).id
    await services.accounts.add(USER, PASSWORD, organization=organization, roles=("admin", "staff"))
    simulation = Simulation(services, location, random.Random())
    await simulation.fill(9)
    phone = await services.store.join("reception", locale=location.languages[0], source="join")
    click.echo(table(reachable(services.settings), location, phone.token))
    sys.stdout.flush()
    await simulation.run(location.desks[:-1])  # the last one is yours


def table(url: str, location: Location, token: str) -> str:
    """The addresses to open, and a code for the phone."""
    rows = [(f"screen {display.id}", f"{url}/display/{display.id}") for display in location.displays]
    rows += [
        ("a phone that waits", f"{url}/t/{token}"),
        ("take a ticket", f"{url}/join/{location.id}"),
        ("kiosk", f"{url}/kiosk/{location.id}"),
        ("staff", f"{url}/desk   sign in as {USER} / {PASSWORD}; desk {location.desks[-1].tag} is yours"),
        ("messages", f"{url}/messages   what would be sent by text and e-mail"),
        ("administration", f"{url}/admin   how true the waits were"),
        ("our API", f"{url}/api/v1/openapi.json"),
    ]
    lines = "\n".join(f"  {what:<20}{where}" for what, where in rows)
    return (
        f"\n{lines}\n\n"
        "Visitors and desks are simulated. Everything here is thrown away when the demo ends (Ctrl-C).\n"
        f"Take a ticket with your phone:\n{code(f'{url}/join/{location.id}')}{hint(url)}"
    )


def code(address: str) -> str:
    """A QR code for a terminal."""
    out = StringIO()
    segno.make(address, error="l").terminal(out, compact=True)
    return out.getvalue()


def hint(url: str) -> str:
    if "127.0.0.1" not in url and "localhost" not in url:
        return ""
    return "A phone reaches this machine only with `callboard demo --host 0.0.0.0` in the same network.\n"


def reachable(settings: Settings) -> str:
    """The address by which a phone in the network finds us, if we listen for it."""
    if settings.public_url or settings.host not in ("0.0.0.0", "::"):
        return settings.url
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only chooses the interface
        except OSError:
            return settings.url
        return f"{settings.scheme}://{probe.getsockname()[0]}:{settings.port}"
