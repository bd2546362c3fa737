"""Deliveries that are due: scheduled once for their id, leased to one sender at a time, and what came of each."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from callboard.store import scripts
from callboard.store.keys import location_key, outbox_key, partition
from callboard.store.records import RECORDS, RECORDS_MS, Record, Said, on_record, told
from callboard.store.redis import Connection

LEASE_MS = 60_000
SEEN_MS = 7 * 24 * 3_600_000  # how long an id is remembered, longer than any ticket waits
ANOTHER = 2  # the answer that one with the same word is leaving


class Apart(Exception):
    """Another one is leaving, and the two may not at the same time."""


class Item(Struct, frozen=True, kw_only=True):
    """A delivery to schedule. The store does not look into `body`; `at` is the moment of the event behind it."""

    id: str
    lane: str
    body: str
    at: int
    after: str = ""  # not scheduled before that id was
    quiet: str = ""  # not scheduled less than `quiet_ms` after another one with this word
    quiet_ms: int = 0
    line: str = ""  # due only when those before it with this word are over; a line stays in one lane
    place: int = 0  # where in the line, as far as that has not begun
    bars: str = ""  # the id that is never scheduled any more once this one is


class Leased(Struct, frozen=True):
    """A delivery that this sender alone works on, until the lease has run out or somebody else has it."""

    partition: int
    lane: str
    id: str
    lease: int  # how often it was leased
    body: str
    apart: str = ""  # only one with this word leaves at a time


class Outbox:
    """One user's deliveries, over all partitions. `lanes` are its due lists. All raise StoreAway."""

    def __init__(self, connection: Connection, user: str, lanes: Sequence[str]) -> None:
        self._connection = connection
        self._user = user
        self._lanes = list(lanes)

    async def schedule(self, location: str, items: Sequence[Item], bar: Sequence[str], at: int) -> int:
        """Puts items on their due lists, each once for its id ever, and sees to it that `bar` ids never are.

        Answers how many are new.
        """
        number = partition(location)
        names = ("work", "seen", "lines", *(f"due:{lane}" for lane in self._lanes))
        keys = [self._key(number, name) for name in names]
        deliveries = [{**msgspec.structs.asdict(item), "lane": self._lanes.index(item.lane) + 1} for item in items]
        arg = {"at": at, "keep_ms": SEEN_MS, "deliveries": deliveries, "bar": list(bar)}
        new: int = await self._run("schedule", keys, arg)
        return new

    async def next_due(self, numbers: Sequence[int], lane: str) -> dict[int, int]:
        """When the first of each partition is due; those without any are left out. One trip for all."""
        keys = [self._key(number, f"due:{lane}") for number in numbers]

        async def ask() -> list[list[tuple[str, float]]]:
            pipeline = self._connection.client.pipeline(transaction=False)
            for key in keys:
                pipeline.zrange(key, 0, 0, withscores=True)
            found: list[list[tuple[str, float]]] = await pipeline.execute()
            return found

        first = await self._connection.call(ask)
        return {number: int(found[0][1]) for number, found in zip(numbers, first, strict=True) if found}

    async def lease(self, number: int, lane: str, at: int, count: int) -> tuple[list[Leased], int | None]:
        """Up to `count` due deliveries of a partition, earliest first; and when the next is due, if any is left."""
        keys = [self._key(number, name) for name in (f"due:{lane}", "work", "leases")]
        taken, due = await self._run("lease_due", keys, {"at": at, "lease_ms": LEASE_MS, "count": count})
        return [Leased(number, lane, *one) for one in taken], int(float(due)) if due else None

    async def keep(self, leased: Leased, body: str, due: int, leaves: tuple[int, int] | None = None) -> bool:
        """It goes on: with this body, due again at `due`. `leaves`: it is about to leave, unless another one with its
        word may be on its way at the first of these moments (ms), and may be so itself until the second. False when the
        lease is somebody else's; raises `Apart`."""
        at, until = leaves or (None, None)
        return await self._settle(leased, "", {"body": body, "due": due, "at": at, "leaves": until})

    async def close(self, leased: Leased, record: Record, *, again: bool = False, line: str = "") -> bool:
        """It is over, and the next in its line is due. `again`: its id may be scheduled anew. False when the lease is
        somebody else's."""
        arg = {**on_record(record), "line": line or None, "at": record.at, "again": again}
        return await self._settle(leased, record.location, arg)

    async def hand_over(self, leased: Leased, body: str, lane: str, record: Record) -> bool:
        """It goes on in another lane, due at once, and `record` says why; not for one that stands in a line. False when
        the lease is somebody else's."""
        arg = {**on_record(record), "body": body, "due": record.at}
        return await self._settle(leased, record.location, arg, lane)

    async def put_on_record(self, record: Record) -> bool:
        """What went out another way than from here, and is over; once for its id, and then its id counts as scheduled.
        False when it is there already."""
        number = partition(record.location)
        keys = [*(self._key(number, name) for name in ("seen", "records")), location_key(record.location, "people")]
        arg = {"id": record.id, "at": record.at, **on_record(record)}
        new: int = await self._run("put_on_record", keys, {name: value for name, value in arg.items() if value})
        return new == 1

    async def seen(self, location: str, id: str) -> bool:
        """Whether a delivery of that id was ever scheduled or barred."""
        return await self._score(location, id) is not None

    async def newest(self, location: str, words: Sequence[str]) -> list[int | None]:
        """The moments (ms) of the newest deliveries with these ids and quiet words, or of the barring of
        `barred:ID`. One trip."""
        key, client = self._key(partition(location), "seen"), self._connection.client
        scores = await self._connection.call(lambda: client.zmscore(key, list(words)))
        return [None if score is None else int(score) for score in scores]

    async def forget(self, location: str, at: int, ticket: str = "") -> None:
        """Records that are older than they are kept go; those of `ticket` lose whatever belongs to a person."""
        arg = {"before": at - RECORDS_MS, **({"ticket": ticket} if ticket else {})}
        await self._run("forget", [self._key(partition(location), "records")], arg)

    async def hear(self, location: str, id: str, said: Said) -> bool:
        """What the other side tells of a delivery, in whatever order and however often; whether it is news. It may come
        before the answer to sending it, and is kept as long as a record."""
        arg = {"rank": said.rank, "said": msgspec.json.encode(said).decode(), "keep_ms": RECORDS_MS}
        news: int = await self._run("hear", [self._said(partition(location), id)], arg)
        return news == 1

    async def said(self, location: str, id: str) -> Said | None:
        """What it told last."""
        key, client = self._said(partition(location), id), self._connection.client
        text: str | None = await self._connection.call(lambda: client.get(key))
        return msgspec.json.decode(text, type=Said) if text else None

    async def recent(self, locations: Sequence[str], count: int) -> list[Record]:
        """What came of the newest deliveries of these locations, newest first."""
        client = self._connection.client
        found: list[Record] = []
        for number in sorted({partition(location) for location in locations}):
            key = self._key(number, "records")
            texts = await self._connection.call(partial(client.lrange, key, 0, -1))
            found += [msgspec.json.decode(text, type=Record) for text in texts]
        wanted = [record for record in found if record.location in locations]
        return await self._with_said(sorted(wanted, key=lambda record: record.at, reverse=True)[:count])

    async def of_ticket(self, location: str, ticket: str) -> list[Record]:
        """What came of all that was to be told of a ticket, newest first."""
        return [record for record in await self.recent([location], RECORDS) if record.ticket == ticket]

    async def _with_said(self, records: list[Record]) -> list[Record]:
        async def ask() -> list[str | None]:
            pipeline = self._connection.client.pipeline(transaction=False)
            for record in records:
                pipeline.get(self._said(partition(record.location), record.id))
            found: list[str | None] = await pipeline.execute()
            return found

        texts = await self._connection.call(ask) if records else []
        return [told(record, text) for record, text in zip(records, texts, strict=True)]

    async def _score(self, location: str, word: str) -> float | None:
        key = self._key(partition(location), "seen")
        client = self._connection.client
        score: float | None = await self._connection.call(lambda: client.zscore(key, word))
        return score

    async def _settle(self, leased: Leased, location: str, arg: dict[str, Any], lane: str = "") -> bool:
        names = ("work", "leases", "seen", "records", "lines", "leaving")
        dues = (f"due:{leased.lane}", f"due:{lane or leased.lane}")
        keys = [self._key(leased.partition, name) for name in (*dues, *names)]
        keys.append(location_key(location, "people") if location else self._key(leased.partition, "nobody"))
        given = {name: value for name, value in {"apart": leased.apart or None, **arg}.items() if value is not None}
        answer: int = await self._run("settle", keys, {"id": leased.id, "lease": leased.lease, **given})
        if answer == ANOTHER:
            raise Apart
        return answer == 1

    async def _run(self, script: str, keys: list[str], arg: dict[str, Any]) -> Any:
        return await scripts.run(self._connection, scripts.text(script), keys, [msgspec.json.encode(arg).decode()])

    def _key(self, number: int, name: str) -> str:
        return outbox_key(number, self._user, name)

    def _said(self, number: int, id: str) -> str:
        return self._key(number, f"said:{id}")
