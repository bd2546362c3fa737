"""Who somebody is, in another provider's words: what checks their tokens is handed in, for none ships with us."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from inspect import iscoroutinefunction
from typing import Protocol, cast

from callboard.errors import Invalid, Mistake

NAMED = re.compile(r"(?P<provider>[a-z0-9_-]{1,40})=(?P<module>[A-Za-z_][\w.]*):(?P<check>[A-Za-z_]\w*)")


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


def load(named: Iterable[str]) -> dict[str, IdentityCheck]:
    """The checks that the setting `identities` names, by provider: `google=package.module:check` is the coroutine
    function `check`, or an object that can be called as one. Raises Invalid with every mistake."""
    checks: dict[str, IdentityCheck] = {}
    mistakes = []
    for index, text in enumerate(named):
        try:
            provider, check = _load(text)
            if provider in checks:
                raise ValueError(f"{provider} is named twice")
            checks[provider] = check
        except ValueError as error:
            mistakes.append(Mistake(f"identities.{index}", str(error)))
    if mistakes:
        raise Invalid(mistakes)
    return checks


def _load(text: str) -> tuple[str, IdentityCheck]:
    """Raises ValueError, which says why it cannot be."""
    named = NAMED.fullmatch(text)
    if named is None:
        raise ValueError(f"{text!r} is not of the form google=package.module:check")
    try:
        module = import_module(named["module"])
    except Exception as error:  # whatever a module of somebody else's does when it is read
        raise ValueError(f"{named['module']} cannot be imported: {type(error).__name__}: {error}") from None
    check = getattr(module, named["check"], None)
    if not (iscoroutinefunction(check) or iscoroutinefunction(getattr(check, "__call__", None))):  # noqa: B004
        raise ValueError(f"{named['module']} has no coroutine function {named['check']}")
    return named["provider"], cast(IdentityCheck, check)
