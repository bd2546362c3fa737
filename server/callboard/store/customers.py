"""Customers of each organization: found by any of their identities, signed in, forgotten."""

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from callboard.domain.customer import Customer
from callboard.errors import Invalid, Mistake
from callboard.store.customer_records import CustomerRecords
from callboard.store.customer_records import Taken as Taken
from callboard.store.keys import customers_key
from callboard.store.passwords import Passwords, weakness
from callboard.store.redis import Connection
from callboard.store.sessions import Sessions

SESSION_MS = 90 * 24 * 3600 * 1000  # since a token was last used
RESET_MS = 3600 * 1000
LONGEST = {"extra": 20_000, "push_key": 4096}  # and of every other text:
TEXT_LONGEST = 320
KEPT = frozenset({"id", "number", "organization", "created_at", "changed_at", "password", "rev"})  # by the store


class NoCustomer(Exception):
    """There is none with that id: there never was, or it was erased."""


class Customers:
    """Raises StoreAway when the store does not answer, and passwords.Busy when too many passwords wait."""

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], int],
        random: Callable[[int], bytes] = os.urandom,
        *,
        passwords: Passwords | None = None,
    ) -> None:
        self._connection = connection
        self._records = CustomerRecords(connection)
        self._clock = clock
        self._random = random
        self._passwords = passwords or Passwords()  # not those of staff: a crowd here must not keep staff out

    async def put(
        self,
        organization: str,
        id: str | None = None,
        *,
        password: str | None = None,
        unique: Sequence[str] = ("personal_id",),
        **fields: Any,
    ) -> Customer:
        """A new customer without `id`, else that one with other `fields`; a new `password`, as it was typed, ends what
        was signed in with the old one.

        Raises Taken for a username, or an identity of `unique`, that somebody else has; Invalid, which names fields by
        ours; and NoCustomer. Nothing is changed then.
        """
        _check(fields, password)
        given = fields if password is None else fields | {"password": await self._passwords.hash(password)}
        if id is None:
            return await self._add(organization, given, unique)

        def changed(customer: Customer) -> Customer:
            rev = customer.rev if password is None else customer.rev + 1
            return replace(customer, **given, rev=rev, changed_at=self._clock())

        customer = await self._records.change(organization, id, changed, unique)
        if customer is None:
            raise NoCustomer
        return customer

    async def change(self, organization: str, id: str, make: Callable[[Customer], Mapping[str, Any]]) -> Customer:
        """That one with the fields that `make` makes of it, made anew where somebody else changed it meanwhile. Raises
        as `put`."""

        def changed(customer: Customer) -> Customer:
            fields = dict(make(customer))
            _check(fields, None)
            return replace(customer, **fields, changed_at=self._clock())

        customer = await self._records.change(organization, id, changed)
        if customer is None:
            raise NoCustomer
        return customer

    async def find(self, organization: str, **identity: str | int) -> Customer | None:
        """By exactly one of `id`, `number`, `username`, `email`, `personal_id`, `external_id`. Of several who share it,
        the one who was there first."""
        ((field, value),) = identity.items()
        if field == "id":
            return await self._records.read(organization, str(value))
        return next(iter(await self._records.all_with(organization, field, str(value))), None)

    async def several(self, organization: str, ids: Sequence[str]) -> dict[str, Customer]:
        """Those of them that there are, by id."""
        return await self._records.several(organization, ids)

    async def reached_at(self, organization: str, address: str) -> list[str]:
        """The ids of all who can be written to there."""
        return await self._records.reached_at(organization, address)

    async def erase(self, organization: str, id: str) -> bool:
        """With all that opens anything. False when there is no such customer. Their tickets stay."""
        return await self._records.change(organization, id, lambda customer: None) is not None

    async def sign_in(self, organization: str, username: str, password: str) -> Customer | None:
        """The active customer, if that is the password. For a name that nobody has it takes the same time."""
        customer = await self.find(organization, username=username)
        hash = customer.password if customer and customer.active else ""
        return customer if await self._passwords.matches(hash or None, password) else None

    async def set_password(self, organization: str, id: str, password: str) -> Customer | None:
        """Ends all sessions and resets. None when there is no such customer. Raises Invalid."""
        try:
            return await self.put(organization, id, password=password)
        except NoCustomer:
            return None

    async def begin(self, organization: str, id: str) -> str:
        """A secret that opens what is the customer's, until it is 90 days unused, or the password another one."""
        customer = await self._records.read(organization, id)
        return await self._sessions(organization).begin(id, customer.rev if customer else -1)

    async def of_token(self, organization: str, secret: str) -> Customer | None:
        """Whose secret that is, which keeps it alive; None when it is over, or the customer erased or not active."""
        sessions = self._sessions(organization)
        session, record = await sessions.find_with_user(secret, customers_key(organization, "all"))
        if session is None or record is None:
            return None
        customer = msgspec.json.decode(record, type=Customer)
        if customer.rev != session.rev or not customer.active:
            return None
        await sessions.extend(secret, session)
        return customer

    async def end(self, organization: str, secret: str) -> None:
        """Signed out."""
        await self._sessions(organization).end(secret)

    async def registered(self, organization: str, email: str) -> list[Customer]:
        """Who has that address and a name to sign in with, active or not."""
        return [each for each in await self._records.all_with(organization, "email", email) if each.username]

    async def who_resets(self, organization: str, email: str) -> Customer | None:
        """Who may get a new password by mail to that address."""
        return next((each for each in await self.registered(organization, email) if _may_reset(each)), None)

    async def begin_reset_of(self, organization: str, id: str) -> str | None:
        """A secret for one new password, good for an hour and until any other is set; to be sent to the customer's
        address and nowhere else. None for who may not sign in."""
        customer = await self._records.read(organization, id)
        if customer is None or not _may_reset(customer):
            return None
        return await self._resets(organization).begin(customer.id, customer.rev)

    async def begin_reset(self, organization: str, email: str) -> tuple[Customer, str] | None:
        """For whoever mails it themselves: who has that address, and the secret."""
        customer = await self.who_resets(organization, email)
        secret = await self.begin_reset_of(organization, customer.id) if customer else None
        return (customer, secret) if customer and secret else None

    async def use_reset(self, organization: str, secret: str, password: str) -> Customer | None:
        """Sets the password; of several at once one. None when the secret is none, or over. Raises Invalid, which uses
        up nothing."""
        _check({}, password)
        reset = await self._resets(organization).find(secret)
        if reset is None:
            return None
        hash = await self._passwords.hash(password)

        def changed(customer: Customer) -> Customer:
            if customer.rev != reset.rev or not customer.active:
                return customer
            return replace(customer, password=hash, rev=customer.rev + 1, changed_at=self._clock())

        customer = await self._records.change(organization, reset.user, changed)
        await self._resets(organization).end(secret)
        return customer if customer and customer.password == hash else None

    async def _add(self, organization: str, given: dict[str, Any], unique: Sequence[str]) -> Customer:
        customer = Customer(
            id=str(uuid.UUID(bytes=self._random(16), version=4)),
            number=await self._records.number(organization),
            organization=organization,
            created_at=self._clock(),
            changed_at=self._clock(),
            **given,
        )
        await self._records.add(customer, unique)
        return customer

    def _sessions(self, organization: str) -> Sessions:
        key = partial(customers_key, organization)
        return Sessions(self._connection, self._clock, SESSION_MS, self._random, key)

    def _resets(self, organization: str) -> Sessions:
        """They begin, are found and end as sessions do, and open nothing else."""
        return Sessions(
            self._connection,
            self._clock,
            RESET_MS,
            self._random,
            lambda name: customers_key(organization, f"reset:{name}"),
        )


def _may_reset(customer: Customer) -> bool:
    return customer.active and bool(customer.username)


def _check(fields: dict[str, Any], password: str | None) -> None:
    unknown = set(fields) - (set(Customer.__struct_fields__) - KEPT)
    if unknown:
        raise TypeError(f"not a customer's: {', '.join(sorted(unknown))}")
    mistakes = [
        Mistake(field, f"must be at most {LONGEST.get(field, TEXT_LONGEST)} characters")
        for field, value in fields.items()
        if isinstance(value, str) and len(value) > LONGEST.get(field, TEXT_LONGEST)
    ]
    if password is not None and (what := weakness(password, str(fields.get("username", "")))):
        mistakes.append(Mistake("password", what))
    if mistakes:
        raise Invalid(mistakes)
