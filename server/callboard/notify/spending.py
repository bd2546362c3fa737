"""Whether a text may be paid for: its number's country, and what was spent on texts lately."""

import logging

from callboard.contact import is_texted, texted_countries
from callboard.delivery.model import Delivery, Never
from callboard.store.reads import Reads
from callboard.store.text_budget import TextBudget

FULL = {
    "number": "this number has had as many texts today as one may",
    "prefix": "too many new numbers of this range in the last hour",
    "day": "this location has sent as many texts today as it may",
}

log = logging.getLogger(__name__)


class Spending:
    """Who pumps numbers into a waiting room gets some of what their texts cost. Raises StoreAway."""

    def __init__(self, reads: Reads, budget: TextBudget) -> None:
        self._reads = reads
        self._budget = budget

    async def withheld(self, delivery: Delivery, to: str) -> Never | None:
        """Why a delivery's text must not be paid for; None when it may, and then it has been counted, once however
        often it is tried. What is no text costs nothing."""
        if delivery.lane != "sms":
            return None
        location = self._reads.directory.location(delivery.location)
        if not is_texted(to, texted_countries(location)):
            return Never("numbers of that country are not texted")
        organization = self._reads.directory.organization(location.id).id
        limits = location.texting
        full = await self._budget.spend(organization, location.id, to, delivery.id, delivery.ticket, limits)
        if not full:
            return None
        log.warning("delivery=%s withheld=%s", delivery.id, full)
        return Never(FULL[full])
