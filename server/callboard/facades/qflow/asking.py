"""What every call of this API has at hand: whose it is, what time it is, the codes, a ticket with all about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from callboard.domain.customer import Customer
from callboard.domain.directory import Named, Unknown
from callboard.domain.model import Location, Organization, Person, Queue
from callboard.domain.standing import Standing
from callboard.facades.qflow import codes
from callboard.facades.qflow.codes import Codes
from callboard.facades.qflow.detail import Seen
from callboard.facades.qflow.units import server_zone
from callboard.foreign.operation import Asked
from callboard.services import Services
from callboard.standing import after, standing
from callboard.store.reads import Reads
from callboard.store.transitions import Done, Store


@dataclass(frozen=True)
class Asking:
    """Of one request."""

    asked: Asked[Any, Any]

    @property
    def once(self) -> str | None:
        return self.asked.once

    @property
    def services(self) -> Services:
        return self.asked.services

    @property
    def store(self) -> Store:
        return self.asked.services.store

    @property
    def reads(self) -> Reads:
        return self.asked.services.reads

    @cached_property
    def now(self) -> int:
        return self.asked.services.clock()

    @cached_property
    def codes(self) -> Codes:
        return codes.of(self.asked.services.settings.data_dir)

    @cached_property
    def organization(self) -> Organization:
        return self.services.directory.find_organization(self.asked.caller.organization)

    @cached_property
    def locations(self) -> tuple[Location, ...]:
        return self.services.directory.locations_of(self.organization.id)

    @cached_property
    def server(self) -> ZoneInfo:
        return server_zone(self.codes, self.locations)

    def service(self, number: int | None, ext_ref: str | None = None) -> tuple[Location, Queue]:
        """By its number, else by what others call it: our id or its UUID. Raises Unknown."""
        return self.services.directory.find_queue(self.organization.id, str(number) if number else ext_ref or "")

    async def customer(self, number: int | None) -> Customer | None:
        """Nobody for 0 and null. Raises Unknown for a number that is nobody's."""
        if not number:
            return None
        found = await self.services.customers.find(self.organization.id, number=number)
        if found is None:
            raise Unknown("customer", str(number))
        return found

    async def seen(self, ticket: Named) -> Seen:
        """Raises Unknown."""
        return await self._seen(await standing(self.reads, ticket, self.now))

    async def seen_after(self, done: Done) -> Seen:
        """The ticket of a command that was to show it."""
        return await self._seen(after(self.services.directory, done))

    async def _seen(self, found: Standing) -> Seen:
        customers = await self.customers_of([found.person] if found.person else [])
        return Seen(
            standing=found,
            customer=next(iter(customers.values()), None),
            organization=self.organization,
            codes=self.codes,
            server=self.server,
        )

    async def customers_of(self, people: Iterable[Person]) -> dict[str, Customer]:
        """Whoever of them the organization knows, by id; each is read once, however many tickets are theirs."""
        ids = sorted({person.customer for person in people if person.customer})
        return await self.services.customers.several(self.organization.id, ids) if ids else {}
