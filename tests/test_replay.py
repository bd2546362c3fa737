"""`callboard replay`: what it prints of a log, that it never looks ahead, and what it says of a log that is broken."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bench.lobby import log as simulated
from callboard.__main__ import main


def replay(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["replay", *map(str, arguments)])


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day of a lobby with priorities and bookings, until noon."""
    lines = [line for line in simulated("priority_mix", 3, days=1) if line["t"] < 41_400]
    file = tmp_path_factory.mktemp("log") / "lobby.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_everybody_is_told_at_arrival_and_walk_ins_at_every_tick_in_whole_minutes(log: Path) -> None:
    facts = [json.loads(line) for line in log.read_text().splitlines()]
    said = lines(replay(log, "--tick", 300))
    created = [fact for fact in facts if fact["ev"] == "created"]
    assert [(line["t"], line["ticket"]) for line in said if line["at"] == "created"] == [
        (fact["t"], fact["ticket"]) for fact in created
    ]
    booked = {fact["ticket"] for fact in created if "slot" in fact}
    ticks = [line for line in said if line["at"] == "tick"]
    assert ticks and all(line["t"] % 300 == 0 and line["ticket"] not in booked for line in ticks)
    assert {*said[0]} == {"t", "ticket", "at", "ahead", "low_s", "likely_s", "high_s"}
    assert all(line["low_s"] % 60 == line["high_s"] % 60 == 0 for line in said)
    assert all(line["low_s"] <= line["likely_s"] <= line["high_s"] for line in said)


def test_who_waits_at_a_tick_is_told_then(log: Path) -> None:
    waits: dict[str, list[float]] = {}
    for fact in map(json.loads, log.read_text().splitlines()):
        if fact["ev"] == "created" and "slot" not in fact:
            waits[fact["ticket"]] = [fact["t"], float("inf")]
        elif fact["ev"] in ("called", "cancelled") and fact["ticket"] in waits:
            waits[fact["ticket"]][1] = fact["t"]
    said = lines(replay(log, "--tick", 120))
    last = max(line["t"] for line in said)
    expected = {
        (t, who) for who, (came, left) in waits.items() for t in range(30_000, int(last) + 1, 120) if came < t <= left
    }
    assert {(line["t"], line["ticket"]) for line in said if line["at"] == "tick"} == expected


def test_what_is_said_does_not_depend_on_what_comes_after(log: Path, tmp_path: Path) -> None:
    whole = replay(log).stdout
    text = log.read_text().splitlines(keepends=True)
    for cut in (len(text) // 3, len(text) // 2, len(text) - 20):
        file = tmp_path / "cut.jsonl"
        file.write_text("".join(text[:cut]))
        part = replay(file).stdout
        assert part and whole.startswith(part)


def test_the_score_is_of_those_who_found_no_free_desk(log: Path) -> None:
    created, live = lines(replay(log, "--score"))
    assert (created["at"], live["at"]) == ("created", "tick")
    assert 0 < created["tickets"] == created["told"] < live["told"]
    assert 0.4 < created["coverage"] <= 1 and created["mae_s"] > 0 and created["width_s"] >= 60


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ('{"t":1,"ev":"called","ticket":"t1"}', "missing required field `desk`"),
        ('{"t":1,"ev":"vanished","ticket":"t1"}', "vanished"),
        ('{"t":1,"ev":"desk_opened","desk":"d77"}', "desk 'd77' is not configured"),
        ('{"t":-5,"ev":"desk_opened","desk":"d1"}', "is before the line above it"),
        ('{"t":1,"ev":', "truncated"),
        ("", "truncated"),
    ],
)
def test_a_broken_line_is_an_error_that_names_it(log: Path, tmp_path: Path, broken: str, said: str) -> None:
    meta, start, *_ = log.read_text().splitlines()
    file = tmp_path / "broken.jsonl"
    file.write_text("\n".join([meta, start.replace("30000.0", "0").replace("30000", "0"), broken, ""]))
    result = replay(file)
    assert result.exit_code == 1 and not result.stdout
    assert f"{file}: line 3:" in result.stderr and said in result.stderr


def test_a_log_without_its_first_line_is_an_error(log: Path, tmp_path: Path) -> None:
    file = tmp_path / "headless.jsonl"
    file.write_text("\n".join(log.read_text().splitlines()[1:]))
    result = replay(file)
    assert result.exit_code == 1 and "line 1:" in result.stderr
