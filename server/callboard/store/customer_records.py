"""How customers are kept: one record each, and an index of every identity by which one can be found."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from callboard.domain.customer import IDENTITIES, Customer, mark, marks, same_as
from callboard.store import scripts
from callboard.store.keys import customers_key
from callboard.store.redis import Connection

TRIES = 10  # somebody else changes the same customer at the same moment
SHARED = 100  # how many who share an identity are looked at


class Taken(Exception):
    """Another customer of the organization has that."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class CustomerRecords:
    """Record and indices change together, in one script; of two who change the same at once, one sees the other's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def number(self, organization: str) -> int:
        """The next; one that is not used is lost."""
        key = customers_key(organization, "numbers")
        return int(await self._connection.call(lambda: self._connection.client.incr(key)))

    async def read(self, organization: str, id: str) -> Customer | None:
        (raw,) = await self._raws(organization, [id])
        return None if raw is None else msgspec.json.decode(raw, type=Customer)

    async def several(self, organization: str, ids: Sequence[str]) -> dict[str, Customer]:
        """Those of them that there are, by id."""
        raws = await self._raws(organization, list(ids)) if ids else []
        return {id: msgspec.json.decode(raw, type=Customer) for id, raw in zip(ids, raws, strict=True) if raw}

    async def all_with(self, organization: str, field: str, value: str) -> list[Customer]:
        """Whoever has that identity now, the first first."""
        wanted = same_as(field, value)
        if not wanted:
            return []
        keys = [customers_key(organization, "all"), customers_key(organization, f"by:{field}")]
        arg = msgspec.json.encode({"whose": mark(field, value), "most": SHARED}).decode()
        raws = await scripts.run(self._connection, scripts.text("customers_with"), keys, [arg])
        read = [msgspec.json.decode(raw, type=Customer) for raw in raws if raw]
        still = [each for each in read if same_as(field, str(getattr(each, field))) == wanted]
        return sorted(still, key=lambda each: each.number)

    async def reached_at(self, organization: str, address: str) -> list[str]:
        """Who can be written to at a number or an e-mail address. Looks at every customer."""
        key, wanted, cursor = customers_key(organization, "all"), address.casefold(), 0
        found: set[str] = set()
        while True:
            ask = partial(self._connection.client.hscan, key, cursor, count=500)
            cursor, some = await self._connection.call(ask)
            for raw in some.values():
                customer = msgspec.json.decode(raw, type=Customer)
                if wanted in (customer.phone, customer.email.casefold()):
                    found.add(customer.id)
            if not cursor:
                return sorted(found)

    async def add(self, customer: Customer, unique: Sequence[str]) -> None:
        """Raises Taken."""
        if await self._put("", None, customer, unique) == "changed":
            raise RuntimeError("two customers with one id")

    async def change(
        self,
        organization: str,
        id: str,
        change: Callable[[Customer], Customer | None],
        unique: Sequence[str] = (),
    ) -> Customer | None:
        """The customer after it, or before it if it is removed by it; None when there is none. Raises Taken."""
        for _ in range(TRIES):
            (raw,) = await self._raws(organization, [id])
            if raw is None:
                return None
            before = msgspec.json.decode(raw, type=Customer)
            after = change(before)
            if await self._put(raw, before, after, unique) == "done":
                return after or before
        raise RuntimeError("the same customer is changed all the time")

    async def _put(self, raw: str, before: Customer | None, after: Customer | None, unique: Sequence[str]) -> str:
        someone = after or before
        assert someone is not None
        old, new = marks(before), marks(after)
        arg = {
            "id": someone.id,
            "before": raw,
            "after": "" if after is None else msgspec.json.encode(after).decode(),
            "old": [old.get(field, False) for field in IDENTITIES],
            "new": [new.get(field, False) for field in IDENTITIES],
            "unique": [IDENTITIES.index(field) + 1 for field in {"username", *unique}],
        }
        keys = [customers_key(someone.organization, name) for name in ("all", *map("by:{}".format, IDENTITIES))]
        argv = [msgspec.json.encode(arg).decode()]
        answer = await scripts.run(self._connection, scripts.text("put_customer"), keys, argv)
        if isinstance(answer, int):
            raise Taken(IDENTITIES[answer - 1])
        return str(answer)

    async def _raws(self, organization: str, ids: list[str]) -> list[str | None]:
        key = customers_key(organization, "all")
        raws: list[str | None] = await self._connection.call(lambda: self._connection.client.hmget(key, ids))
        return raws
