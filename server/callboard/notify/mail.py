"""E-mail by SMTP over one connection that is reused, renewed when it breaks, and closed when nobody writes."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Literal

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from msgspec import Struct

from callboard.delivery.model import Answer, Delivery, Later, Mark, Never, Sent, Unknown
from callboard.notify.calendar import method_of
from callboard.notify.patience import Patience
from callboard.notify.render import Message

SHUTTING_DOWN = 421
SILENT = "the mail server's answer did not come in time"
WHOLE = frozenset({"message-id", "in-reply-to", "references", "list-unsubscribe"})


class _Policy(EmailPolicy):
    """Ids and addresses stay on one line, however long: Python would encode what it cannot break."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in WHOLE:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


POLICY = _Policy(linesep="\r\n", cte_type="7bit")


class MailServer(Struct, frozen=True, kw_only=True):
    host: str
    port: int
    sender: str  # "desk@example.org" or "Hilltop <desk@example.org>"; without a name, the venue's
    user: str = ""
    password: str = ""
    tls: Literal["starttls", "tls", "none"] = "starttls"

    @property
    def domain(self) -> str:
        return parseaddr(self.sender)[1].rpartition("@")[2]

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"


class Mail:
    """One mail at a time: the protocol has no pipelining of mails."""

    def __init__(
        self,
        server: MailServer,
        clock: Callable[[], int],
        *,
        idle_s: float = 30,
        timeout_s: float = 10,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._clock = clock
        self._idle_s = idle_s
        self._timeout_s = timeout_s
        self._tls = tls
        self._turn = asyncio.Lock()
        self._patience = Patience()
        self._open: aiosmtplib.SMTP | None = None
        self._closing: asyncio.TimerHandle | None = None

    async def send(self, to: str, message: Message, delivery: Delivery, mark: Mark) -> Answer:
        """4xx is later, 5xx never. A lost answer is `Unknown`: it is sent again with the same Message-ID, by which
        the reader's side can tell. A domain that has put mail off, or over
        which the server fell silent, is left alone for a while."""
        if not to.isascii():
            return Never("few mail servers know such an address")
        domain = to.rpartition("@")[2].lower()
        if rest_ms := self._patience.rest_ms(domain, self._clock()):
            why = "mail to that domain is being put off"
            return Unknown(why) if delivery.trying else Later(why, after_ms=rest_ms)
        async with self._turn:
            self._stay()
            try:
                client = await self._connected()
            except SMTPAuthenticationError:
                return Later("the mail server refuses our sign-in", busy=True)
            except (SMTPException, OSError, TimeoutError) as error:
                return Later(f"the mail server does not answer ({type(error).__name__})", busy=True)
            try:
                await mark("mail")
                answer = await self._hand_over(client, to, composed(message, to, delivery, self._server, self._clock()))
            finally:
                self._leave_later()
            return self._learned(domain, answer)

    def _learned(self, domain: str, answer: Answer) -> Answer:
        """What the answer says of the domain. One that concerns the server itself says nothing of it."""
        if isinstance(answer, Sent):
            self._patience.took(domain)
        elif isinstance(answer, Unknown) and answer.why == SILENT:
            self._patience.put_off(domain, self._clock())
        elif isinstance(answer, Later) and not answer.busy:
            return Later(answer.why, after_ms=self._patience.put_off(domain, self._clock()))
        return answer

    async def find(self, to: str, delivery: Delivery) -> Answer | None:
        """Mail servers cannot be asked."""
        return None

    async def close(self) -> None:
        async with self._turn:
            self._stay()
            client, self._open = self._open, None
            if client is not None and client.is_connected:
                try:
                    await client.quit(timeout=1)
                except (SMTPException, OSError, TimeoutError):
                    client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        """The open connection if it still answers, else a new one."""
        if self._open is not None and self._open.is_connected:
            try:
                await self._open.noop()
                return self._open
            except (SMTPException, OSError, TimeoutError):
                self._open.close()
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.user or None,
            password=self._server.password or None,
            use_tls=self._server.tls == "tls",
            start_tls=self._server.tls == "starttls",
            tls_context=self._tls,
            timeout=self._timeout_s,
        )
        await client.connect()
        self._open = client
        return client

    async def _hand_over(self, client: aiosmtplib.SMTP, to: str, mail: EmailMessage) -> Answer:
        try:
            async with asyncio.timeout(self._timeout_s * 3):
                await client.sendmail(parseaddr(self._server.sender)[1], [to], mail.as_bytes())
        except SMTPRecipientsRefused as refused:
            return _by_code(refused.recipients[0].code, "the address")
        except SMTPResponseException as refused:
            return _by_code(refused.code, "the mail")
        except TimeoutError:  # the server may be asking the domain's
            client.close()
            return Unknown(SILENT, busy=True)
        except (SMTPException, OSError) as error:
            client.close()
            return Unknown(f"the mail server's answer was lost ({type(error).__name__})", busy=True)
        return Sent()

    def _stay(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None

    def _leave_later(self) -> None:
        if self._open is not None:
            self._closing = asyncio.get_running_loop().call_later(self._idle_s, self._open.close)


def composed(message: Message, to: str, delivery: Delivery, server: MailServer, at: int) -> EmailMessage:
    """The mail as it goes out. Its Message-ID follows from the delivery, so a second copy is known as one; all mails
    of a ticket make one thread."""
    name, address = parseaddr(server.sender)
    domain = server.domain
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address(display_name=name or message.venue, addr_spec=address)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(at / 1000, UTC))
    mail["Message-ID"] = _message_id(delivery.id, domain)
    if message.first and message.first != delivery.id:
        first = _message_id(message.first, domain)
        mail["In-Reply-To"] = first
        mail["References"] = first
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if message.stop:
        mail["List-Unsubscribe"] = f"<{message.stop}>"
        if message.stop.startswith("https:"):  # RFC 8058 asks for it
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    if message.calendar:
        method = {"method": method_of(message.calendar)}
        mail.add_attachment(message.calendar, subtype="calendar", filename="booking.ics", params=method, cte="base64")
    mail["Content-Language"] = message.language  # last: adding a part moves such headers into the first one
    return mail


def _message_id(delivery: str, domain: str) -> str:
    return f"<{delivery.replace(':', '.')}@{domain}>"


def _by_code(code: int, what: str) -> Answer:
    if 500 <= code < 600:
        return Never(f"the mail server refuses {what} ({code})")
    return Later(f"the mail server puts {what} off ({code})", busy=code == SHUTTING_DOWN)
