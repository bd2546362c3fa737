"""Text messages through Twilio: each call bounded in time, and never repeated before the carrier was asked."""

import asyncio
import base64
import importlib
import logging
from collections.abc import Callable
from typing import Any, Self

from msgspec import Struct

from callboard.delivery.model import Answer, Delivery, Later, Mark, Never, Sent, Unknown
from callboard.notify.carrier_codes import classified, has_failed
from callboard.notify.render import Message
from callboard.notify.segments import segments

SKEW_MS = 120_000  # how far the carrier's clock may be behind ours
LISTED = 50  # newest messages to a number that are looked through
LONGEST_REST_MS = 600_000  # however long it asks to be left alone
VALID_S = (5, 36_000)  # what the carrier takes as a period of validity


class Account(Struct, frozen=True, kw_only=True):
    sid: str
    token: str
    sender: str = ""  # number or name
    service: str = ""  # messaging service, which chooses the sender
    api_base: str = ""  # empty: the carrier's own
    callbacks: str = ""  # where it tells what becomes of a text, with the delivery's id behind it; empty: it does not

    def __repr__(self) -> str:
        return f"Account({self.sid})"


class Sms:
    """One client, made when the first text is sent: importing the vendor's package takes a tenth of a second."""

    def __init__(self, account: Account, clock: Callable[[], int], timeout_s: float = 10.0) -> None:
        self._account = account
        self._clock = clock
        self._timeout_s = timeout_s
        self._opening = asyncio.Lock()
        self._open: Any = None

    async def send(self, to: str, message: Message, delivery: Delivery, mark: Mark) -> Answer:
        """A lost answer, a server error or a time-out is `Unknown`: the carrier has no key against repeats."""
        client = await self._client()
        valid_s = (delivery.until - self._clock()) // 1000
        given = {"from_": self._account.sender} if self._account.sender else {}
        if self._account.service:
            given["messaging_service_sid"] = self._account.service
        if self._account.callbacks:
            given["status_callback"] = f"{self._account.callbacks}/{delivery.id}"
        await mark(message.text)
        answer = await self._ask(
            client.messages.create_async(
                to=to, body=message.text, validity_period=min(max(valid_s, VALID_S[0]), VALID_S[1]), **given
            )
        )
        return _became(answer) if _is_message(answer) else answer

    async def find(self, to: str, delivery: Delivery) -> Answer | None:
        """Looks for the text among the newest to that number.

        Not by date: the carrier filters by the moment of sending, and what still waits there has none.
        """
        client = await self._client()
        listed = await self._ask(client.messages.list_async(to=to, limit=LISTED))
        if not isinstance(listed, list):
            return Unknown("the carrier cannot be asked", busy=True)
        for message in listed:
            if _same(message.body, delivery.trying) and _since(message.date_created, delivery.trying_at - SKEW_MS):
                return _became(message)
        return None

    async def close(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            await opened.http_client.close()

    async def _ask(self, request: Any) -> Any:
        """The carrier's answer, or what its failing means."""
        import aiohttp
        from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]

        try:
            async with asyncio.timeout(self._timeout_s):
                return await request
        except _Busy as busy:
            return classified(429, None, busy.after_ms)
        except TwilioException as error:
            return classified(getattr(error, "status", 0) or 0, getattr(error, "code", None))
        except aiohttp.ClientConnectorError:
            return Later("the carrier cannot be reached", busy=True)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Unknown(f"the carrier's answer was lost ({type(error).__name__})", busy=True)

    async def _client(self) -> Any:
        async with self._opening:
            if self._open is None:
                await asyncio.to_thread(importlib.import_module, "twilio.rest")
                self._open = self._made()
        return self._open

    def _made(self) -> Any:
        from twilio.http.async_http_client import AsyncTwilioHttpClient  # type: ignore[import-untyped]
        from twilio.rest import Client  # type: ignore[import-untyped]

        # A logger of its own that says nothing: the package's writes recipients' numbers at level info.
        silent = logging.Logger("twilio", logging.CRITICAL)
        client = Client(
            account_sid=self._account.sid,
            credential_provider=_Basic(self._account),
            http_client=_Heard(AsyncTwilioHttpClient(logger=silent)),  # and no max_retries: it would post again
            environment={"TWILIO": ""},  # not the process's: a region set there would change the address
        )
        if self._account.api_base:
            client.api.base_url = self._account.api_base
        return client


class _Busy(Exception):
    """The carrier takes nothing now; `after_ms` when it says for how long."""

    def __init__(self, after_ms: int | None) -> None:
        super().__init__("the carrier is busy")
        self.after_ms = after_ms


class _Heard:
    """Reads how long a busy carrier wants to be left alone: the package's errors do not know the answer's headers."""

    is_async = True

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.close = inner.close

    async def request(self, *args: Any, **given: Any) -> Any:
        answer = await self._inner.request(*args, **given)
        if answer.status_code == 429:
            seconds = (answer.headers or {}).get("Retry-After", "")
            raise _Busy(min(int(seconds) * 1000, LONGEST_REST_MS) if seconds.isascii() and seconds.isdigit() else None)
        return answer


class _Basic:
    """Signs in by a header of our own: the package's way is deprecated in the HTTP library beneath it."""

    def __init__(self, account: Account) -> None:
        self._header = "Basic " + base64.b64encode(f"{account.sid}:{account.token}".encode()).decode()

    def to_auth_strategy(self) -> Self:
        return self

    def get_auth_string(self) -> str:
        return self._header


def _is_message(answer: Any) -> bool:
    return not isinstance(answer, Later | Unknown | Never | Sent)


def _became(message: Any) -> Answer:
    if has_failed(message.status):
        failure = classified(400, message.error_code)
        return failure if isinstance(failure, Never) else Never(f"refused by the carrier ({message.error_code})")
    return Sent(message.sid or "", segments=int(message.num_segments or 0) or segments(message.body or ""))


def _same(body: str | None, text: str) -> bool:
    """The carrier may put words in front (a trial account does) and may change white space."""
    return " ".join((body or "").split()).endswith(" ".join(text.split()))


def _since(created: Any, at: int) -> bool:
    return created is None or created.timestamp() * 1000 >= at
