"""What requests ask for in their addresses. `organization` and `vt_token` may come with every one of them."""

from typing import Annotated

from msgspec import Meta, Struct

Words = Annotated[str, Meta(max_length=320)]


class Anything(Struct, frozen=True, kw_only=True):
    """Of a request that asks for nothing in particular."""

    organization: str = ""
    vt_token: str = ""


class ByEmail(Anything, frozen=True, kw_only=True):
    email: Words = ""


class Where(Anything, frozen=True, kw_only=True):
    """`coordinates` is `lat,lon`."""

    region: Words = ""
    city: Words = ""
    coordinates: Words = ""


class Which(Anything, frozen=True, kw_only=True):
    server_service_id: Words = ""
    location_id: Words = ""


class LastCalled(Anything, frozen=True, kw_only=True):
    format: Words = ""
    location: Words = ""
    number: Annotated[int, Meta(ge=1, le=100)] = 10


class ForState(Anything, frozen=True, kw_only=True):
    format: Words = ""
    location_id: Words = ""
    quantity_by_service: Annotated[int, Meta(ge=0, le=100)] | None = None
