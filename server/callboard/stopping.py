"""The address by which somebody wants no more messages: their own in each message, and nobody can guess it."""

import hmac

from callboard.domain.model import Person

LANES = ("sms", "mail")


def stop_path(ticket: str, person: Person, lane: str) -> str:
    """It opens nothing else: who has it cannot find out the secret of the ticket's page."""
    return f"/stop/{lane}/{ticket}/{_proof(ticket, person, lane)}"


def may_stop(ticket: str, person: Person, lane: str, proof: str) -> bool:
    return lane in LANES and hmac.compare_digest(proof.encode(), _proof(ticket, person, lane).encode())


def address_in(person: Person, lane: str) -> str:
    return {"sms": person.phone, "mail": person.email}[lane]


def _proof(ticket: str, person: Person, lane: str) -> str:
    """128 bits, which follow from the secret of the person's page."""
    return hmac.digest(person.token.encode(), f"stop {lane} {ticket}".encode(), "sha256").hex()[:32]
