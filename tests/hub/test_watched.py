"""What is to be read of a location, when a read was not told to the end."""

from callboard.hub.watched import Watched

CHANNELS = ["board:hall", "ticket:1", "ticket:2", "ticket:3"]


def watched() -> Watched:
    made = Watched(due=0)
    for channel in CHANNELS:
        made.channels.add(channel)
    return made


def test_those_who_fell_behind_are_first_and_everybody_is_there_once() -> None:
    hall = watched()
    hall.event(7, at=100)
    hall.fell_behind(hall.next_work(), ["ticket:2", "ticket:3"])
    hall.channels.discard("ticket:3")
    assert hall.next_work().channels == ["ticket:2", "board:hall", "ticket:1"]
    hall.event(8, at=300)
    assert hall.next_work().channels[0] == "board:hall", "they have had their turn"


def test_who_fell_behind_counts_since_the_oldest_event_that_they_were_not_told() -> None:
    hall = watched()
    hall.event(7, at=100)
    work = hall.next_work()
    hall.event(8, at=300)
    hall.fell_behind(work, ["ticket:2", "ticket:3"])
    work = hall.next_work()
    assert (work.oldest, work.since) == (100, 300)
    hall.event(9, at=500)
    hall.fell_behind(work, ["ticket:3", "board:hall", "ticket:1"])  # one of those behind is so again
    assert hall.next_work().oldest == 100


def test_who_was_told_of_the_time_before_counts_since_what_came_then() -> None:
    hall = watched()
    hall.event(7, at=100)
    work = hall.next_work()
    hall.event(8, at=300)
    hall.fell_behind(work, ["ticket:2", "ticket:3"])
    work = hall.next_work()
    hall.event(9, at=500)
    hall.fell_behind(work, ["board:hall", "ticket:1"])
    assert hall.next_work().oldest == 300


def test_who_came_and_fell_behind_is_told_like_one_who_comes_now() -> None:
    hall = watched()
    hall.came |= {"ticket:1", "ticket:2", "ticket:3"}
    hall.event(7, at=100)
    work = hall.next_work()
    hall.channels.discard("ticket:3")
    hall.fell_behind(work, ["ticket:2", "ticket:3"])
    assert hall.next_work().came == {"ticket:2"}
