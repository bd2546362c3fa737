"""What somebody may do with their own ticket. The token in the address is the whole permission."""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Annotated, Any, Literal

from msgspec import Meta

from callboard.api.commands import MoreTime, arguments
from callboard.api.operation import Asked, MoreMistakes, Operation, words
from callboard.api.shapes import BriefAnswer, Email, Nothing, Phone, Read, Taking, TravelMin, brief
from callboard.assets import TEMPLATES
from callboard.contact import contact_mistakes, e164, mail_address
from callboard.domain import documents
from callboard.domain.consent import Consent, agreed
from callboard.domain.model import CloseReason
from callboard.errors import Invalid, Mistake
from callboard.services import Services
from callboard.store.transitions import Done, Store
from callboard.wording import environment

Command = Callable[..., Awaitable[Done]]


class Contact(Taking, frozen=True, kw_only=True):
    """Where messages go: an empty text removes it, one that is left out stays."""

    phone: Phone | None = None
    email: Email | None = None
    consent: Read | None = None  # beside one that is given


class Tell(Taking, frozen=True, kw_only=True):
    what: Literal["coming", "moment"]


class Travel(Taking, frozen=True, kw_only=True):
    """How long one takes to come; 0: that is not said any more."""

    travel_min: TravelMin


class Feedback(Taking, frozen=True, kw_only=True):
    """How the visit was: said again, the last word counts."""

    rating: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(max_length=1000)] = ""


async def _ticket(asked: Asked[None, None]) -> documents.Phone:
    ticket = await asked.services.reads.ticket_of_token(asked.ids["token"])
    return await asked.services.screens.phone(ticket)


async def _contact(asked: Asked[Contact, None]) -> BriefAnswer:
    services, body = asked.services, asked.body
    location = services.directory.location_of_token(asked.ids["token"])
    mistakes = contact_mistakes(body.phone, body.email, location)
    if body.consent and not (body.phone or body.email):
        mistakes.append(Mistake("consent", "is needed only beside a phone or an email"))
    if mistakes:
        raise Invalid(mistakes)
    if body.phone:
        await services.limit(asked.request, "numbers")
    changes = {
        **({} if body.phone is None else {"phone": e164(body.phone, location.country)}),
        **({} if body.email is None else {"email": mail_address(body.email)}),
    }
    read = body.consent
    consent = agreed("page", read.words, read.language) if read else Consent(through="page")
    return await _do(asked, Store.change_person, {**changes, "consent": consent})


def _contact_mistakes(services: Services, ids: Mapping[str, str], given: Mapping[str, Any]) -> list[Mistake]:
    location = services.directory.location_of_token(ids["token"])
    return contact_mistakes(given.get("phone"), given.get("email"), location)


async def _do(asked: Asked[Any, None], does: Command, given: dict[str, Any]) -> BriefAnswer:
    ticket = await asked.services.reads.ticket_of_token(asked.ids["token"])
    done = await does(asked.services.store, ticket, once=asked.once, **given)
    assert done.ticket is not None, "a person's commands are about a ticket"
    return BriefAnswer(brief(done.ticket))


def own_command(
    name: str, does: Command, takes: type[Taking], summary: str, refuses: str, **fixed: Any
) -> Operation[Any, None]:
    """POST /t/{token}/<name>: `does` of the store with what the body gives, and `fixed`."""

    async def do(asked: Asked[Any, None]) -> BriefAnswer:
        return await _do(asked, does, arguments(asked.body) | fixed)

    return _own(name, do, takes, summary, refuses)


def _own(
    name: str,
    do: Callable[[Asked[Any, None]], Awaitable[BriefAnswer]],
    takes: type[Taking],
    summary: str,
    refuses: str,
    more_mistakes: MoreMistakes | None = None,
) -> Operation[Any, None]:
    return Operation(
        name=f"my_{name}",
        method="POST",
        path="/t/{token}/" + name,
        tag="visitors",
        summary=summary,
        do=do,
        answers=BriefAnswer,
        takes=takes,
        refuses=words(refuses),
        once=True,
        open=True,
        limit="own",
        more_mistakes=more_mistakes,
    )


async def _tell(asked: Asked[Tell, None]) -> BriefAnswer:
    """In the language of the place: it is the staff who read it."""
    location = asked.services.directory.location_of_token(asked.ids["token"])
    return await _do(asked, Store.note, {"text": _in_words(asked.body.what, location.languages[0])})


@cache
def _in_words(what: str, language: str) -> str:
    """As it is answered to a notification."""
    return str(getattr(environment([TEMPLATES], language, "en").get_template("_answers.txt").module, what))


OPERATIONS = (
    Operation(
        name="my_ticket",
        method="GET",
        path="/t/{token}",
        tag="visitors",
        summary="One's own ticket: where it stands and what to do now",
        do=_ticket,
        answers=documents.Phone,
        open=True,
        limit="own",
    ),
    own_command("cancel", Store.cancel, Nothing, "Leaves the line", "ticket_closed", reason=CloseReason.CUSTOMER),
    own_command(
        "postpone",
        Store.postpone,
        MoreTime,
        "Asks for more time: lets others go first",
        "not_checked_in already_called already_serving on_hold ticket_closed limit_reached",
    ),
    own_command(
        "rejoin",
        Store.rejoin,
        Nothing,
        "Comes back after having missed the turn",
        "not_checked_in still_waiting already_called already_serving on_hold ticket_closed too_late",
    ),
    own_command(
        "check_in",
        Store.check_in,
        Nothing,
        "Has arrived for a booking",
        "still_waiting already_called already_serving on_hold ticket_closed too_early too_late staff_only",
    ),
    _own("tell", _tell, Tell, "Tells the staff that they are on their way, or need a moment", ""),
    own_command("feedback", Store.feedback, Feedback, "Says how the visit was, once it has ended", "not_served"),
    own_command(
        "travel",
        Store.change_ticket,
        Travel,
        "Says how long it takes to come, so that one is told early enough",
        "ticket_closed",
    ),
    _own("contact", _contact, Contact, "Says where messages go", "ticket_closed", _contact_mistakes),
)
