"""A mail server on loopback that keeps what it accepted, and refuses, puts off or loses what it is told to."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class _Session(SMTP):
    def __init__(self, left: asyncio.Event, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._left = left

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._left.set()


class MailServer:
    """`recipients` and `contents` are answers to the next RCPT and DATA, one each; "lose" accepts and hangs up, and
    "hang" does not answer."""

    def __init__(self) -> None:
        self.accepted: list[EmailMessage] = []
        self.encrypted: list[bool] = []
        self.sessions = 0
        self.recipients: deque[str] = deque()
        self.contents: deque[str] = deque()
        self.sign_ins: list[bytes] = []
        self.port = 0
        self.open: list[SMTP] = []
        self.left = asyncio.Event()  # a client has gone

    @asynccontextmanager
    async def serve(
        self, tls: ssl.SSLContext | None = None, *, implicit: bool = False, port: int = 0
    ) -> AsyncIterator["MailServer"]:
        """`tls` is offered as STARTTLS, or spoken from the first byte when `implicit`."""
        loop = asyncio.get_running_loop()
        offered = None if implicit else tls

        def session() -> SMTP:
            self.sessions += 1
            made = _Session(
                self.left, self, loop=loop, tls_context=offered, authenticator=self._sign_in, auth_require_tls=False
            )
            self.open.append(made)
            return made

        server = await loop.create_server(session, "127.0.0.1", port, ssl=tls if implicit else None)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.hang_up()
            await server.wait_closed()

    def hang_up(self) -> None:
        for session in self.open:
            if session.transport is not None:
                session.transport.close()
        self.open.clear()

    def _sign_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.sign_ins.append(data.login)
        return AuthResult(success=data.password == b"right", handled=False)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.recipients.popleft() if self.recipients else "250 OK"
        if answer == "hang":
            await asyncio.Event().wait()
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.contents.popleft() if self.contents else "250 OK"
        if answer == "lose" or answer.startswith("250"):
            mail = message_from_bytes(cast(bytes, envelope.content), policy=default)
            self.accepted.append(mail)
            self.encrypted.append(session.ssl is not None)
        if answer == "lose":
            cast(asyncio.WriteTransport, server.transport).abort()
        return answer


def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For the server, and for a client that trusts it."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client
