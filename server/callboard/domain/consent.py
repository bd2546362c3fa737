"""What somebody agreed to when a number or an address was given; or through whom it came, where nobody says."""

import hashlib
from collections.abc import Mapping

from msgspec import Struct

WAYS = ("phone", "email")


class Consent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`words` are what the person read when they gave it, in `language`. Without words whoever gave it vouches:
    `through` names them, as a ticket's source does: join, kiosk, page (the ticket's own), staff, api, another API."""

    through: str
    at: int = 0  # ms
    words: str = ""
    language: str = ""
    version: str = ""  # of the words: the same for all who read the same


def agreed(through: str, words: str, language: str) -> Consent:
    """To what was read. It has its moment when it is stored."""
    version = hashlib.sha256(words.encode()).hexdigest()[:12]
    return Consent(through=through, words=words, language=language, version=version)


def by_way(consent: Consent | Mapping[str, Consent] | None, source: str) -> dict[str, Consent]:
    """The same to each way, unless each has its own; where there is none the source vouches."""
    if isinstance(consent, Mapping):
        return {way: consent.get(way) or Consent(through=source) for way in WAYS}
    return dict.fromkeys(WAYS, consent or Consent(through=source))
