"""What requests say. Every field may be left out or null, as the samples have it; what is missing is told by name."""

from typing import Annotated

from msgspec import Meta, Struct

Words = Annotated[str, Meta(max_length=320)] | None
Long = Annotated[str, Meta(max_length=4096)] | None


class Register(Struct, frozen=True, kw_only=True):
    oauth_provider: Words = None
    oauth_token: Long = None
    username: Words = None
    password: Words = None
    email: Words = None
    phone: Words = None
    pushnotification: Long = None
    first_name: Words = None
    last_name: Words = None


class Attributes(Struct, frozen=True, kw_only=True):
    """`customer_attribute` of login. The document's sample has `name`, which no other call has: the shown name; of the
    others every name under which the customer's fields come or go."""

    name: Words = None
    first_name: Words = None
    last_name: Words = None
    email: Words = None
    phone: Words = None
    address: Words = None
    pushnotification: Long = None
    push_notification_key: Long = None
    preferred_language: Words = None
    ticket_warning: Annotated[int, Meta(ge=0, le=1000)] | None = None


class Login(Struct, frozen=True, kw_only=True):
    oauth_provider: Words = None
    oauth_token: Long = None
    username: Words = None
    password: Words = None
    customer_attribute: Attributes | None = None


class NewPassword(Struct, frozen=True, kw_only=True):
    """`token` is that of the mail. Which accounts `vt` tells apart is not said; here all are of one kind."""

    vt: bool | None = None
    password: Words = None
    repeat_password: Words = None
    token: Words = None


class Own(Struct, frozen=True, kw_only=True):
    """Of a request that says nothing but who asks."""

    vt_token: str | None = None


class Wish(Struct, frozen=True, kw_only=True):
    """One ticket of a create. `coordinates` is where the customer is; the document has no place for it."""

    master_id: Words = None
    service_id: Words = None
    coordinates: Words = None


class Create(Struct, frozen=True, kw_only=True):
    tickets: Annotated[tuple[Wish, ...], Meta(max_length=100)] = ()
    coordinates: Words = None
    vt_token: str | None = None


class Cancel(Struct, frozen=True, kw_only=True):
    ticket: Words = None
    vt_token: str | None = None


class State(Struct, frozen=True, kw_only=True):
    """Of initialstate. Both may also stand in the query."""

    location_id: Words = None
    quantity_by_service: Annotated[int, Meta(ge=0, le=100)] | None = None
