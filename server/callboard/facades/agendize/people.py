"""Who a registration is for: a client that is known by id, or one made from a name and an address."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import UNSET

from callboard.contact import e164, mail_address
from callboard.domain.customer import Customer
from callboard.domain.model import Location, Person
from callboard.errors import Invalid, Mistake
from callboard.facades.agendize.kept import FACADE, Kept, full_name, names
from callboard.facades.agendize.models import Client, SentClient
from callboard.facades.agendize.registration import client_link
from callboard.store.customers import Customers, Taken

NEEDED = {"first_name": "firstName", "last_name": "lastName", "email_address": "emailAddress"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """As the vendor has it. The phone is as it was typed; one that takes no texts is only shown."""

    customer: str
    number: str
    first: str
    last: str
    email: str
    phone: str

    def fields(self, location: Location) -> dict[str, str]:
        """What the core keeps of a person."""
        return {
            "name": full_name(self.first, self.last),
            "phone": e164(self.phone, location.country) or "",
            "email": self.email,
            "customer": self.customer,
        }


async def new_visitor(
    customers: Customers, organization: str, sent: SentClient | None, bound: Mapping[str, str]
) -> Visitor:
    """From what is sent, and where that is silent from the form. Raises Invalid: it needs an id that there is, or
    first name, last name and e-mail address."""
    given = {name: (getattr(sent, name, None) or bound.get(name, "")) for name in (*NEEDED, "phone_number")}
    _check(given)
    if sent and sent.id:
        return _visitor(await _known(customers, organization, sent.id), given)
    missing = [Mistake(f"client.{word}", "is missing") for name, word in NEEDED.items() if not given[name]]
    if missing:
        raise Invalid([*missing, Mistake("client.id", "would do instead")])
    return _visitor(await _kept(customers, organization, given), given)


async def changed_visitor(
    customers: Customers, organization: str, sent: SentClient, person: Person, kept: Kept
) -> Visitor:
    """Somebody who is registered already, with what is sent; an empty text removes. Another id is another client."""
    first, last = names(person, kept)
    before = {"first_name": first, "last_name": last, "email_address": person.email}
    before["phone_number"] = kept.phone or person.phone
    said = {name: getattr(sent, name) for name in before}
    given = {name: value for name, value in said.items() if value is not None and value is not UNSET}
    _check(given)
    if sent.id and str(sent.id) not in (kept.client, person.customer):
        return _visitor(await _known(customers, organization, sent.id), given)
    now = before | given
    return Visitor(
        customer=person.customer,
        number=kept.client,
        first=now["first_name"],
        last=now["last_name"],
        email=mail_address(now["email_address"]) or "",
        phone=now["phone_number"],
    )


async def find_client(customers: Customers, organization: str, ref: str | int) -> Customer | None:
    """By its number, or our own id."""
    text = str(ref)
    if text.isascii() and text.isdigit():
        return await customers.find(organization, number=int(text)) if len(text) <= 10 else None
    return await customers.find(organization, id=text)


def shown_client(customer: Customer, url: str) -> Client:
    """The resource behind `selfLink`."""
    return Client(
        id=str(customer.number),
        first_name=customer.first_name,
        last_name=customer.last_name,
        email_address=customer.email,
        phone_number=customer.phone,
        self_link=client_link(url, str(customer.number)),
    )


def _check(given: Mapping[str, str]) -> None:
    if mail_address(given.get("email_address", "")) is None:
        raise Invalid([Mistake("client.emailAddress", "must be an e-mail address such as me@example.org")])


async def _known(customers: Customers, organization: str, ref: str | int) -> Customer:
    customer = await find_client(customers, organization, ref)
    if customer is None:
        raise Invalid([Mistake("client.id", "is not the id of a client")])
    return customer


async def _kept(customers: Customers, organization: str, given: Mapping[str, str]) -> Customer:
    """The client of that name and address, made if there is none. Never one who signs in elsewhere with the same
    address: nobody has shown that it is theirs."""
    words = "\n".join(given[name].strip().casefold() for name in NEEDED)
    mark = f"{FACADE}:{hashlib.sha256(words.encode()).hexdigest()[:32]}"
    found = await customers.find(organization, external_id=mark)
    if found is not None:
        return found
    fields = {"first_name": given["first_name"], "last_name": given["last_name"]}
    contact = {"email": mail_address(given["email_address"]) or "", "phone": given["phone_number"]}
    try:
        return await customers.put(organization, external_id=mark, unique=("external_id",), **fields, **contact)
    except Taken:  # by the same at the same time
        return await _known_by(customers, organization, mark)


async def _known_by(customers: Customers, organization: str, mark: str) -> Customer:
    customer = await customers.find(organization, external_id=mark)
    if customer is None:
        raise Invalid([Mistake("client", "was erased at this moment")])
    return customer


def _visitor(customer: Customer, given: Mapping[str, str]) -> Visitor:
    return Visitor(
        customer=customer.id,
        number=str(customer.number),
        first=given.get("first_name") or customer.first_name,
        last=given.get("last_name") or customer.last_name,
        email=mail_address(given.get("email_address") or customer.email) or "",
        phone=given.get("phone_number") or customer.phone,
    )
