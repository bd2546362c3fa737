"""What is kept with a person that the core has no word for: their name in two parts, their phone as typed, the form."""

from msgspec import Struct, ValidationError, convert, to_builtins

from callboard import opaque
from callboard.domain.model import Person
from callboard.facades.agendize.files import read_files, write_files
from callboard.facades.agendize.forms import Form
from callboard.facades.agendize.models import FormItem

FACADE = "agendize"


class Kept(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`client` is the number of the customer. The names and the phone count only while they say what the person's own
    do, since those may be changed by others."""

    client: str = ""
    first: str = ""
    last: str = ""
    phone: str = ""
    form: list[FormItem] = []
    next_file: int = 1


def kept_of(person: Person) -> Kept:
    """Nothing, where somebody else has written there."""
    part = opaque.of(person.extra, FACADE)
    try:
        return convert(part, Kept) if part else Kept()
    except ValidationError:
        return Kept()


def extra_with(extra: str, kept: Kept) -> str:
    """The person's `extra` with this in it."""
    return opaque.put(extra, FACADE, to_builtins(kept))


def form_of(kept: Kept, attachments: str) -> Form:
    return Form(kept.form, read_files(attachments), kept.next_file)


def attachments_of(form: Form) -> str:
    return write_files(form.files)


def full_name(first: str, last: str) -> str:
    return f"{first} {last}".strip()


def names(person: Person, kept: Kept) -> tuple[str, str]:
    """First and last name; of somebody whose name was said in one, the first word is the first name."""
    if full_name(kept.first, kept.last) == person.name:
        return kept.first, kept.last
    first, _, last = person.name.partition(" ")
    return first, last.strip()
