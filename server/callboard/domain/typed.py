"""What the fields of a site file and of a body may hold, and the words in which a person is told so."""

from typing import Annotated

from msgspec import Meta


def _text(pattern: str, words: str) -> Meta:
    """A whole text's pattern, and what a person is told instead: "must be ...". `$` alone lets a line break pass."""
    return Meta(pattern=rf"^{pattern}$(?!\n)", extra={"words": words})


Id = Annotated[str, _text(r"[a-z0-9][a-z0-9-]{0,39}", "lower-case letters, digits and hyphens, at most 40")]
Tag = Annotated[str, _text(r"[A-Z]{1,2}", "one or two capital letters")]
Locale = Annotated[str, _text(r"[a-z]{2}", "a language code such as en")]
Country = Annotated[str, _text(r"[A-Z]{2}", "a country code such as GB")]
Colour = Annotated[str, _text(r"#[0-9a-fA-F]{6}", "a colour such as #1f5f8b")]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Text = Name | dict[Locale, Name]
Minutes = Annotated[float, Meta(ge=0, le=10080)]
Hours = Annotated[
    str,
    _text(
        r"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)",
        "a time range such as 09:00-17:00, up to 24:00",
    ),
]
AnyHours = Annotated[
    str,
    _text(
        r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]",
        "a time range such as 21:00-07:00",
    ),
]
Uuid = Annotated[str, _text(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "a lower-case UUID")]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Words = Annotated[str, Meta(max_length=200)]
TimeOfDay = Annotated[str, _text(r"([01][0-9]|2[0-3]):[0-5][0-9]", "a time such as 04:00")]
