"""Filled forms: read and checked when they are sent, kept beside the person, shown with links and local times."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import UNSET
from msgspec.structs import asdict, replace

from callboard.errors import Invalid, Mistake
from callboard.facades.agendize.files import UNNAMED, File, read_file
from callboard.facades.agendize.models import FormItem, Moment, Value
from callboard.facades.agendize.rules import item_mistakes
from callboard.facades.agendize.translation import zoned

MOST_ITEMS = 200
MOST_VALUES = 500
MOST_PATTERNS = 30
DEEPEST = 3  # a form, the parts of an address or a name, and one more
DATES = frozenset({"date", "datetime", "dateTime"})

# What a field says about its client.
BOUND = {
    "crm-first-name": "first_name",  # F21
    "crm-last-name": "last_name",  # F21
    "crm-email": "email_address",  # F21
    "crm-phone": "phone_number",  # F21
}


@dataclass
class _Reading:
    """One form while it is read. `number_of` tells the number of a file of ours from its link."""

    files: dict[str, File]
    next: int
    number_of: Callable[[str], str | None]
    kept: dict[str, File] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    items: int = 0
    values: int = 0
    patterns: int = 0

    def read(self, sent: Sequence[FormItem], where: str, depth: int = 1) -> list[FormItem]:
        self.items += len(sent)
        if depth > DEEPEST or self.items > MOST_ITEMS:
            raise Invalid([Mistake(where, f"must be at most {MOST_ITEMS} fields, and {DEEPEST} deep")])
        return [self._item(item, f"{where}.{index}", depth) for index, item in enumerate(sent)]

    def _item(self, item: FormItem, where: str, depth: int) -> FormItem:
        self._count_pattern(item, where)
        self.mistakes += item_mistakes(item, where)
        self._count(item.values or (), where)
        if item.type == "file" and item.value:
            item = self._file(item, item.value, where)
        parts = self.read(item.sub_item, f"{where}.subItem", depth + 1) if item.sub_item else UNSET
        return _without_null(replace(item, zoned_date_time=UNSET, sub_item=parts))

    def _count(self, values: Sequence[Value], where: str, depth: int = 1) -> None:
        self.values += len(values)
        if (values and depth > 2) or self.values > MOST_VALUES:
            raise Invalid([Mistake(f"{where}.values", f"must be at most {MOST_VALUES}, and two deep")])
        for value in values:
            self._count(value.values or (), where, depth + 1)

    def _count_pattern(self, item: FormItem, where: str) -> None:
        self.patterns += bool(item.value and item.value_format and item.value_format.regex_value)
        if self.patterns > MOST_PATTERNS:
            raise Invalid([Mistake(f"{where}.valueFormat.regexValue", f"more than {MOST_PATTERNS} fields have one")])

    def _file(self, item: FormItem, value: str, where: str) -> FormItem:
        number = self.number_of(value)
        file = self.files.get(number or "")
        if number is None or file is None:
            file = read_file(value, item.file_name or None)
            number, self.next = str(self.next), self.next + 1
        if file is None:
            self.mistakes.append(Mistake(f"{where}.value", "must be a data URI, or the link that it was answered with"))
            return item
        self.kept[number] = file
        return replace(item, value=number, file_name=item.file_name or file.name or UNNAMED)


@dataclass(frozen=True, slots=True)
class Form:
    """As it is kept: the value of a file is its number. `next` is the number that no file had yet."""

    items: list[FormItem] = field(default_factory=list)
    files: Mapping[str, File] = field(default_factory=dict)
    next: int = 1


def read_form(
    sent: Sequence[FormItem],
    before: Form | None = None,
    shown: Sequence[FormItem] = (),
    number_of: Callable[[str], str | None] = lambda value: None,
) -> Form:
    """The form that is sent in place of one before, which was `shown`. A field that was there keeps what is not said.

    Raises Invalid with everything that breaks the fields' rules. Patterns may take a while: it is for a thread.
    """
    before = before or Form()
    reading = _Reading(dict(before.files), before.next, number_of)
    known = {item.id: item for item in shown}
    items = reading.read([_merged(known.get(item.id), item) for item in sent], "form")
    if reading.mistakes:
        raise Invalid(reading.mistakes)
    return Form(items, reading.kept, reading.next)


def show_form(form: Form, time_zone: str, link: Callable[[str], str]) -> list[FormItem]:
    """As it is answered: files by their links, and dates as local times besides."""
    return [_shown(item, form, time_zone, link) for item in form.items]


def bound(items: Sequence[FormItem]) -> dict[str, str]:
    """What the filled fields say about the client, by the client's fields; the first that says it."""
    said: dict[str, str] = {}
    for item in _all(items):
        name = BOUND.get(item.bind or "")
        if name and item.value:
            said.setdefault(name, item.value)
    return said


def _shown(item: FormItem, form: Form, time_zone: str, link: Callable[[str], str]) -> FormItem:
    parts = [_shown(part, form, time_zone, link) for part in item.sub_item] if item.sub_item else UNSET
    value = item.value
    if item.type == "file" and value:
        value = link(value) if value in form.files else UNSET
    return replace(item, value=value, sub_item=parts, zoned_date_time=_local(item, time_zone) or UNSET)


def _local(item: FormItem, time_zone: str) -> Moment | None:
    return zoned(item.value, time_zone) if item.type in DATES and item.value else None


def _merged(before: FormItem | None, sent: FormItem) -> FormItem:
    """Null is as if it were not said."""
    if before is None:
        return sent
    said = {name: value for name, value in asdict(sent).items() if value is not None and value is not UNSET}
    return replace(before, **said)


def _without_null(item: FormItem) -> FormItem:
    return replace(item, **{name: UNSET for name, value in asdict(item).items() if value is None})


def _all(items: Sequence[FormItem]) -> Iterator[FormItem]:
    for item in items:
        yield item
        yield from _all(item.sub_item or ())
