"""Changes of a person that are made of what is kept of them: what another request changes meanwhile is not lost."""

from collections.abc import Awaitable, Callable, Mapping

from msgspec.structs import replace

from callboard.domain.consent import Consent, by_way
from callboard.domain.model import Person
from callboard.errors import Refusal, Refused
from callboard.services import Services

TRIES = 20  # each that fails is one with whom somebody else was quicker

Make = Callable[[Person], Awaitable[Mapping[str, str]]]


async def change_person(
    services: Services,
    ticket: str,
    person: Person | None,
    make: Make,
    through: str,
    had: Mapping[str, Consent] | None = None,
) -> Person | None:
    """What `make` makes of the person (none: nothing is changed), made anew when they have changed since they were
    read. Answers who they are then; None for somebody erased, of whom nothing can be changed. They may be written to as
    they have agreed before (`had`), else by the word of the API that is named.

    Raises as `Store.change_person`; `changed_since` when others were quicker all the time.
    """
    consent = by_way(had or None, through)
    for _ in range(TRIES):
        changes = await make(person) if person is not None else {}
        if person is None or not changes:
            return person
        try:
            await services.store.change_person(ticket, extra_was=person.extra, consent=consent, **changes)
        except Refused as refused:
            if refused.refusal is not Refusal.CHANGED_SINCE:
                raise
            person = await services.reads.person(ticket)
        else:
            return replace(person, **{name: value for name, value in changes.items() if hasattr(person, name)})
    raise Refused(Refusal.CHANGED_SINCE)
