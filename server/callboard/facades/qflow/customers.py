"""Customers: the PersonalId decides whether one is changed or made (Q11)."""

from callboard.domain.customer import Customer
from callboard.domain.directory import Unknown
from callboard.errors import Invalid, Mistake
from callboard.facades.qflow import models
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.customer_record import fields, record
from callboard.foreign.operation import Asked
from callboard.store.customers import LONGEST, NoCustomer, Taken


async def put_customer(asked: Asked[models.Customer, None]) -> models.Customer:
    """POST Customers. Without a PersonalId the CustomerId decides, and without either there is a new one (INF)."""
    asking, body = Asking(asked), asked.body
    known = await _known(asking, body)
    country = asking.locations[0].country if asking.locations else "GB"
    given = fields(body, known, country, asking.server)
    if len(given["extra"]) > LONGEST["extra"]:
        raise Invalid([Mistake("CustomProperties", "is too much to be kept")])
    try:
        customer = await asking.services.customers.put(asking.organization.id, known.id if known else None, **given)
    except Taken:  # by a request that came at the same time
        raise Invalid([Mistake("PersonalId", "is another customer's")]) from None
    except NoCustomer:
        raise Unknown("customer", "") from None
    return record(customer, asking.server)


async def _known(asking: Asking, body: models.Customer) -> Customer | None:
    if body.personal_id:
        found = await asking.services.customers.find(asking.organization.id, personal_id=body.personal_id)
        if found is not None:
            return found
    return await asking.customer(body.customer_id) if not body.personal_id else None
