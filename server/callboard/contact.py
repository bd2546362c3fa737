"""How a person can be reached, as somebody typed it: a phone number becomes E.164, an e-mail address is checked, and
only so much of either is shown as its owner needs."""

import re
from collections.abc import Collection

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    is_valid_number,
    region_code_for_country_code,
    region_code_for_number,
)
from phonenumbers import number_type as type_of
from phonenumbers import parse as parse_number

from callboard.domain.model import Location
from callboard.errors import Mistake

# Numbers that cost the sender more than a text, or that nobody reads texts at: a door for fraud.
NO_TEXTS = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def contact_mistakes(phone: object, email: object, location: Location) -> list[Mistake]:
    """What is wrong with them, by the fields `phone` and `email`. What is no text is not looked at."""
    mistakes = []
    if isinstance(phone, str):
        number = e164(phone, location.country)
        if number is None:
            mistakes.append(Mistake("phone", "must be a phone number that takes texts, such as +46 70 174 06 05"))
        elif number and not is_texted(number, texted_countries(location)):
            countries = ", ".join(texted_countries(location))
            mistakes.append(Mistake("phone", f"must be a number of {countries}: others are not texted from here"))
    return mistakes + mail_mistakes(email, "email")


def mail_mistakes(email: object, where: str) -> list[Mistake]:
    if isinstance(email, str) and mail_address(email) is None:
        return [Mistake(where, "must be an e-mail address such as me@example.org")]
    return []


def texted_countries(location: Location) -> Collection[str]:
    return location.texting.countries or (location.country,)


def is_texted(number: str, countries: Collection[str]) -> bool:
    """Whether a number in international form is one of these countries. One in a range that our table does not know
    yet counts for the largest of those that share its code."""
    parsed = parse_number(number)
    region = region_code_for_number(parsed) or region_code_for_country_code(parsed.country_code or 0)
    return region in countries


def e164(text: str, country: str) -> str | None:
    """The number in international form, such as +46701740605; None when there is none such or it takes no texts.

    Without + it is one of `country`. An empty text stays empty.
    """
    if not text.strip():
        return ""
    try:
        number = parse_number(text, country)
    except NumberParseException:
        return None
    if not _may_exist(number) or type_of(number) in NO_TEXTS:
        return None
    return format_number(number, PhoneNumberFormat.E164)


def _may_exist(number: PhoneNumber) -> bool:
    """In a range that was in use when our table was made, or as long as numbers of its country are: new ranges come
    into use, and nobody should be refused for that."""
    is_as_long = is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return is_valid_number(number) or (is_as_long and not number.italian_leading_zero)


def mail_address(text: str) -> str | None:
    """The address with its domain in ASCII; None when mail cannot be sent there. An empty text stays empty."""
    local, _, domain = text.strip().rpartition("@")
    if not text.strip():
        return ""
    try:
        host = domain.encode("idna").decode()
    except UnicodeError:
        return None
    labels = host.split(".")
    fits = len(local) <= 64 and len(local) + len(host) < 254 and len(labels) > 1
    if not fits or not _LOCAL.fullmatch(local) or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        return None
    return f"{local}@{host}"


def masked(address: str) -> str:
    """Enough to recognise one's own: "+46•••67", "a•••@example.org"."""
    if "@" in address:
        local, _, domain = address.rpartition("@")
        return f"{local[:1]}•••@{domain}"
    return f"{address[:3]}•••{address[-2:]}" if address else ""
