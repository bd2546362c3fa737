"""A carrier and a mail server that lie, and that see a notifier die; what they took is theirs to tell."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine
from email import message_from_bytes
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.requests import Request
from starlette.responses import Response

from messages.book import SAYS, SUBJECTS, Book, Taken, kind_of
from messages.fast import Fast
from notify.carrier import TOKEN, Call, Carrier, signed
from notify.mailserver import MailServer

BUSY, FAILED = 429, 500
STATUSES = ("queued", "sent", "delivered")
SLOW_MS = 12_000  # longer than anybody waits
AWAY = "away.example"  # a domain that puts every mail off ...
AWAY_MS = 6 * 60_000  # ... until so long after it saw the first one for an address


class Moods(deque[Any]):
    """What the next request meets: mostly nothing bad. It never ends."""

    def __init__(self, chance: random.Random, moods: dict[int | str, float]) -> None:
        super().__init__()
        self._chance = chance
        self._moods = moods

    def __bool__(self) -> bool:
        return True

    def popleft(self) -> Any:
        dice = self._chance.random()
        for mood, share in self._moods.items():
            dice -= share
            if dice < 0:
                return mood
        return None


class LyingCarrier(Carrier):
    """`dies` is told of each text that is taken before it is answered, and by which notifier's number; `calls_back`
    gets what the carrier would tell of some texts: in any order, again, and among it what somebody has forged."""

    def __init__(
        self,
        book: Book,
        time: Fast,
        chance: random.Random,
        dies: Callable[[str, str], None],
        calls_back: Callable[[Call, bool], Coroutine[Any, Any, None]] | None,
    ) -> None:
        super().__init__(time)
        self._book = book
        self._time = time
        self._chance = chance
        self._dies = dies
        self._calls_back = calls_back
        self._calling: set[asyncio.Task[None]] = set()
        self.misbehave = Moods(chance, {BUSY: 0.02, FAILED: 0.005, "accept and fail": 0.01, "accept and lose": 0.01})

    async def _post(self, request: Request) -> Response:
        answer = await super()._post(request)
        if self._chance.random() < 0.01:
            self._book.lost["carrier"] += 1
            await asyncio.sleep(self._time.real_s(SLOW_MS))
        return answer

    def _accept(self, form: dict[str, str]) -> dict[str, Any]:
        kept = super()._accept(form)
        kind = kind_of(form["Body"], SAYS)
        self._book.take(Taken(form["To"], kind, self._time(), valid_s=int(form["ValidityPeriod"])))
        self._dies("text taken", form["From"])
        if self._calls_back and self._chance.random() < 0.05:
            self._spawn(self._tells(len(self.accepted) - 1))
        return kept

    async def _tells(self, text: int) -> None:
        assert self._calls_back
        calls = [(self.calls(text, status), True) for status in (*STATUSES, "sent", "delivered")]
        forged = self.calls(text, "failed", 30006)
        calls.append((signed(forged.address, forged.fields, TOKEN + "?"), False))
        self._chance.shuffle(calls)
        for call, is_true in calls:
            await self._calls_back(call, is_true)

    def _spawn(self, does: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(does)
        self._calling.add(task)
        task.add_done_callback(self._calling.discard)


class LyingMailServer(MailServer):
    """It loses answers, puts mails off, and shuts sessions; `dies` as above, by the sender."""

    def __init__(self, book: Book, time: Fast, chance: random.Random, dies: Callable[[str, str], None]) -> None:
        super().__init__()
        self._book = book
        self._time = time
        self._dies = dies
        self._since: dict[str, int] = {}
        self.contents: deque[Any] = Moods(chance, {"lose": 0.02, "451 later": 0.02, "421 come again": 0.005})

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.endswith(AWAY):
            since = self._since.setdefault(address, self._time())
            if self._time() < since + AWAY_MS:
                return "450 not now"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.contents.popleft() or "250 OK"
        if answer == "lose" or answer.startswith("250"):
            mail = message_from_bytes(cast(bytes, envelope.content), policy=default)
            kind = kind_of(str(mail["Subject"]), SUBJECTS)
            self._book.take(Taken(str(mail["To"]), kind, self._time(), id=str(mail["Message-ID"])))
            self._dies("mail taken", str(envelope.mail_from))
        if answer == "lose":
            self._book.lost["mail"] += 1
            cast(asyncio.WriteTransport, server.transport).abort()
        return answer
