"""Where messages go without credentials: nowhere but onto the list of what was sent, in full, for staff to see."""

from callboard.delivery.model import Answer, Delivery, Mark, Sent
from callboard.notify.render import Message


class Shown:
    """Takes everything. The record of the delivery is the message."""

    async def send(self, to: str, message: Message, delivery: Delivery, mark: Mark) -> Answer:
        return Sent(shown=True)

    async def find(self, to: str, delivery: Delivery) -> Answer | None:
        return None

    async def close(self) -> None:
        return
