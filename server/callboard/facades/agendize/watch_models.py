"""Watches as they go over the wire: what is sent to make one, and what is answered, without the secrets in it."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from callboard.facades.agendize.models import Flag, Shape, Text

Loose = bool | Literal["true", "false"] | UnsetType | None  # the vendor's own sample has it as text
Event = Literal["created", "updated", "deleted", "merged"]


class BasicAuth(Shape, frozen=True, kw_only=True):
    username: Text = UNSET
    password: Text = UNSET


class OAuth2Auth(Shape, frozen=True, kw_only=True):
    grant_type: Literal["refresh_token", "client_credentials"] | UnsetType | None = UNSET
    client_id: Text = UNSET
    client_secret: Text = UNSET
    refresh_token: Text = UNSET
    auth_url: Text = UNSET
    access_token_url: Text = UNSET
    redirect_uri: Text = UNSET
    scope: Text = UNSET


class Signature(Shape, frozen=True, kw_only=True):
    """The ids are under either name."""

    enabled: Flag = UNSET
    crypto_key_ids: list[str] | UnsetType | None = UNSET
    keys: list[str] | UnsetType | None = UNSET


class ObjectOwner(Shape, frozen=True, kw_only=True):
    type: str
    id: str


class SentWatch(Shape, frozen=True, kw_only=True):
    address: Annotated[str, Meta(min_length=1, max_length=2000)]
    name: Annotated[str, Meta(max_length=200)] | UnsetType | None = UNSET
    basic_auth: BasicAuth | UnsetType | None = UNSET
    http_request_header: dict[str, str] | UnsetType | None = UNSET
    schema: dict[str, Any] | str | UnsetType | None = UNSET
    add_previous_data: Loose = UNSET
    level_details: Literal["full", "extraFull"] | UnsetType | None = UNSET
    method: Text = UNSET
    status: Literal["enabled", "disabled"] | UnsetType | None = UNSET
    events: list[Event] | UnsetType | None = UNSET
    oauth2_auth: OAuth2Auth | UnsetType | None = UNSET
    signature: Signature | UnsetType | None = UNSET


class Watcher(Shape, frozen=True, kw_only=True):
    """What was not said when it was made is left out, but for what has a default."""

    id: str
    address: str
    name: Text = UNSET
    object_owner: ObjectOwner
    basic_auth: BasicAuth | UnsetType = UNSET
    http_request_header: dict[str, str]
    schema: dict[str, Any] | str | UnsetType = UNSET
    add_previous_data: bool
    level_details: str
    method: str
    status: str
    events: list[Event] | UnsetType = UNSET
    oauth2_auth: OAuth2Auth | UnsetType = UNSET
    signature: Signature | UnsetType = UNSET


class Watchers(Shape, frozen=True, kw_only=True):
    items: list[Watcher]


class OfType(Shape, frozen=True, kw_only=True):
    object_type: str | None = None
