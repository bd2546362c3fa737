"""The mail with which a customer sets a new password. Its secret is made when it is sent, and is nowhere else: not in
the delivery that waits, nor in an event, the log or what staff see."""

from collections.abc import Callable, Mapping
from typing import Any

from callboard.delivery.model import About, Delivery, Mark, Moot, Never, Outcome, Sent, encode
from callboard.domain.customer import Customer, display_name
from callboard.domain.directory import Directory, Unknown
from callboard.domain.names import name_in
from callboard.notify.media import Medium
from callboard.notify.render import LAST_RESORT, Renderer
from callboard.notify.situation import greeted
from callboard.store.customers import Customers
from callboard.store.outbox import Item, Outbox
from callboard.store.reads import Reads

RESET = "password_reset"
LANE = "mail"
WORTH_MS = 30 * 60_000  # after which whoever asked has given up
QUIET_MS = 2 * 60_000  # so often one customer is written to, however often somebody asks


class ResetRequests:
    """Called with an organization and an address, it sees to it that a mail goes there, if a customer has it.

    It does not tell whether one has. Raises StoreAway.
    """

    def __init__(self, reads: Reads, customers: Customers, outbox: Outbox, clock: Callable[[], int]) -> None:
        self._reads = reads
        self._customers = customers
        self._outbox = outbox
        self._clock = clock

    async def __call__(self, organization: str, email: str) -> None:
        customer = await self._customers.who_resets(organization, email)
        location = _first_location(self._reads.directory, organization)
        if customer is None or not location:
            return
        now = self._clock()
        about = f"{RESET}:{customer.id}:{LANE}"
        delivery = Delivery(
            id=f"{about}:{now}",
            kind=RESET,
            lane=LANE,
            location=location,
            customer=customer.id,
            at=now,
            until=now + WORTH_MS,
        )
        item = Item(id=delivery.id, lane=LANE, body=encode(delivery), at=now, quiet=about, quiet_ms=QUIET_MS)
        await self._outbox.schedule(location, [item], (), now)


class ResetMail:
    """What the delivery machine does with such a mail."""

    def __init__(self, reads: Reads, customers: Customers, renderer: Renderer, medium: Medium) -> None:
        self._reads = reads
        self._customers = customers
        self._renderer = renderer
        self._medium = medium

    async def send(self, delivery: Delivery, mark: Mark) -> Outcome:
        """With another secret at each attempt: all of them are good until one is used."""
        try:
            location = self._reads.directory.location(delivery.location)
            organization = self._reads.directory.organization(location.id)
        except Unknown:
            return Outcome(Moot("the location is gone"))
        customer = await self._customers.find(organization.id, id=delivery.customer)
        if customer is None or not customer.email:
            return Outcome(Moot("the customer is erased, or has no address any more"))
        secret = await self._customers.begin_reset_of(organization.id, customer.id)
        if secret is None:
            return Outcome(Moot("the customer may not sign in any more"))
        languages = (customer.locale, *location.languages, LAST_RESORT)
        language = next(each for each in languages if self._renderer.has(each, RESET, LANE))
        venue = name_in(organization.name, language, location.languages[0])
        message = self._renderer.mail(RESET, language, _values(customer, venue, secret))
        answer = await self._medium.send(customer.email, message, delivery, mark)
        if isinstance(answer, Sent) and answer.shown:
            answer = Never("there is no mail server, and a secret is not shown")
        return Outcome(answer, About(subject=message.subject))


def _values(customer: Customer, venue: str, secret: str) -> Mapping[str, Any]:
    return {"venue": venue, "name": greeted(display_name(customer)), "secret": secret, "label": "", "link": ""}


def _first_location(directory: Directory, organization: str) -> str:
    """Whose partition a customer's mail is scheduled in: a customer belongs to no location."""
    found = (each.id for each in directory.locations if directory.organization(each.id).id == organization)
    return next(found, "")
