"""What TLS costs: our server speaking it, beside itself without, and beside nchan (nginx) with it and without.

    PYTHONPATH=tests python tests/bench/bench_tls.py 1000 --rounds 1

The same tasks as in bench_fanout.py, where it is told what the figures mean. Every client makes a whole handshake, also
after the storm: none resumes a session. Certificates are of P-256. Left out with a word is what this machine has not:
without OpenSSL's headers for the clients there is nothing to measure.
"""

import argparse
import asyncio
import sys
import tempfile
from functools import partial
from pathlib import Path

import uvloop

from bench.certificate import Certificate
from bench.contest import Bar, Contest, Start, against, peering, report, report_bars
from bench.fanout_parts import Plan
from bench.load import Missing, compiled, may_open
from bench.ours import callboard
from bench.peers import nchan
from callboard.settings import Settings

OURS = ("board, TLS", "phones, TLS")
BARS = [Bar("KiB each, idle", name, 30) for name in OURS]
OPENSSL = ("-DTLS", "-lssl", "-lcrypto")


def clients(directory: Path) -> tuple[Path, Path]:
    """Raises Missing."""
    plain = compiled("load", directory)
    try:
        return plain, compiled("load", directory, *OPENSSL)
    except Missing:
        raise Missing("no OpenSSL to compile clients with (on Debian: apt-get install libssl-dev)") from None


def starts(directory: Path) -> dict[str, Start]:
    """What can be measured here, by name. Raises Missing."""
    if "tls_cert" not in Settings.__struct_fields__:
        raise Missing("this server has no setting tls_cert")
    certificate = Certificate(directory)
    secret: Start = partial(callboard, tls_cert=certificate.cert, tls_key=certificate.key)
    found: dict[str, Start] = {"board": callboard, OURS[0]: secret, OURS[1]: secret}
    try:
        found |= {"nchan": peering(nchan(directory)), "nchan, TLS": peering(nchan(directory, certificate))}
    except Missing as missing:
        print(f"Left out: nchan: {missing}\n", flush=True)
    return found


async def compare(directory: Path, plan: Plan, rounds: int) -> None:
    """Prints two tables."""
    contest = Contest(clients(directory), starts(directory), {OURS[1]})
    found, notes = await contest.run(plan, rounds)
    pairs = [*against(OURS, ("nchan, TLS",)), ("board, TLS", "board"), ("nchan, TLS", "nchan")]
    report(f"TLS, {plan.listeners:,} listeners, medians of {rounds}", found, pairs)
    report_bars(BARS, found, plan.listeners)
    for note in sorted(notes):
        print(f"  {note}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("listeners", nargs="?", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3, help="how long each part takes at most")
    given = parser.parse_args()
    if not sys.platform.startswith("linux"):
        return print("Left out: it reads /proc and wants processes kept to one core, which Linux can.")
    plan = Plan(min(given.listeners, may_open()), given.seconds)
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(compare(Path(data), plan, given.rounds))
        except Missing as missing:
            print(f"Left out: {missing}")


if __name__ == "__main__":
    main()
