"""A push from its words to its end: what the phone shows, what may be answered on it, and what becomes of it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

import msgspec
from babel import Locale

from callboard.delivery.model import About, Answer, Delivery, Mark, Moot, Never, Outcome
from callboard.domain.phone import allowed
from callboard.errors import Refused
from callboard.notify.instead import or_text
from callboard.notify.kinds import AGAIN, ALMOST, CALLS, MISSED, TURN
from callboard.notify.push import Push
from callboard.notify.render import Message, Renderer
from callboard.notify.situation import Situation

# What may be answered without opening the page, by kind; each with the command that it needs, if it needs one.
ANSWERS: dict[str, dict[str, str]] = {
    ALMOST: {"coming": "", "more_time": "postpone"},
    TURN: {"coming": "", "moment": ""},  # the staff can see it: whom they have called they alone put back
    AGAIN: {"coming": "", "moment": ""},
    MISSED: {"back": "rejoin"},
}
UNSUBSCRIBED = Never("no browser shows notifications any more")

Unsubscribe = Callable[[str, str], Awaitable[object]]
"""Called with a ticket and a browser's id. May raise Refused and StoreAway."""


class Notifications:
    """What the notifier does with a push. `sends_texts`: whether texts go out, and are not only shown to staff."""

    def __init__(
        self,
        push: Push,
        renderer: Renderer,
        unsubscribe: Unsubscribe,
        clock: Callable[[], int],
        *,
        sends_texts: bool,
    ) -> None:
        self._push = push
        self._renderer = renderer
        self._unsubscribe = unsubscribe
        self._clock = clock
        self._sends_texts = sends_texts

    async def send(self, delivery: Delivery, now: Situation, message: Message, mark: Mark, *, phone: bool) -> Outcome:
        """`phone`: whether a text may go instead. Browsers that are not there any more are forgotten."""
        about = About(now.ticket.label, services(now), message.subject, message.text)
        content = self._content(delivery, now, message)
        pushed = await self._push.send(now.person.pushes, content, delivery, mark)
        for id in pushed.gone:
            with suppress(Refused):
                await self._unsubscribe(now.ticket.id, id)
        return Outcome(self.otherwise(pushed.answer, delivery, phone=phone), about)

    def otherwise(self, answer: Answer, delivery: Delivery, *, phone: bool) -> Answer:
        """A text, where it has to be one."""
        answer = or_text(answer, delivery, self._clock(), phone=phone, sends_texts=self._sends_texts)
        return Moot(answer.why) if answer == UNSUBSCRIBED else answer

    async def close(self) -> None:
        await self._push.close()

    def _content(self, delivery: Delivery, now: Situation, message: Message) -> bytes:
        """What displays/static/push-worker.js reads. `tag`: one notification a ticket, the newer in place of the older.

        The token is the permission to answer; only the person's own browser can read it.
        """
        words = self._renderer.answers(message.language)
        can = {"", *allowed(now.queue, now.ticket, self._clock())}
        offered = [name for name, needs in ANSWERS.get(delivery.kind, {}).items() if needs in can]
        return msgspec.json.encode(
            {
                "title": message.subject,
                "body": message.text,
                "lang": message.language,
                "dir": "rtl" if Locale.parse(message.language).character_order == "right-to-left" else "ltr",
                "tag": now.ticket.id,
                "token": now.person.token,
                "at": delivery.at,
                "until": delivery.until,
                "stays": delivery.kind in CALLS,
                "actions": [{"action": name, "title": words[name]} for name in offered],
                "said": {name: words[f"{name}_done"] for name in offered} | {"failed": words["failed"]},
            }
        )


def services(now: Situation) -> str:
    """Whose push services a person's browsers are at: the rest of an address is a secret."""
    return ", ".join(dict.fromkeys(urlsplit(each.endpoint).hostname or "" for each in now.person.pushes))
