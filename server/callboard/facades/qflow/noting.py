"""What is said beside a ticket: kept with its person, next to what others keep there at the same moment."""

from collections.abc import Callable, Mapping
from typing import Any

from callboard.domain.model import Person
from callboard.facades.qflow import kept
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.detail import Seen
from callboard.facades.qflow.holder import SOURCE
from callboard.foreign.person import change_person


async def note(asking: Asking, seen: Seen, more: Callable[[kept.Kept], Mapping[str, Any]]) -> None:
    """`more` says what changes of what is kept. Of one whose person is forgotten nothing is kept any more."""

    async def noted(person: Person) -> dict[str, str]:
        known = kept.with_ticket(person)
        now = kept.changed(known, **more(known))
        return {} if now == known else {"extra": kept.text(person.extra, now)}

    await change_person(asking.services, seen.standing.ticket.id, seen.standing.person, noted, SOURCE)
