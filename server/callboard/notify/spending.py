"""Whether a text may be paid for: its number's country, and what was spent on texts lately."""

import logging

from msgspec.structs import replace

from callboard.contact import is_texted, texted_countries
from callboard.delivery.model import Delivery, Never
from callboard.store.reads import Reads
from callboard.store.text_budget import TextBudget

FULL = {
    "number": "this number has had as many texts today as one may",
    "prefix": "too many new numbers of this range in the last hour",
    "day": "this location has sent as many texts today as it may",
    "replies": "the rest of today's texts to this number is kept for what it must be told",
}

log = logging.getLogger(__name__)


class Spending:
    """Who pumps numbers into a waiting room gets some of what their texts cost. Raises StoreAway."""

    def __init__(self, reads: Reads, budget: TextBudget) -> None:
        self._reads = reads
        self._budget = budget

    async def withheld(self, delivery: Delivery, to: str, *, replies: bool = False) -> Never | None:
        """Why a delivery's text must not be paid for; None when it may, and then it has been counted, once however
        often it is tried. What is no text costs nothing. One that only `replies` to somebody leaves a third of what
        their number may have: who writes a lot still hears that it is their turn."""
        if delivery.lane != "sms":
            return None
        location = self._reads.directory.location(delivery.location)
        if not is_texted(to, texted_countries(location)):
            return Never("numbers of that country are not texted")
        organization = self._reads.directory.organization(location.id).id
        limits = location.texting
        if replies:
            limits = replace(limits, per_number=limits.per_number * 2 // 3)
        full = await self._budget.spend(organization, location.id, to, delivery.id, delivery.ticket, limits)
        if not full:
            return None
        full = "replies" if replies and full == "number" else full
        log.warning("delivery=%s withheld=%s", delivery.id, full)
        return Never(FULL[full])
