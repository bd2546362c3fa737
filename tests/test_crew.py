"""Workers that are kept running, with stand-ins for the processes: who is started when, and who is told to stop."""

import asyncio
from asyncio import timeout
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callboard.workers import crew as crews
from callboard.workers.crew import Crew
from callboard.workers.hired import Hired


class StandIn(Hired):
    """Answers at once, unless it fails; stops when it is told to."""

    def __init__(self, place: int, number: int, *, fails: bool) -> None:
        super().__init__()
        self.place, self.pid = place, number
        self.told = 0
        if fails:
            self.end("ended with status 1")
        else:
            self.answers = True
            self.begun.set()

    def end(self, status: str) -> None:
        self.status, self.answers = status, False
        self.gone.set()
        self.begun.set()

    def leave(self) -> None:
        self.told += 1
        self.end("ended with status 0")


class Agency:
    """Hires stand-ins, and keeps them all. `failing`: those who come now end at once."""

    def __init__(self) -> None:
        self.hired: list[StandIn] = []
        self.at: list[float] = []
        self.failing = False
        self._more = asyncio.Event()

    async def hire(self, place: int) -> Hired:
        self.hired.append(StandIn(place, len(self.hired), fails=self.failing))
        self.at.append(asyncio.get_running_loop().time())
        self._more.set()
        return self.hired[-1]

    async def until(self, count: int) -> None:
        async with timeout(10):
            while len(self.hired) < count:
                self._more.clear()
                await self._more.wait()

    @property
    def running(self) -> list[StandIn]:
        return [each for each in self.hired if not each.gone.is_set()]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(crews, "LONGEST_PAUSE_S", 0.08)


@asynccontextmanager
async def at_work(agency: Agency, size: int = 2) -> AsyncIterator[Crew]:
    crew = Crew(size, agency.hire)
    assert await crew.begin() is None
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(crew.run())
        yield crew
        crew.stop()
    await crew.end()
    assert agency.running == []


async def test_one_that_ends_again_and_again_is_started_with_growing_pauses_and_the_others_go_on() -> None:
    agency = Agency()
    async with at_work(agency):
        agency.failing = True
        agency.hired[0].end("was ended by signal 9")
        await agency.until(2 + 5)
        pauses = [later - one for one, later in zip(agency.at[2:], agency.at[3:], strict=False)]
        for pause, least in zip(pauses, [0.04, 0.08, 0.08, 0.08], strict=True):
            assert pause >= least * 0.9
        agency.failing = False
        await agency.until(2 + 6)
        assert [each.place for each in agency.running] == [1, 0]
        assert agency.hired[1].told == 0


async def test_an_exchange_tells_nobody_to_stop_before_the_next_one_answers(caplog: pytest.LogCaptureFixture) -> None:
    agency = Agency()
    async with at_work(agency) as crew:
        agency.failing = True
        crew.exchange()
        await agency.until(4)
        await asyncio.sleep(0)
        assert [each.told for each in agency.hired[:2]] == [0, 0]
        assert [each.place for each in agency.running] == [0, 1]
        agency.failing = False
        crew.exchange()
        await agency.until(6)
        async with timeout(10):
            await asyncio.gather(*(each.gone.wait() for each in agency.hired[:2]))
        assert [each.place for each in agency.running] == [0, 1]
    assert "not every worker was exchanged" in caplog.text


async def test_who_fails_at_the_start_is_told_and_everybody_is_ended() -> None:
    agency = Agency()
    agency.failing = True
    crew = Crew(2, agency.hire)
    assert await crew.begin() == "a worker ended with status 1 before it answered"
    await crew.end()
    assert agency.running == []
