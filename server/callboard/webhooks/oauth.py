"""Access tokens (OAuth 2, RFC 6749): asked for where the watch says, kept until they end or are refused."""

import asyncio
import base64
import logging
from collections.abc import Callable
from urllib.parse import quote, urlencode
from weakref import WeakValueDictionary

import msgspec
from multidict import CIMultiDict

from callboard.domain.receiver import OAuth2
from callboard.domain.watch import Watch
from callboard.outside.http import Client, Failed, Reply
from callboard.receiving import VALUE
from callboard.store.secret import fingerprint
from callboard.store.watches import Token, Watches

UNSAID_MS = 300_000  # how long a token is taken to be good when nobody says
EARLY_MS = 30_000  # so long before its end it is not used any more

log = logging.getLogger(__name__)


class Tokens:
    """A token is asked for by one at a time; everybody else waits for it. `send` of the client is all that leaves."""

    def __init__(self, watches: Watches, client: Client, clock: Callable[[], int]) -> None:
        self._watches = watches
        self._client = client
        self._clock = clock
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def access(self, watch: Watch, oauth2: OAuth2, refused: str = "") -> str:
        """A token that is good as far as we know, and not the one that was refused. Raises Failed and StoreAway."""
        async with self._asking.setdefault(watch.id, asyncio.Lock()):
            asked = fingerprint(msgspec.json.encode(oauth2).decode())
            kept = await self._watches.token(watch)
            if kept is not None and kept.asked != asked:
                kept = None
            if kept is None or kept.access == refused or self._clock() >= kept.until:
                kept = await self._ask(oauth2, asked, kept.refresh if kept else "")
                await self._watches.keep_token(watch, kept)
            return kept.access

    async def _ask(self, oauth2: OAuth2, asked: str, newer: str) -> Token:
        refresh = newer or oauth2.refresh_token
        form: dict[str, str] = {"grant_type": oauth2.grant}
        if oauth2.grant == "refresh_token":
            form["refresh_token"] = refresh
        if oauth2.scope:
            form["scope"] = oauth2.scope
        reply = await self._client.send("POST", oauth2.token_address, _basic(oauth2), urlencode(form).encode())
        if reply.status in (400, 401):  # it may want to know us by the form
            form |= {"client_id": oauth2.client_id, "client_secret": oauth2.client_secret}
            reply = await self._client.send("POST", oauth2.token_address, _plain(), urlencode(form).encode())
        return self._token(reply, asked, newer)

    def _token(self, reply: Reply, asked: str, newer: str) -> Token:
        given = reply.json()
        access = given.get("access_token")
        if reply.status != 200 or not isinstance(access, str) or not access or not VALUE.fullmatch(access):
            raise Failed(f"no access token: answered {reply.status}")
        lasts_s = _seconds(given.get("expires_in"))
        lasts_ms = UNSAID_MS if lasts_s is None else lasts_s * 1000 - EARLY_MS
        refresh = given.get("refresh_token")
        return Token(
            asked=asked,
            access=access,
            until=self._clock() + max(lasts_ms, 0),
            refresh=refresh if isinstance(refresh, str) and refresh else newer,
        )


def _seconds(value: object) -> int | None:
    """Some servers write a number as a text, or with a fraction."""
    try:
        seconds = int(float(value)) if isinstance(value, int | float | str) else -1
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < 10**9 else None


def _plain() -> CIMultiDict[str]:
    return CIMultiDict({"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"})


def _basic(oauth2: OAuth2) -> CIMultiDict[str]:
    who = f"{quote(oauth2.client_id, safe='')}:{quote(oauth2.client_secret, safe='')}"
    headers = _plain()
    headers["Authorization"] = f"Basic {base64.b64encode(who.encode()).decode()}"
    return headers
