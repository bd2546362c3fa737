"""What is taken and answered, by the vendor's field names: these types read the bodies and describe them."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

Text = Annotated[str, Meta(max_length=400)]
Word = Annotated[str, Meta(min_length=1, max_length=64)]
People = Annotated[int, Meta(ge=1, le=1000)]
Moment = Annotated[
    str,
    Meta(
        max_length=40,
        pattern=(
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
            r"(Z|[+-][0-9]{2}:[0-9]{2})?$(?!\n)"
        ),
        description="ISO 8601; without an offset it is the local time of the queue's location",
        extra={"words": "a moment such as 2026-11-30T14:30:00.000Z"},
    ),
]
CustomData = dict[str, Any]
RegistrationData = dict[str, Any] | list[Any]


class NotificationSettings(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`to` is a phone number, `recipient` an e-mail address whatever the type is."""

    from_: Text | None = field(default=None, name="from")
    to: Text | None = None
    recipient: Text | None = None
    pass_type_identifier: Text | None = None
    devices: list[Any] | None = None


class Notification(Struct, frozen=True, kw_only=True, omit_defaults=True):
    type: Word
    settings: NotificationSettings = NotificationSettings()


class Tag(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    id: Word
    title: dict[str, Text]
    icon_url: Text | None = None
    color: Text | None = None


class VirtualAppointment(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """When it is not enabled nothing else is said."""

    is_enabled: bool
    event_id: Text | None = None
    url: Annotated[str, Meta(max_length=2000)] | None = None
    manager_id: Text | None = None
    manager_email: Text | None = None


class Appointment(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    display_name: Text | None = None
    event_id: Text | None = None
    manager_email: Text | None = None
    manager_id: Text | None = None


class BookingIn(Struct, frozen=True, kw_only=True, rename="camel"):
    """The table of the source has virtualAppointment as a boolean with isEnabled beside it, its sample as an object."""

    start: Moment
    end: Moment
    virtual_appointment: bool | VirtualAppointment | None = None
    is_enabled: bool | None = None
    appointment: Appointment | None = None


class Said(Struct, frozen=True, kw_only=True, rename="camel"):
    """What may be said of the person behind any position. What is left out, or null, stays as it is."""

    locale: Annotated[str, Meta(min_length=1, max_length=35)] | None = None
    notification: Notification | None = None
    customer_info: Annotated[list[Text], Meta(max_length=50)] | None = None
    tags: Annotated[list[Tag], Meta(max_length=50)] | None = None
    number_of_people: People | None = None
    custom_data: CustomData | None = None
    registration_data: RegistrationData | None = None


class Joining(Said, frozen=True, kw_only=True):
    id: Annotated[str, Meta(max_length=64)] | None = None  # of a position that is changed instead


class Join(Struct, frozen=True, kw_only=True):
    session: Annotated[str, Meta(max_length=200)]
    position: Joining | None = None


class Change(Said, frozen=True, kw_only=True):
    booking: BookingIn | None = None


class Book(Said, frozen=True, kw_only=True):
    booking: BookingIn


class Reserve(Said, frozen=True, kw_only=True):
    locale: Annotated[str, Meta(min_length=1, max_length=35)]
    notification: Notification
    booking: BookingIn


class SlotsAsked(Struct, frozen=True, kw_only=True):
    from_: Moment | None = field(default=None, name="from")
    to: Moment | None = None


class Slot(Struct, frozen=True):
    start: str
    end: str
    available: bool


class Place(Struct, frozen=True, kw_only=True, rename="camel"):
    location_name: str
    organization_title: str


class Booking(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    start: str
    end: str
    virtual_appointment: VirtualAppointment | None = None
    appointment: Appointment | None = None


class Station(Struct, frozen=True):
    id: str
    label: str


class ServedBy(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """`{}` when it is nobody."""

    id: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""


class Feedback(Struct, frozen=True):
    rating: int
    comment: str


class Position(Struct, frozen=True, kw_only=True, rename="camel"):
    """A ticket. What does not apply is left out, but for what the samples show as null."""

    id: str
    location: Place | None
    type: str
    priority: int
    locale: str
    status: str
    label: str
    queue: str
    created_at: str
    qr_code: str = field(name="QRCodeCheckInPositionId")
    registration_data: RegistrationData | UnsetType = UNSET
    notification: Notification | UnsetType = UNSET
    customer_info: list[str] | UnsetType = UNSET
    tags: list[Tag] | UnsetType = UNSET
    number_of_people: int | UnsetType = UNSET
    booking: Booking | UnsetType = UNSET
    custom_data: CustomData | UnsetType = UNSET
    station: Station | UnsetType | None = UNSET
    served_by: ServedBy | UnsetType = UNSET
    served_by_id: str | UnsetType = UNSET
    fulfilled_by: str | UnsetType = UNSET
    called_at: str | UnsetType = UNSET
    fulfilled_at: str | UnsetType = UNSET
    completed_at: str | UnsetType = UNSET
    rejected_at: str | UnsetType = UNSET
    activated_at: str | UnsetType = UNSET
    booking_reminder_at: str | UnsetType | None = UNSET
    leave_reminder_at: str | UnsetType | None = UNSET
    leave_at: str | UnsetType | None = UNSET
    retry_count: int | UnsetType = UNSET
    number_in_the_queue: int | UnsetType = UNSET
    feedback: Feedback | UnsetType = UNSET


class Joined(Struct, frozen=True, kw_only=True, rename="camel"):
    position_url: str
    position: Position


class Data(Struct, frozen=True):
    position: Position


class Envelope(Struct, frozen=True, kw_only=True):
    """What a webhook receives. Two types have no message at all."""

    message: str | UnsetType | None
    data: Data
    type: str
    organization: str


class Problem(Struct, frozen=True, kw_only=True, rename="camel"):
    status_code: int
    message: str
