"""How an answer says that it is one, or why it is not."""

from typing import Literal

from msgspec import Struct


class Status(Struct, frozen=True):
    """Two answers say it in a text of its own, all others with a boolean beside the rest."""

    success: Literal["true"] = "true"


class Success(Struct, frozen=True):
    success: Literal[True] = True


class Failure(Struct, frozen=True):
    """Every error, with what a person can read."""

    success: Literal[False]
    errno: int
    message: str
