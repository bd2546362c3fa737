"""Names that wait for their turn: a burst of the same name becomes one turn, without a timer."""

import asyncio


class Turns:
    """Each name waits at most once. A name that comes while it has its turn gets another one afterwards."""

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        self._under_way: set[str] = set()
        self._again: set[str] = set()
        self._filled = asyncio.Event()

    def add(self, name: str) -> None:
        if name in self._under_way:
            self._again.add(name)
        else:
            self._waiting[name] = None
            self._filled.set()

    async def take(self) -> str:
        """The name that has waited longest; its turn lasts until `done`."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        name = next(iter(self._waiting))
        del self._waiting[name]
        self._under_way.add(name)
        return name

    def done(self, name: str) -> None:
        self._under_way.discard(name)
        if name in self._again:
            self._again.discard(name)
            self.add(name)
