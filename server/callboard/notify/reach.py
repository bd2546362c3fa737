"""Whether somebody may be written to at an address, and what is learned of that from sending there."""

from contextlib import suppress

from callboard.delivery.model import Moot
from callboard.domain.directory import Unknown
from callboard.domain.model import Person
from callboard.errors import Refused
from callboard.notify.carrier_codes import NOT_MOBILE, OPTED_OUT
from callboard.store.opt_outs import OptOuts
from callboard.store.reads import Reads
from callboard.store.transitions import Store

IN_WORDS = {"sms": "texts", "mail": "e-mail"}


class Reach:
    """Staff see at the desk why texts do not reach somebody. Raises StoreAway."""

    def __init__(self, store: Store, reads: Reads, opt_outs: OptOuts) -> None:
        self._store = store
        self._reads = reads
        self._opt_outs = opt_outs

    async def unwanted(self, lane: str, to: str, ticket: str, person: Person) -> Moot | None:
        """Why nothing of the ticket is to go there."""
        location = self._reads.directory.location_of_ticket(ticket)
        if await self._opt_outs.refused(lane, to, self._reads.directory.organization(location.id).id):
            if lane == "sms":
                await self.noted(ticket, to, OPTED_OUT)
            return Moot(f"the person has opted out of {IN_WORDS.get(lane, lane)}")
        if lane == "sms" and person.no_texts == NOT_MOBILE:
            return Moot("not a number that takes texts")
        return None

    async def failed(self, ticket: str, to: str, word: str) -> None:
        """A text to that number was refused for good; `word` says why. A number that has opted out is let be."""
        if word == OPTED_OUT:
            await self._opt_outs.refuse("sms", to)
        await self.noted(ticket, to, word)

    async def noted(self, ticket: str, to: str, word: str) -> None:
        """Staff see why texts do not reach that number; an empty `word`: that they do."""
        person = await self._reads.person(ticket)
        if person is None or person.phone != to or person.no_texts == word:
            return
        with suppress(Refused, Unknown):  # erased at this moment
            await self._store.note(ticket, no_texts=word)
