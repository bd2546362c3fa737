"""The mails that leave the house, over a mail server on loopback."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from callboard.notify.mail import Mail
from callboard.notify.mail import MailServer as Account
from callboard.notify.shown import Shown
from callboard.services import Services
from conftest import Clock
from notify.conftest import Office
from notify.mailserver import MailServer

SECRET = re.compile(r"^([A-Za-z0-9_-]{43})\r?$", re.M)


class Letters:
    """What was sent, once everything that is due is."""

    def __init__(self, office: Office, server: MailServer) -> None:
        self._office = office
        self._server = server

    @classmethod
    @asynccontextmanager
    async def sent(cls, services: Services, clock: Clock) -> AsyncIterator["Letters"]:
        async with MailServer().serve() as server:
            account = Account(host="127.0.0.1", port=server.port, sender="desk@braga.example", tls="none")
            mail = Mail(account, clock, timeout_s=2)
            yield cls(Office(services.store, services.reads, clock, {"sms": Shown(), "mail": mail}), server)
            await mail.close()

    async def all(self) -> list[tuple[str, str, str]]:
        """Address, subject and text of each."""
        await self._office.tell()
        found = []
        for letter in self._server.accepted:
            part = letter.get_body(("plain",))
            assert part is not None
            found.append((str(letter["To"]), str(letter["Subject"]), str(part.get_content())))
        return found

    async def secret(self) -> str:
        """That of the newest mail, with which a password is set."""
        (secret,) = SECRET.findall((await self.all())[-1][2])
        return str(secret)
