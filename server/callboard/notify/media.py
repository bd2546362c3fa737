"""The ways out of the house, chosen by the settings; without credentials a message stays on our own list."""

from collections.abc import Callable
from typing import Protocol

from callboard.delivery.model import Answer, Delivery, Mark
from callboard.notify.mail import Mail, MailServer
from callboard.notify.render import Message
from callboard.notify.shown import Shown
from callboard.notify.sms import Account, Sms
from callboard.settings import Settings

LIMITS = {"push": 64, "sms": 8, "mail": 4}  # under way at once; mails share one connection and so wait for each other

STATUS = "/carrier/status"  # where the carrier tells what becomes of a text


class Medium(Protocol):
    async def send(self, to: str, message: Message, delivery: Delivery, mark: Mark) -> Answer:
        """Hands a message over. `mark` is awaited just before anything leaves."""

    async def find(self, to: str, delivery: Delivery) -> Answer | None:
        """What became of an earlier attempt whose answer was lost; None: it did not arrive, or nobody can say and
        sending it again is harmless."""

    async def close(self) -> None:
        """Lets go of connections; it may be used again."""


def can_call_back(settings: Settings) -> bool:
    """Whether the carrier can reach us by an address that nobody reads along."""
    return settings.public_url.startswith("https://")


def media(settings: Settings, clock: Callable[[], int]) -> dict[str, Medium]:
    """One medium a lane."""
    chosen: dict[str, Medium] = {"sms": Shown(), "mail": Shown()}
    if settings.twilio_account_sid:
        chosen["sms"] = Sms(
            Account(
                sid=settings.twilio_account_sid,
                token=settings.twilio_auth_token,
                sender=settings.twilio_from,
                service=settings.twilio_messaging_service,
                api_base=settings.twilio_api_base,
                callbacks=f"{settings.public_url}{STATUS}" if can_call_back(settings) else "",
            ),
            clock,
        )
    if settings.smtp_host:
        chosen["mail"] = Mail(
            MailServer(
                host=settings.smtp_host,
                port=settings.smtp_port,
                user=settings.smtp_user,
                password=settings.smtp_password,
                tls=settings.smtp_tls,
                sender=settings.mail_from,
            ),
            clock,
        )
    return chosen
