"""Thousands of connections find room, and none of them waits for it to be made."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="told by /proc")

ASK = """
import resource
from pathlib import Path
from callboard.descriptors import make_room

def table():
    return int(Path("/proc/self/status").read_text().partition("FDSize:")[2].split()[0])

most = min(2000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (most // 2, most))
before = table()
make_room()
print(most, resource.getrlimit(resource.RLIMIT_NOFILE)[0], before, table(), len(list(Path("/proc/self/fd").iterdir())))
"""


def test_a_server_may_open_as_much_as_the_system_allows_and_the_table_is_made_at_start() -> None:
    told = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout
    most, may, before, after, open_files = map(int, told.split())
    assert may == most
    assert before < most <= after
    assert open_files < 10
