"""What is answered about a customer, field by field in the order and with the types of the document's samples."""

from typing import Literal

from msgspec import Struct

from callboard.facades.bloom.models.envelope import Status


class Opened(Struct, frozen=True):
    """Of register, login and newpassword."""

    success: Literal[True]
    vt_token: str


class User(Struct, frozen=True, kw_only=True):
    """`reset_token` and `oauth_token` are never told: whoever may read them may do more than the reader should."""

    id: str
    username: str
    first_name: str
    last_name: str
    display_name: str
    phone: str | None
    email: str | None
    vt_token: str
    oauth_provider: str | None
    oauth_token: None = None
    push_notification_key: str | None
    address: str | None
    created_at: str
    updated_at: str
    app_count: int
    reset_token: None = None
    reset_token_date: None = None
    ticket_warning: int
    preferred_language: str | None


class Details(Struct, frozen=True):
    status: Status
    user: User
