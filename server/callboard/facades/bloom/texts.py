"""`notification_texts`: what the site file says, in the placeholders that clients fill in; else our own words."""

from collections.abc import Mapping

from callboard.domain.model import Location
from callboard.facades.bloom.models.locations import Text, Texts
from callboard.facades.bloom.translation import placeholders

# Language, kind: title and message.
DEFAULTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "your_turn": (
            "Your turn",
            "Number %{ticket.tag}%{ticket.number}: please go to desk %{ticket.desk.tag} now.",
        ),
        "almost_your_turn": (
            "Almost your turn",
            "People before you: %{ticket.customers_ahead}. Please come back to the waiting room now.",
        ),
    },
    "sv": {
        "your_turn": (
            "Din tur",
            "Nummer %{ticket.tag}%{ticket.number}: gå nu till disk %{ticket.desk.tag}.",
        ),
        "almost_your_turn": (
            "Snart din tur",
            "Före dig i kön: %{ticket.customers_ahead}. Kom tillbaka till väntrummet nu.",
        ),
    },
    "ar": {
        "your_turn": (
            "حان دورك",
            "الرقم %{ticket.tag}%{ticket.number}: يرجى التوجه الآن إلى المكتب %{ticket.desk.tag}.",
        ),
        "almost_your_turn": (
            "اقترب دورك",
            "عدد من قبلك: %{ticket.customers_ahead}. يرجى العودة الآن إلى غرفة الانتظار.",
        ),
    },
}
LAST_RESORT = "en"


def texts(location: Location, language: str) -> Texts:
    """In the language, if the location has it, else in its first."""
    chosen = language if language in location.languages else location.languages[0]
    return Texts(_text(location, chosen, "your_turn"), _text(location, chosen, "almost_your_turn"))


def _text(location: Location, language: str, kind: str) -> Text:
    title, message = DEFAULTS.get(language, DEFAULTS[LAST_RESORT])[kind]
    title = location.titles.get(language, {}).get(kind) or title
    message = location.texts.get(language, {}).get(kind) or message
    return Text(placeholders(title), placeholders(message))
