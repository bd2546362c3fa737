"""What a location spends on texts."""

from typing import Annotated

from msgspec import Meta, Struct

from callboard.domain.typed import Country


class Texting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a location spends on texts: who pumps numbers into a waiting room does it for money. Nobody who was texted
    in the last day is cut off by `per_prefix` before their turn."""

    countries: tuple[Country, ...] = ()  # whose numbers are texted; empty: the location's own
    per_number: Annotated[int, Meta(ge=1, le=1000)] = 30  # texts to one number in a day
    per_prefix: Annotated[int, Meta(ge=1, le=10_000)] = 20  # new people in an hour whose last four digits alone differ
    per_day: Annotated[int, Meta(ge=1, le=1_000_000)] = 3000  # texts in a day
