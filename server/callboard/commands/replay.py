"""`callboard replay`: what the estimator would have told everybody in a log, or how well that would have been kept."""

import sys
from pathlib import Path

import click
import msgspec


@click.command()
@click.argument("log", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--tick", type=click.FloatRange(min=1), default=120, show_default=True, help="seconds between estimates")
@click.option("--score", "scored", is_flag=True, help="print how well they were kept instead")
def replay(log: Path, tick: float, scored: bool) -> None:
    """Feed a location's log through the estimator as if live: one JSON object a line, at every arrival and every tick
    for all who wait. With --score: errors and coverage, at creation and live."""
    from callboard.domain.wait.log import Broken, read
    from callboard.domain.wait.replay import replay as run
    from callboard.domain.wait.replay import score

    try:
        with log.open("rb") as lines:
            lobby, facts = read(lines)
            said = run(lobby, facts, tick)
            if scored:
                for at, kept in score(said).items():
                    _print({"at": at, **msgspec.to_builtins(kept)})
            else:
                for each in said:
                    if isinstance(each, tuple):
                        _print(each[0])
    except Broken as error:
        sys.stdout.flush()
        raise click.ClickException(f"{log}: {error}") from None


def _print(what: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
