"""One store server for a run of tests, on a unix socket, ended by its process id."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from callboard.store.binary import candidates, find_binary


@contextmanager
def start_server(directory: Path) -> Iterator[str]:
    """A server that keeps nothing, in `directory`; its address while it runs. Its socket has a short path."""
    with tempfile.TemporaryDirectory(prefix="cb") as short:
        socket = Path(short) / "s"
        argv = [str(find_binary(candidates()).path), "--port", "0", "--unixsocket", str(socket), "--save", ""]
        argv += ["--dir", str(directory), "--loglevel", "warning"]
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _await(socket, process)
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait(10)


def _await(socket: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert process.poll() is None, "the store server ended at once"
        try:
            with redis.Redis(unix_socket_path=str(socket)) as client:
                client.ping()
                return
        except redis.exceptions.ConnectionError:
            time.sleep(0.005)
    raise TimeoutError("the store server does not answer")
