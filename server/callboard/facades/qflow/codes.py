"""The table of codes: the one that ships, and what the operator's own file says instead."""

import logging
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from callboard.decode import convert, read_toml
from callboard.domain.model import CloseReason, State
from callboard.errors import Invalid, Mistake

SHIPPED = Path(__file__).with_name("codes.toml")
OWN = "facades/qflow/codes.toml"  # below the data directory

Code = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Words = Annotated[str, Meta(min_length=1, max_length=150)]

log = logging.getLogger(__name__)


class Shown(Struct, frozen=True, forbid_unknown_fields=True):
    """What one state is shown as; `resolution` is null while a case is open."""

    case_status: Code
    process_status: Code
    entity_status: Code
    resolution: Code | None = None


class Forced(Struct, frozen=True, forbid_unknown_fields=True):
    """What a Status of Cases/Cancel asks for; no state leaves the ticket as it is."""

    state: State | None = None
    reason: CloseReason | None = None


class UnitTypes(Struct, frozen=True, forbid_unknown_fields=True):
    organization: Code
    location: Code


class Figures(Struct, frozen=True, forbid_unknown_fields=True):
    days_to_search: Annotated[int, Meta(ge=1, le=366)]
    reception_point: Code


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    time_zone: str


class Access(Struct, frozen=True, forbid_unknown_fields=True):
    without_key: str


class Codes(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table. Keys of TOML are texts, so codes that are keys are texts here."""

    case_status: Mapping[str, Words]
    process_status: Mapping[str, Words]
    entity_status: Mapping[str, Words]
    resolution: Mapping[str, Words]
    action: Mapping[str, Words]
    shown: Mapping[str, Shown]
    action_of: Mapping[str, Code]
    forced: Mapping[str, Forced]
    error_number: Mapping[str, Code]
    unit_type: UnitTypes
    appointment_type: Annotated[Mapping[str, Words], Meta(min_length=1)]
    figures: Figures
    server: Server
    access: Access


def read(own: Path | None = None) -> Codes:
    """The table with what the operator's file changes. Raises Invalid, naming keys."""
    table = read_toml(SHIPPED.read_bytes())
    if own is not None:
        _put_over(table, read_toml(own.read_bytes()))
    codes = convert(table, Codes)
    if mistakes := _mistakes(codes):
        raise Invalid(mistakes)
    return codes


def of(data_dir: str) -> Codes:
    """The table as it is now: the operator's file may change while we run. A file with a mistake is not used, and the
    log says once what is wrong in it."""
    own = os.path.join(data_dir, OWN)
    try:
        now = os.stat(own)
    except OSError:
        return _known("", 0, 0)
    return _known(own, now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=8)
def _known(own: str, changed_ns: int, size: int) -> Codes:
    """Read again only when the file has changed."""
    try:
        return read(Path(own) if own else None)
    except Invalid as error:
        said = "; ".join(f"{mistake.where}: {mistake.what}" for mistake in error.mistakes)
        log.error("not used file=%s mistakes=%s", own, said)
    except OSError as error:
        log.error("not used file=%s mistakes=%s", own, error.strerror)
    return read()


def _put_over(table: dict[str, Any], own: Mapping[str, Any]) -> None:
    """A line replaces the line of the same name; whole tables only meet in their lines."""
    for name, lines in own.items():
        if isinstance(lines, dict) and isinstance(table.get(name), dict):
            table[name] |= lines
        else:
            table[name] = lines


def _mistakes(codes: Codes) -> list[Mistake]:
    """What the types cannot tell: a code without words, a word without a line, a zone that is none."""
    mistakes = [
        Mistake(f"shown.{name}.{of}", f"{code} has no words in {of}")
        for name, shown in codes.shown.items()
        for of in Shown.__struct_fields__
        if (code := getattr(shown, of)) is not None and str(code) not in getattr(codes, of)
    ]
    mistakes += [
        Mistake(f"action_of.{name}", f"{code} has no words in action")
        for name, code in codes.action_of.items()
        if str(code) not in codes.action
    ]
    mistakes += [Mistake(f"shown.{name}", "is missing") for name in sorted({*State} - {*codes.shown})]
    try:
        ZoneInfo(codes.server.time_zone or "UTC")
    except (OSError, LookupError, ValueError):
        mistakes.append(Mistake("server.time_zone", "is no time zone"))
    return mistakes
