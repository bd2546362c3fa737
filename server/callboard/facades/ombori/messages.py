"""What a webhook says the customer was told: one line for each type that has one, in our own words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from callboard.domain.model import Location
from callboard.domain.standing import Standing

LAST_RESORT = "en"

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "bookingConfirmation": "You are booked for {time}. Your ticket: {link}",
        "bookingActivated": "Your ticket is {label}. Please be here within {minutes} minutes. Your ticket: {link}",
        "positionCalled": "Ticket {label}: it is your turn.",
        "positionRetry": "Ticket {label}: we called you and did not find you. You will be called again.",
        "positionRemoved": "Ticket {label} has been cancelled. You may take a new one: {join}",
    },
    "sv": {
        "bookingConfirmation": "Din tid är bokad: {time}. Din kölapp: {link}",
        "bookingActivated": "Ditt nummer är {label}. Kom inom {minutes} minuter. Din kölapp: {link}",
        "positionCalled": "Nummer {label}: det är din tur.",
        "positionRetry": "Nummer {label}: vi ropade men hittade dig inte. Vi ropar igen.",
        "positionRemoved": "Nummer {label} har avbokats. Du kan ta ett nytt: {join}",
    },
    "ar": {
        "bookingConfirmation": "تم تأكيد موعدك في {time}. تذكرتك: {link}",
        "bookingActivated": "رقمك {label}. يرجى الحضور خلال {minutes} دقيقة. تذكرتك: {link}",
        "positionCalled": "الرقم {label}: حان دورك.",
        "positionRetry": "الرقم {label}: نادينا عليك ولم نجدك. سننادي عليك مرة أخرى.",
        "positionRemoved": "أُلغي الرقم {label}. يمكنك أخذ رقم جديد: {join}",
    },
}


def message(type: str, standing: Standing, label: str, base_url: str) -> str | None:
    """In the ticket's language, else the location's first, else English; None for a type that says nothing."""
    location, ticket, person = standing.location, standing.ticket, standing.person
    language = next((each for each in (ticket.locale, *location.languages) if each in TEXTS), LAST_RESORT)
    text = TEXTS[language].get(type)
    if text is None or person is None:
        return None
    return text.format(
        time=_local(ticket.slot_at, location) if ticket.slot_at is not None else "",
        label=label,
        minutes=round(standing.queue.late_min),
        link=f"{base_url}/t/{person.token}",
        join=f"{base_url}/join/{location.id}",
    )


def _local(at: int, location: Location) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(location.time_zone)):%Y-%m-%d %H:%M}"
