"""Customers: the PersonalId decides whether one is changed or made (Q11)."""

from callboard.domain.customer import Customer
from callboard.domain.directory import Unknown
from callboard.errors import Invalid, Mistake
from callboard.facades.qflow import models
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.customer_record import fields, record
from callboard.foreign.operation import Asked
from callboard.store.customers import LONGEST, NoCustomer, Taken

TRIES = 3


async def put_customer(asked: Asked[models.Customer, None]) -> models.Customer:
    """POST Customers. Without a PersonalId the CustomerId decides, and without either there is a new one (INF)."""
    asking = Asking(asked)
    for _ in range(TRIES):
        try:
            return record(await _put(asking, asked.body), asking.server)
        except Taken:
            continue
    raise Invalid([Mistake("PersonalId", "is another customer's")])


async def _put(asking: Asking, body: models.Customer) -> Customer:
    """Raises Taken when somebody else has made the same customer in the meantime."""
    known = await _known(asking, body)
    given = fields(body, known, asking.locations[0].country, asking.server)
    if len(given["extra"]) > LONGEST["extra"]:
        raise Invalid([Mistake("CustomProperties", "is too much to be kept")])
    try:
        return await asking.services.customers.put(asking.organization.id, known.id if known else None, **given)
    except NoCustomer:
        raise Unknown("customer", "") from None


async def _known(asking: Asking, body: models.Customer) -> Customer | None:
    if body.personal_id:
        found = await asking.services.customers.find(asking.organization.id, personal_id=body.personal_id)
        if found is not None:
            return found
    return await asking.customer(body.customer_id) if not body.personal_id else None
