"""From a text that somebody sends us to what is done, and what they are answered."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from callboard.domain.model import State, Ticket
from callboard.domain.names import name_in
from callboard.errors import Refused
from callboard.notify.carrier_codes import OPTED_OUT
from callboard.notify.reach import Reach
from callboard.notify.render import Renderer
from callboard.notify.situation import look
from callboard.store.opt_outs import OptOuts
from callboard.store.reads import Reads
from callboard.store.talks import Talk, Talks
from callboard.store.transitions import Store
from callboard.store.windows import Windows
from callboard.texting.acting import FITS, act, note
from callboard.texting.commands import Meaning, meaning
from callboard.texting.holders import tickets_of
from callboard.texting.opting import CARRIERS, as_typed
from callboard.texting.outgoing import Outgoing, Reply
from callboard.texting.replies import about, plainly

WAITS, WAIT_S = 100, 0.05
OFTEN, IN_MS = 20, 3_600_000  # more texts than that of one number are not looked at


class Text(NamedTuple):
    """`id` is the carrier's; `opt` is what it has made of the text itself: stop, start, help, or "" for nothing."""

    id: str
    number: str  # E.164
    words: str
    opt: str = ""


class Conversation:
    """Raises StoreAway, and then the same text may come again."""

    def __init__(
        self,
        store: Store,
        reads: Reads,
        opt_outs: OptOuts,
        outgoing: Outgoing,
        renderer: Renderer,
        words: Mapping[str, str],
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._reads = reads
        self._opt_outs = opt_outs
        self._outgoing = outgoing
        self._renderer = renderer
        self._words = words
        self._clock = clock
        self._talks = Talks(store.connection)
        self._windows = Windows(store.connection, clock)

    async def answer(self, text: Text) -> str:
        """What to answer; "" for nothing. The same text is acted on once, and answered the same again."""
        for _ in range(WAITS):
            if (before := await self._talks.answer(text.id)) is not None:
                return before
            if await self._talks.begin(text.id):
                return await self._first(text)
            await asyncio.sleep(WAIT_S)  # it is being answered at this moment
        return ""

    async def _first(self, text: Text) -> str:
        try:
            answer = await self._outgoing.send(await self._reply(text), text.number, text.id)
            return await self._talks.answered(text.id, answer)
        except BaseException:
            await self._talks.leave(text.id)
            raise

    async def _reply(self, text: Text) -> Reply:
        means = Meaning(text.opt) if text.opt else meaning(text.words, self._words)
        if means.does in ("stop", "start"):
            return await self._opted(text, means.does)
        if means.does == "help" or await self._windows.take(f"texts:{text.number}", OFTEN, IN_MS):
            return Reply()  # the carrier answers calls for help
        tickets = await tickets_of(self._reads, text.number, self._clock())
        reply = await self._about(text, means, tickets) if tickets else self._nobody(means)
        return Reply() if await self._opt_outs.refused("sms", text.number, "") else reply

    async def _opted(self, text: Text, does: str) -> Reply:
        """Of the number, whoever wrote to it. A stop that the carrier does not know is confirmed, once."""
        tickets = await tickets_of(self._reads, text.number, self._clock())
        if does == "start":
            for organization in {"", *(site.organization.id for site in self._reads.directory.sites)}:
                await self._opt_outs.accept("sms", text.number, organization)
            await self._staff_know(text.number, tickets, "")
            return Reply()
        knew = await self._opt_outs.refused("sms", text.number, "")
        await self._opt_outs.refuse("sms", text.number)
        await self._staff_know(text.number, tickets, OPTED_OUT)
        if knew or text.opt or as_typed(text.words) in CARRIERS:
            return Reply()
        return Reply(plainly(self._renderer, "stopped", self._languages(tickets)), tickets[-1] if tickets else None)

    async def _staff_know(self, number: str, tickets: Sequence[Ticket], word: str) -> None:
        reach = Reach(self._store, self._reads, self._opt_outs)
        for ticket in tickets:
            await reach.noted(ticket.id, number, word)

    def _nobody(self, means: Meaning) -> Reply:
        """To a command only: whoever writes anything else may have a wrong number."""
        return Reply(plainly(self._renderer, "none", self._languages(()))) if means.does else Reply()

    async def _about(self, text: Text, means: Meaning, tickets: Sequence[Ticket]) -> Reply:
        talk = await self._talks.talk(text.number)
        named = _named(means.which, tickets, talk)
        if named is None and (means.which or not means.does):
            return await self._told(text, tickets, talk)
        command = means.does or _waiting(talk, text)
        ticket = named or _only(command, tickets, talk)
        if ticket is None:
            return await self._ask(text, command, tickets)
        if means.which:
            await self._talks.keep(text.number, replace(talk, command=command, chosen=ticket.id, chosen_by=text.id))
        return await self._say(await act(self._store, command, ticket, text.id, text.words), ticket)

    async def _told(self, text: Text, tickets: Sequence[Ticket], talk: Talk) -> Reply:
        """Nothing that we know: staff read it, and a day's first is answered with what could be said instead. A text
        without words, such as a picture, is nothing that staff could read."""
        chosen = [ticket for ticket in tickets if ticket.id == talk.chosen] or tickets
        for ticket in chosen if text.words.strip() else ():
            try:
                await note(self._store, ticket, text.id, text.words)
            except Refused:  # erased at this moment
                return Reply()
        if not await self._talks.may_hint(chosen[-1].id, text.id):
            return Reply()
        return await self._say("hint" if text.words.strip() else "unread", chosen[-1])

    async def _ask(self, text: Text, command: str, tickets: Sequence[Ticket]) -> Reply:
        options = _fitting(command, tickets)
        await self._talks.keep(text.number, Talk(options=[ticket.id for ticket in options], command=command))
        languages = self._languages(options)
        called = [self._called(each, languages[0]) for each in options]
        return Reply(plainly(self._renderer, "which", languages, called), options[-1])

    async def _say(self, what: str, ticket: Ticket) -> Reply:
        """Of the ticket as it stands after what was done."""
        now = await look(self._reads, ticket.id)
        return Reply() if now is None else Reply(about(self._renderer, what, now), now.ticket)

    def _called(self, ticket: Ticket, language: str) -> str:
        location = self._reads.directory.location(ticket.location)
        place = name_in(location.name, language, location.languages[0])
        return f"{ticket.label} ({place})" if ticket.label else place

    def _languages(self, tickets: Sequence[Ticket]) -> Sequence[str]:
        locations = self._reads.directory.locations
        if not tickets:
            return next(iter(locations)).languages
        return (tickets[-1].locale, *self._reads.directory.location(tickets[-1].location).languages)


def _named(which: str, tickets: Sequence[Ticket], talk: Talk) -> Ticket | None:
    """By its label, or by its place among those that we asked about."""
    by_id = {ticket.id: ticket for ticket in tickets}
    if which.isdecimal():
        place = int(which) - 1
        return by_id.get(talk.options[place]) if 0 <= place < len(talk.options) else None
    return next((ticket for ticket in reversed(tickets) if which and as_typed(ticket.label) == which), None)


def _waiting(talk: Talk, text: Text) -> str:
    """The command that waits for this choice. One that was carried out already waits no more: who chooses another
    ticket then hears how that one stands."""
    return talk.command if talk.command and talk.chosen_by in ("", text.id) else "status"


def _only(command: str, tickets: Sequence[Ticket], talk: Talk) -> Ticket | None:
    """The one that can be meant; None where that has to be asked."""
    fitting = _fitting(command, tickets)
    if len(fitting) == 1:
        return fitting[0]
    return next((ticket for ticket in fitting if ticket.id == talk.chosen), None)


def _fitting(command: str, tickets: Sequence[Ticket]) -> Sequence[Ticket]:
    states = FITS.get(command, frozenset(State))
    return [ticket for ticket in tickets if ticket.state in states] or tickets
