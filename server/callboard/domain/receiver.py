"""How an address outside is told what happens: where, in which shape, and by which proof it knows us."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

Grant = Literal["refresh_token", "client_credentials"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Basic(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name and a password that every request carries."""

    username: str
    password: str = ""


class OAuth2(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where an access token is had, and for what. A refresh token that the other side replaces is kept elsewhere."""

    token_address: Annotated[str, Meta(min_length=1, max_length=2000)]
    client_id: str
    client_secret: str = ""
    grant: Grant = "refresh_token"
    refresh_token: str = ""
    scope: str = ""


class Receiver(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a queue's `watches` in the site file say, and what every subscription has."""

    shape: Annotated[str, Meta(min_length=1, max_length=40)]  # whose words and fields it reads
    address: Annotated[str, Meta(min_length=1, max_length=2000)]
    method: Method = "POST"
    headers: Mapping[str, str] = {}
    basic: Basic | None = None
    oauth2: OAuth2 | None = None
    signing_keys: tuple[str, ...] = ()  # ids of the organization's signing keys; a signature by each
    options: str = ""  # what the shape wants kept about it; nobody else reads it
