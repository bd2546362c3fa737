"""One request to an address outside: checked, in bounded time, without redirects, and little read of the answer."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from callboard.outside.reach import Forbidden, Network, socket_factory

READ_BYTES = 65536  # of an answer's body; more is not read
AT_ONCE = 128
LONGEST_WAIT_MS = 3_600_000


class Failed(Exception):
    """No answer came. `why` names no part of the address; `forbidden` when it may not be spoken to."""

    def __init__(self, why: str, *, forbidden: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.forbidden = forbidden


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """Empty when it is no JSON object."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


class Client:
    """`private` are the networks that may be spoken to though they are not public."""

    def __init__(self, private: Sequence[Network], timeout_s: float = 10) -> None:
        self._private = private
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def send(self, method: str, address: str, headers: CIMultiDict[str], body: bytes | None) -> Reply:
        """The answer, whatever its status. Raises Failed."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._send(method, address, headers, body)
        except TimeoutError:
            raise Failed(f"no answer in {self._timeout_s:g} s") from None
        except aiohttp.ClientConnectorCertificateError:
            raise Failed("its certificate is not valid") from None
        except aiohttp.ClientConnectorDNSError:
            raise Failed("its name leads to no address") from None
        except aiohttp.InvalidURL:
            raise Failed("it is no proper address", forbidden=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            inner = getattr(error, "os_error", error)
            if isinstance(inner, Forbidden):
                raise Failed(str(inner), forbidden=True) from None
            raise Failed(f"no connection: {type(inner).__name__}") from None

    async def close(self) -> None:
        """It may be used again."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _send(self, method: str, address: str, headers: CIMultiDict[str], body: bytes | None) -> Reply:
        url = URL(address)
        async with self._opened().request(method, url, headers=headers, data=body, allow_redirects=False) as answer:
            read = b""
            while len(read) < READ_BYTES and (some := await answer.content.read(READ_BYTES - len(read))):
                read += some
            if not answer.content.at_eof():
                answer.close()
            return Reply(answer.status, answer.headers, read)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=AT_ONCE, socket_factory=socket_factory(self._private))
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                skip_auto_headers=("Accept-Encoding",),
            )
        return self._session


def retry_after_ms(reply: Reply, now: int) -> int | None:
    """What the answer asks for, in seconds or as a date, within bounds; None when it does not say."""
    text = reply.headers.get("Retry-After", "").strip()
    if text.isdecimal() and len(text) < 10:
        wait_ms = int(text) * 1000
    else:
        try:
            wait_ms = round(parsedate_to_datetime(text).timestamp() * 1000) - now
        except (ValueError, OverflowError):
            return None
    return min(max(wait_ms, 1000), LONGEST_WAIT_MS)
