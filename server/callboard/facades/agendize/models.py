"""What goes over the wire, as the vendor names it: registrations, clients, forms, watches. UNSET is left out."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

Text = str | UnsetType | None
Flag = bool | UnsetType | None
Size = int | float | UnsetType | None
Ref = str | int | UnsetType | None  # ids are text; older clients send them as the numbers that they look like
Short = Annotated[str, Meta(max_length=127)] | UnsetType | None


class Shape(Struct, frozen=True, kw_only=True, rename="camel"):
    """Unknown fields are passed over, as a client may send back what it has read."""


class Moment(Shape, frozen=True, kw_only=True):
    """A local time without offset, and the zone that it is of."""

    date_time: str
    time_zone: str


class Value(Shape, frozen=True, kw_only=True):
    """One value of a field, of which only a category of a select has more below it."""

    id: Text = UNSET
    name: Text = UNSET
    value: Text = UNSET
    values: "list[Value] | UnsetType | None" = UNSET


class ValueFormat(Shape, frozen=True, kw_only=True):
    max_length: Size = UNSET
    min_length: Size = UNSET
    regex_type: Text = UNSET
    regex_value: Text = UNSET
    value_format: Text = UNSET


class FormItem(Shape, frozen=True, kw_only=True):
    """A field of a filled form. Words whose lists are not published are taken as they come."""

    id: Annotated[str, Meta(min_length=1)]
    type: Text = UNSET
    title: Text = UNSET
    bind: Text = UNSET
    bind_group: Text = UNSET
    external_id: Text = UNSET
    help: Text = UNSET
    placeholder: Text = UNSET
    mandatory: Flag = UNSET
    visible: Flag = UNSET
    other_value: Flag = UNSET
    category: Flag = UNSET
    multiple: Flag = UNSET
    file_name: Text = UNSET
    value: Text = UNSET
    values: list[Value] | UnsetType | None = UNSET
    value_format: ValueFormat | UnsetType | None = UNSET
    zoned_date_time: Moment | UnsetType | None = UNSET  # ours to say; passed over when sent
    sub_item: "list[FormItem] | UnsetType | None" = UNSET


class QueueName(Shape, frozen=True, kw_only=True):
    id: str
    name: str


class QueueResource(QueueName, frozen=True, kw_only=True):
    """Of a queue itself, as far as its older clients ask for it."""

    author: str


class Queues(Shape, frozen=True, kw_only=True):
    items: list[QueueResource]


class Client(Shape, frozen=True, kw_only=True):
    """Without a person, when they were erased, nothing is left of it."""

    id: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    email_address: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    self_link: str | UnsetType = UNSET


class Owner(Shape, frozen=True, kw_only=True):
    id: str
    user_name: str


class Registration(Shape, frozen=True, kw_only=True):
    """Of version 2.3. `waiting_time`, `rank` and `number_of_people_ahead` are there while it is registered."""

    id: str
    queue: QueueName
    status: str
    registered: Moment
    client: Client
    waiting_time: int | UnsetType = UNSET
    average_waiting_time: int
    owner: Owner
    rank: int | UnsetType = UNSET
    number_of_people_ahead: int | UnsetType = UNSET
    form: list[FormItem]
    started: Moment | UnsetType = UNSET
    finished: Moment | UnsetType = UNSET


class OldRegistration(Shape, frozen=True, kw_only=True):
    """Of version 2.0."""

    id: str
    author: str
    queue: QueueName
    registered: Moment
    client: Client
    status: str


class Registrations(Shape, frozen=True, kw_only=True):
    items: list[Registration]


class OldRegistrations(Shape, frozen=True, kw_only=True):
    items: list[OldRegistration]


class SentQueue(Shape, frozen=True, kw_only=True):
    id: Ref = UNSET


class SentClient(Shape, frozen=True, kw_only=True):
    id: Ref = UNSET
    first_name: Short = UNSET
    last_name: Short = UNSET
    email_address: Short = UNSET
    phone_number: Short = UNSET


class SentRegistration(Shape, frozen=True, kw_only=True):
    """What may be written; everything else of a registration that is sent is passed over."""

    id: Ref = UNSET
    queue: SentQueue | UnsetType | None = UNSET
    status: Text = UNSET
    client: SentClient | UnsetType | None = UNSET
    form: list[FormItem] | UnsetType | None = UNSET


class Filter(Struct, frozen=True, kw_only=True):
    status: str | None = None  # a comma list
