"""Who somebody is, in another provider's words: what checks their tokens is handed in, for none ships with us."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Identity:
    """`subject` is the provider's own name for the person, never given to another; the rest is as far as it tells."""

    subject: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""


class Unreachable(Exception):
    """The provider cannot say just now."""


class IdentityCheck(Protocol):
    """One provider. It must make sure that the token was issued for this very installation: one that was issued for
    another would let that one's operator in as anybody."""

    async def __call__(self, token: str) -> Identity | None:
        """Whose token that is; None when it is none, or over. Raises Unreachable."""
