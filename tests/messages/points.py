"""The moments at which a notifier may be killed, by name: before and after everything that is written down or asked."""

import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any

from callboard.notify.mail import Mail
from callboard.notify.sms import Sms
from callboard.store.outbox import Outbox
from callboard.store.promises import Promises
from callboard.store.stream import Group

STEPS: dict[str, tuple[Any, str]] = {
    "schedule": (Outbox, "schedule"),
    "acknowledge": (Group, "read"),  # goes with the next
    "lease": (Outbox, "lease"),
    "write down": (Outbox, "keep"),  # what is about to leave, or that it is put off
    "text": (Sms, "send"),
    "mail": (Mail, "send"),
    "ask": (Sms, "find"),
    "promise": (Promises, "keep"),
    "close": (Outbox, "close"),
}
IN_HERE = [f"{when} {step}" for step in STEPS for when in ("before", "after")]
AT_PROVIDERS = ["text taken", "mail taken"]  # and not answered
NAMES = [*IN_HERE, *AT_PROVIDERS]


class Points:
    """`die_at` names where this process ends, as if it were killed from outside at exactly that moment."""

    def __init__(self) -> None:
        self.die_at = ""
        for step, (owner, name) in STEPS.items():
            setattr(owner, name, self._around(step, getattr(owner, name)))

    def _pass(self, point: str) -> None:
        if point == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)  # never over

    def _around(self, step: str, does: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def done(owner: Any, *given: Any, **more: Any) -> Any:
            counts = given[0] if given else more["done"]  # an empty read has nothing to acknowledge
            if counts:
                self._pass(f"before {step}")
            answer = await does(owner, *given, **more)
            if counts and not (step == "lease" and not answer[0]):
                self._pass(f"after {step}")
            return answer

        return done
