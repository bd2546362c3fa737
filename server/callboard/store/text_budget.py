"""What texts may still be sent, counted for all processes that share the store."""

from collections.abc import Callable

import msgspec

from callboard.domain.spending import Texting
from callboard.store import scripts
from callboard.store.keys import budget_key
from callboard.store.redis import Connection
from callboard.store.secret import fingerprint

PREFIX_DIGITS = 4  # ranges of numbers are sold in ten thousands, and pumped in them


class TextBudget:
    """Windows of an organization, of which the store knows fingerprints and no number."""

    def __init__(self, connection: Connection, clock: Callable[[], int]) -> None:
        self._connection = connection
        self._clock = clock

    async def spend(
        self, organization: str, location: str, number: str, text: str, ticket: str, limits: Texting
    ) -> str:
        """Counts a text by its id, once however often it is asked. Answers an empty text, or which window is full
        ("number", "prefix", "day"), and then has counted nothing. Atomic, so the limits hold to the unit. Who has no
        `ticket` is new to their prefix by their number."""
        names = (f"number:{fingerprint(number)}", f"prefix:{fingerprint(number[:-PREFIX_DIGITS])}", f"day:{location}")
        arg = {
            "now": self._clock(),
            "text": text,
            "ticket": ticket or fingerprint(number),
            "per_number": limits.per_number,
            "per_prefix": limits.per_prefix,
            "per_day": limits.per_day,
        }
        keys = [budget_key(organization, name) for name in names]
        given = msgspec.json.encode(arg).decode()
        return str(await scripts.run(self._connection, scripts.text("spend"), keys, [given]))
