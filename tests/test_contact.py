"""How people type phone numbers and e-mail addresses, and what is kept."""

import pytest
from msgspec.structs import replace

from callboard.contact import contact_mistakes, e164, mail_address
from callboard.domain.model import Location, Queue
from callboard.domain.spending import Texting

HALL = Location(id="hall", name="Hall", country="SE", queues=(Queue(id="general", tag="A", name="General"),))


@pytest.mark.parametrize(
    ("text", "country", "kept"),
    [
        ("070-174 06 05", "SE", "+46701740605"),
        ("+46701740605", "GB", "+46701740605"),
        ("0046 70 174 06 05", "SE", "+46701740605"),
        ("(070) 174.06.05", "SE", "+46701740605"),
        ("٠٧٠١٧٤٠٦٠٥", "SE", "+46701740605"),
        ("07400 123456", "GB", "+447400123456"),
        ("07700 900123", "GB", "+447700900123"),  # of no range that is in use
        ("415 555 2671", "US", "+14155552671"),
        ("", "SE", ""),
        ("  ", "SE", ""),
    ],
)
def test_a_number_is_kept_in_international_form(text: str, country: str, kept: str) -> None:
    assert e164(text, country) == kept


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "112",
        "abc",
        "+",
        "070",
        "0701740605" * 3,
        "9" * 300,
        "+999 123 456 789",
        "000 0000",
        "0900 123 456",
        "020 12 34 56",
    ],
)
def test_what_is_no_number_or_takes_no_texts(text: str) -> None:
    assert e164(text, "SE") is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("eva@example.org", "eva@example.org"),
        (" eva@example.org ", "eva@example.org"),
        ("eva.o'hara+tag@mail.example.co.uk", "eva.o'hara+tag@mail.example.co.uk"),
        ("eva@exämple.org", "eva@xn--exmple-cua.org"),
        ("", ""),
    ],
)
def test_an_address_is_kept(text: str, kept: str) -> None:
    assert mail_address(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "eva", "eva@", "@example.org", "eva@example", "eva@@example.org", "eva@example..org", "eva@example.org.",
        ".eva@example.org", "eva.@example.org", "e va@example.org", "eva@exa mple.org", "eva@-example.org",
        "eva@127.0.0.1", "eva@example.org\r\nBcc: all@example.org", "<eva@example.org>", f"{'e' * 65}@example.org",
        f"eva@{'e' * 64}.org", "eva@" + "example." * 31 + "org", "évä@example.org", "eva@example.org,bob@example.org",
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    assert mail_address(text) is None


def test_both_are_named_at_once() -> None:
    assert [mistake.where for mistake in contact_mistakes("1", "x", HALL)] == ["phone", "email"]
    assert contact_mistakes("", None, HALL) == []


@pytest.mark.parametrize(
    ("number", "countries", "is_texted"),
    [
        ("+46701740605", (), True),
        ("+4740123456", (), False),
        ("+4740123456", ("SE", "NO"), True),
        ("+18765551234", ("US",), False),  # shares its code with the US and is another country's
        ("+14155552671", ("US",), True),
        ("+447700900123", ("GB",), True),  # of no range that our table knows
    ],
)
def test_numbers_of_other_countries_are_not_texted(number: str, countries: tuple[str, ...], is_texted: bool) -> None:
    mistakes = contact_mistakes(number, None, replace(HALL, texting=Texting(countries=countries)))
    assert [mistake.where for mistake in mistakes] == ([] if is_texted else ["phone"])
