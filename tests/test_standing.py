"""Where tickets stand, read in one go: line order, states, people, and numbers that agree with the screens'."""

import pytest

from callboard.domain.directory import Directory, Unknown
from callboard.domain.model import CloseReason, State
from callboard.screens import Screens
from callboard.standing import after, of_queue, standing, standings
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Done, Store
from conftest import Clock
from store import story


async def take(store: Store, queue: str = "general", **who: str) -> str:
    done = await store.join(queue, **who)  # type: ignore[arg-type]
    assert done.ticket
    return done.ticket.id


async def test_a_standing_says_what_the_persons_own_page_says(store: Store, reads: Reads, clock: Clock) -> None:
    await store.open_desk("d1", staff="ada")
    for _ in range(4):
        await take(store)
    last = await take(store, name="Ada", phone="+46700000001")
    found = await standing(reads, last, clock.now)
    page = await Screens(reads, clock).phone(last)
    assert (found.ahead, found.queue_waiting, found.seq) == (page.ahead, 5, page.seq) == (4, 5, 6)
    assert page.wait and found.wait_min is not None and page.wait.low <= found.wait_min <= (page.wait.high or 0)
    assert found.average_min >= found.wait_min
    assert found.person and found.person.name == "Ada"
    await store.erase(last)
    assert (await standing(reads, last, clock.now)).person is None


async def test_only_who_waits_has_a_place_and_a_wait(store: Store, reads: Reads, clock: Clock) -> None:
    ticket = await take(store)
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    found = await standing(reads, ticket, clock.now)
    assert (found.ahead, found.wait_min) == (None, None)
    assert found.desk and found.desk.id == "d1"


async def test_with_no_desk_open_there_is_still_a_number(store: Store, reads: Reads, clock: Clock) -> None:
    await take(store)
    assert (await standing(reads, await take(store), clock.now)).wait_min == 9


async def test_a_queues_tickets_come_in_line_order_then_by_age(store: Store, reads: Reads, clock: Clock) -> None:
    first, second, third = [await take(store) for _ in range(3)]
    clock.pass_(s=1)
    urgent = await take(store, priority="urgent")
    booked = (await store.book("general", slot_at=clock.now + 60_000)).ticket
    assert booked
    await take(store, "lab")
    await store.correct(second, state=State.SERVING)
    await store.correct(third, state=State.DONE)

    async def ids(*states: State) -> list[str]:
        return [each.ticket.id for each in await of_queue(reads, "general", clock.now, states)]

    assert await ids(State.WAITING) == [urgent, first]
    assert [each.ticket.id for each in await of_queue(reads, "general", clock.now)] == [urgent, first, second]
    assert await ids(State.DONE, State.BOOKED) == [third, booked.id]
    assert await ids(*State) == [urgent, first, second, third, booked.id]
    assert await ids(State.NO_SHOW) == []


async def test_a_picture_has_a_customers_tickets_in_the_states_that_are_asked_for(store: Store, reads: Reads) -> None:
    first, second, third = [await take(store, queue, customer="c1") for queue in ("general", "lab", "general")]
    await take(store, customer="c2")
    await store.cancel(second, reason=CloseReason.CUSTOMER)

    async def ids(*states: State) -> list[str]:
        return [*(await reads.picture("main", of_customer=("c1", states))).phones]

    assert await ids(*State) == [first, second, third]
    assert await ids(State.WAITING) == [first, third]
    assert await ids(State.DONE) == await ids() == []
    assert (await reads.picture("main", of_customer=("c1", [State.WAITING]))).phones[third].rank == 1


async def test_what_is_gone_is_left_out_and_alone_is_unknown(store: Store, reads: Reads, clock: Clock) -> None:
    here = await take(store)
    gone = "00000000-0001" + here[13:]
    assert [each.ticket.id for each in await standings(reads, "main", [gone, here], clock.now)] == [here]
    with pytest.raises(Unknown):
        await standing(reads, gone, clock.now)


async def test_what_any_command_shows_is_what_is_read_after_it(
    connection: Connection, reads: Reads, directory: Directory, clock: Clock
) -> None:
    shown: set[str] = set()

    class Telling(Store):
        async def _run(self, script: str, *args: object, **given: object) -> Done:
            done: Done = await super()._run(script, *args, **given)  # type: ignore[arg-type]
            if done.ticket is not None:
                shown.add(script)
                assert after(directory, done) == await standing(reads, done.ticket.id, clock.now), script
            return done

    await story.play(Telling(connection, directory, clock).showing, clock)
    without_a_ticket = {"open_desk", "close_desk", "open_queue", "close_queue", "reset", "restore"}
    assert shown == set(story.COMMANDS) - without_a_ticket


async def test_a_command_that_comes_again_shows_how_its_ticket_stands_by_then(
    store: Store, reads: Reads, directory: Directory, clock: Clock
) -> None:
    ahead = await take(store)
    first = after(directory, await store.showing.join("general", once="key", name="Ada"))
    await store.cancel(ahead, reason=CloseReason.STAFF)
    again = after(directory, await store.showing.join("general", once="key", name="Ada"))
    assert (first.ahead, again.ahead, again.ticket.id) == (1, 0, first.ticket.id)
    assert again == await standing(reads, first.ticket.id, clock.now)
    await store.erase(first.ticket.id)
    assert after(directory, await store.showing.join("general", once="key", name="Ada")).person is None


async def test_a_store_shows_only_when_it_is_asked_to(store: Store) -> None:
    assert (await store.showing.join("general")).picture
    assert (await store.join("general")).picture is None
