"""What has to be entered at the carrier, for whoever sets a server up."""

from collections.abc import Iterator

from callboard.notify.media import can_call_back
from callboard.settings import Settings

INCOMING = "/carrier/incoming"


def console(settings: Settings) -> Iterator[str]:
    """In lines; none where texts are not sent."""
    if not settings.twilio_account_sid:
        return
    if not can_call_back(settings):
        yield "public_url: without https:// the carrier can neither tell what becomes of texts nor hand answers over"
    elif not settings.twilio_messaging_service and not settings.twilio_from.startswith("+"):
        yield "twilio_from: a name cannot be answered; a number or a messaging service can"
    else:
        yield f"texts: have the carrier call {settings.public_url}{INCOMING} by POST when a message comes in"
