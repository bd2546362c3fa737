"""What replay prints is what following the facts and asking says; whatever was kept on the way."""

import json

from bench.lobby import log
from callboard.domain.wait import State, decode, encode, follow, forecast
from callboard.domain.wait.facts import Created
from callboard.domain.wait.log import read
from callboard.domain.wait.replay import Told, replay

LINES = [json.dumps(line).encode() for line in log("multiskill", 9, days=1) if line["t"] < 45_000]


def test_whoever_follows_the_same_facts_and_is_stored_in_between_is_told_the_same() -> None:
    lobby, facts = read(LINES)
    replayed = [said[0] for said in replay(lobby, facts, 120) if isinstance(said, tuple) and said[0].at == "created"]
    state, told = State(), []
    for fact in read(LINES)[1]:
        follow(state, lobby, fact)
        if isinstance(fact, Created):
            state = decode(encode(state))
            one = forecast(state, lobby, fact.t).tickets[fact.ticket]
            assert one.low_s is not None and one.likely_s is not None and one.high_s is not None
            told.append(
                Told(fact.t, fact.ticket, "created", one.ahead, *map(round, (one.low_s, one.likely_s, one.high_s)))
            )
    assert len(told) > 60 and told == replayed


def test_ticks_of_another_rhythm_change_nothing_that_is_told_at_arrival() -> None:
    def at_arrival(tick: float) -> list[Told]:
        said = replay(*read(LINES), tick)
        return [each[0] for each in said if isinstance(each, tuple) and each[0].at == "created"]

    assert at_arrival(120) == at_arrival(47)
