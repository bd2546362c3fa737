"""Where the private store lives: a data directory that one server has to itself, and the socket that leads there."""

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from callboard.store.problem import StoreProblem, cannot_use, full

MIB = 1 << 20
SOCKET = "store.sock"
LONGEST = 100  # of a socket's path, in bytes: 108 on Linux and 104 on macOS, less what a server may append
OWN = "callboard-"


class Place:
    """A data directory and two locks in it: ours, and one that the store server holds for as long as it lives.

    The second outlives us when we are killed, which is how a server left behind is noticed whatever its socket says.
    """

    def __init__(self, directory: Path, *, short: Iterable[Path] | None = None) -> None:
        self.directory = directory.absolute()
        self.socket = self.directory / SOCKET
        self._short = tuple(_short_directories() if short is None else short)
        self._lock: int | None = None

    def take(self, *, room: int) -> None:
        """Makes the directory and locks it; raises StoreProblem when that fails or less than `room` bytes are free."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _lock(self.directory / "lock")
            if self._lock is None:
                raise StoreProblem(
                    f"Another server (process {_pid_in(self.directory / 'lock')}) uses the data directory "
                    f"{self.directory}. Stop it, or give this one a directory of its own."
                )
            self.try_to_write()
        except OSError as error:
            raise cannot_use(self.directory, error) from error
        if self.free() < room:
            raise StoreProblem(full(self.directory))

    def try_to_write(self) -> None:
        """Writes a little, down to the disk, and takes it away again; raises OSError when that does not work."""
        probe = self.directory / ".probe"
        file = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(file, bytes(64 << 10))
            os.fsync(file)
        finally:
            os.close(file)
            probe.unlink()

    def can_write(self) -> bool:
        try:
            self.try_to_write()
        except OSError:
            return False
        return True

    def free(self) -> int:
        """Bytes that may still be written to the disk; a directory that has gone is another trouble than a full one."""
        try:
            return shutil.disk_usage(self.directory).free
        except OSError:
            return sys.maxsize

    def lock_for_server(self) -> int | None:
        """An open file with the server's lock, to be handed to it and closed here; None while another server runs."""
        return _lock(self.directory / "server.lock")

    def server_pid(self) -> str:
        """The process that held the server's lock last."""
        return _pid_in(self.directory / "server.lock")

    def old_socket(self) -> Path | None:
        """Where the server before this one listened, when it did not end in an orderly way."""
        try:
            noted = (self.directory / "socket").read_text().strip()
        except FileNotFoundError:
            return None
        return Path(noted) if noted else None

    def choose_socket(self) -> Path:
        """Decides where to listen and notes it; a path too long for a socket is replaced by one in a new directory."""
        self._forget_socket()
        self.socket = self.directory / SOCKET
        if len(os.fsencode(self.socket)) > LONGEST:
            self.socket = self._make_short() / SOCKET
        (self.directory / "socket").touch(mode=0o600)
        (self.directory / "socket").write_text(f"{self.socket}\n")
        return self.socket

    def sweep(self) -> None:
        """Removes what a server that was killed while it rewrote its file has left; nothing else ever would."""
        for pattern in ("temp-*.aof", "temp-*.rdb", "appendonlydir/temp-*"):
            for file in self.directory.glob(pattern):
                file.unlink(missing_ok=True)

    def give_back(self) -> None:
        """Removes the socket and releases our lock. May be called twice, and when `take` failed."""
        if self._lock is None:
            return
        with contextlib.suppress(OSError):
            self._forget_socket()
        os.close(self._lock)
        self._lock = None

    def _forget_socket(self) -> None:
        socket = self.old_socket()
        if socket is None:
            return
        socket.unlink(missing_ok=True)
        if socket.parent.name.startswith(OWN) and socket.parent != self.directory:
            with contextlib.suppress(OSError):
                socket.parent.rmdir()
        (self.directory / "socket").unlink(missing_ok=True)

    def _make_short(self) -> Path:
        room = LONGEST - len(f"/{OWN}12345678/{SOCKET}")
        for parent in self._short:
            if len(os.fsencode(parent)) <= room and os.access(parent, os.W_OK | os.X_OK):
                return Path(tempfile.mkdtemp(prefix=OWN, dir=parent))  # mode 700
        tried = ", ".join(map(str, self._short))
        raise StoreProblem(
            f"The path {self.socket} is longer than the {LONGEST} bytes that a socket may have, and no writable "
            f"directory with a shorter one was found ({tried}). Use a data directory with a shorter path."
        )


def running_store(directory: Path) -> str | None:
    """The address of the private store of a server that runs on this data directory now; None when none does."""
    try:
        file = os.open(directory / "server.lock", os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        socket = Place(directory).old_socket()
        return f"unix://{socket}" if socket else None
    finally:
        os.close(file)
    return None


def write_pid(file: int, pid: int) -> None:
    """Says who holds a lock, for whoever wants it next. Always in the same bytes: there may be no room for more."""
    with contextlib.suppress(OSError):
        os.pwrite(file, f"{pid:<10}\n".encode(), 0)


def _lock(path: Path) -> int | None:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    except OSError:
        os.close(file)
        raise
    write_pid(file, os.getpid())
    return file


def _pid_in(path: Path) -> str:
    try:
        return path.read_text().strip() or "of unknown number"
    except OSError:
        return "of unknown number"


def _short_directories() -> list[Path]:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return [*([Path(runtime)] if runtime else []), Path(tempfile.gettempdir()), Path("/tmp")]
