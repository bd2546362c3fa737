"""Staff accounts, their passwords, and the one-time link with which the first of them is made."""

import base64
import os
import re
import unicodedata
from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from callboard.errors import Invalid, Mistake
from callboard.store import scripts
from callboard.store.api_keys import ApiKeys
from callboard.store.keys import accounts_key
from callboard.store.passwords import Passwords, weakness
from callboard.store.redis import Connection
from callboard.store.secret import fingerprint
from callboard.store.sessions import Sessions
from callboard.store.signing_keys import SigningKeys

SETUP_MS = 24 * 3600 * 1000
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
NAME_LONGEST = 80

Role = Literal["admin", "staff"]


class User(Struct, frozen=True, kw_only=True):
    """Who may sign in, of one organization. `rev` grows when sessions must end: with another password."""

    name: str
    organization: str
    roles: tuple[Role, ...]
    password: str  # its hash
    created_at: int
    rev: int = 0


class Exists(Exception):
    """Somebody has that name."""


class LinkOver(Exception):
    """The setup link was used, has expired, or never was one."""


class Accounts:
    """Raises StoreAway when the store does not answer, and passwords.Busy when too many sign in at once."""

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], int],
        *,
        session_hours: float,
        passwords: Passwords | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._passwords = passwords or Passwords()
        self._random = random
        self.sessions = Sessions(connection, clock, round(session_hours * 3_600_000), random)
        self.keys = ApiKeys(connection, clock, random)
        self.signing = SigningKeys(connection, clock, random)

    async def user(self, name: str) -> User | None:
        key = accounts_key("users")
        raw = await self._connection.call(lambda: self._connection.client.hget(key, user_id(name)))
        return None if raw is None else msgspec.json.decode(raw, type=User)

    async def users(self) -> list[User]:
        """All, by name."""
        key = accounts_key("users")
        raws = await self._connection.call(lambda: self._connection.client.hgetall(key))
        return [msgspec.json.decode(raws[id], type=User) for id in sorted(raws)]

    async def sign_in(self, name: str, password: str) -> User | None:
        """The user, if that is the password. For a name that nobody has it answers the same, after the same time."""
        user = await self.user(name)
        return user if await self._passwords.matches(user.password if user else None, password) else None

    async def session_user(self, token: str, *, extend: bool = True) -> User | None:
        """Who a session belongs to, which keeps it alive unless told not to.

        None when it is over, or its user is not what they were.
        """
        session = await self.sessions.find(token)
        user = await self.user(session.user) if session else None
        if session is None or user is None or user.rev != session.rev:
            return None
        if extend:
            await self.sessions.extend(token, session)
        return user

    async def add(self, name: str, password: str, *, organization: str, roles: tuple[Role, ...]) -> User:
        """A new user. Raises Exists, or Invalid for a name or password that will not do."""
        return await self._add(name, password, organization, roles, None)

    async def set_password(self, name: str, password: str) -> bool:
        """Ends all sessions of the user.

        False when there is none, or somebody else changed them at this moment. Raises Invalid.
        """
        _check(name, password)
        user = await self.user(name)
        if user is None:
            return False
        changed = replace(user, password=await self._passwords.hash(password), rev=user.rev + 1)
        return await self._put(user, changed) == "done"

    async def remove(self, name: str) -> bool:
        """With all sessions. False when there is no such user."""
        user = await self.user(name)
        return user is not None and await self._put(user, None) == "done"

    async def make_setup_link(self) -> str | None:
        """A new token for /setup/{token}, good once and for a day, in the place of any before; None when there are
        users."""
        if await self.users():
            return None
        token = base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=")
        link = {"fingerprint": fingerprint(token), "expires_at": self._clock() + SETUP_MS}
        value = msgspec.json.encode(link).decode()
        await self._connection.call(lambda: self._connection.client.set(accounts_key("setup"), value, px=SETUP_MS))
        return token

    async def is_setup_open(self, token: str) -> bool:
        """Whether the link still makes an administrator."""
        raw = await self._connection.call(lambda: self._connection.client.get(accounts_key("setup")))
        if raw is None or not TOKEN.fullmatch(token):
            return False
        link = msgspec.json.decode(raw)
        return bool(link["fingerprint"] == fingerprint(token) and link["expires_at"] > self._clock())

    async def set_up(self, token: str, name: str, password: str, *, organization: str) -> User:
        """The first administrator. However often the link is used at once, one is made; others get LinkOver.
        Raises Invalid, which uses up nothing."""
        if not await self.is_setup_open(token):
            raise LinkOver
        return await self._add(name, password, organization, ("admin", "staff"), fingerprint(token))

    async def _add(
        self, name: str, password: str, organization: str, roles: tuple[Role, ...], link: str | None
    ) -> User:
        _check(name, password)
        user = User(
            name=name.strip(),
            organization=organization,
            roles=roles,
            password=await self._passwords.hash(password),
            created_at=self._clock(),
        )
        answer = await self._put(None, user, link)
        if answer == "link_over":
            raise LinkOver
        if answer == "changed":
            raise Exists
        return user

    async def _put(self, before: User | None, after: User | None, link: str | None = None) -> str:
        someone = after or before
        assert someone is not None
        arg = {
            "id": user_id(someone.name),
            "before": _encode(before),
            "after": _encode(after),
            "at": self._clock(),
            **({"link": link} if link else {}),
        }
        keys = [accounts_key("users"), accounts_key("setup")]
        argv = [msgspec.json.encode(arg).decode()]
        return str(await scripts.run(self._connection, scripts.text("put_user"), keys, argv))


def user_id(name: str) -> str:
    """What makes two names the same: neither capitals nor blanks around them do."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _check(name: str, password: str) -> None:
    mistakes = []
    if not user_id(name) or not name.isprintable() or len(name) > NAME_LONGEST:
        mistakes.append(Mistake("user", f"must be 1 to {NAME_LONGEST} characters in one line"))
    if what := weakness(password, name):
        mistakes.append(Mistake("password", what))
    if mistakes:
        raise Invalid(mistakes)


def _encode(user: User | None) -> str:
    return "" if user is None else msgspec.json.encode(user).decode()
