"""What can be wrong with the private store, as sentences for the operator."""

import errno
import re
from collections.abc import Sequence
from pathlib import Path

NO_ROOM = re.compile(r"No space left on device|Short write while writing|quota exceeded", re.IGNORECASE)
NOT_ALLOWED = re.compile(r"Permission denied|Read-only file system|Operation not permitted")
TOO_NEW = re.compile(r"Can't handle RDB format version (\d+)")
UNREADABLE = re.compile(r"Bad file format reading|Wrong signature trying to load|AOF loading aborted|Unable to obtain")
PREFIX = re.compile(r"^\d+:\S+ .{1,40}?\d\d:\d\d:\d\d\.\d{3} ([*#.-]) ")
USUAL = re.compile(r"Memory overcommit must be enabled")  # said at every start on most machines


class StoreProblem(Exception):
    """The store cannot run. The message is for the operator: what is wrong, where, and what to do about it."""


def full(directory: Path, *, running: bool = False) -> str:
    """The sentence for a disk without room."""
    return f"The disk that holds {directory} is full: nothing can be changed until there is room. " + (
        "What is stored is safe and can still be read; work goes on by itself once space is freed."
        if running
        else "What is stored is safe. Free some space, then start again."
    )


def cannot_use(directory: Path, error: OSError) -> StoreProblem:
    """The data directory refused something that the store needs."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return StoreProblem(full(directory))
        case errno.EEXIST | errno.ENOTDIR:
            return StoreProblem(f"The data directory {directory} cannot be made: there is a file in its place.")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return StoreProblem(
                f"The data directory {directory} is not writable ({error.strerror}). "
                "Give it to the user that runs the server, or choose another one."
            )
        case _:
            return StoreProblem(f"The data directory {directory} cannot be used: {error.strerror or error}.")


def no_room(lines: Sequence[str]) -> bool:
    """Whether a server's last words say that the disk is full."""
    return any(NO_ROOM.search(line) for line in lines)


def last_words(lines: Sequence[str], *, server: str, directory: Path, status: str) -> str:
    """Why a server ended, from what it wrote: a known cause in our words, else its own last lines."""
    said = [line for line in map(_warning, lines) if line]
    if no_room(said):
        return full(directory, running=True)
    if any(TOO_NEW.search(line) for line in said):
        return (
            f"The data in {directory} was written by a newer server than {server}. "
            "Nothing was changed. Install the version that was used before, or a later one."
        )
    if any(UNREADABLE.search(line) for line in said):
        return (
            f"The data in {directory} cannot be read by {server}: it is damaged, or of another kind of server. "
            f"Nothing was changed. Restore a backup, or repair a copy.{_end(said)}"
        )
    if any(NOT_ALLOWED.search(line) for line in said):
        return f"The store server may not use {directory}: every file in it must belong to our user.{_end(said)}"
    return f"The store server ({server}) {status}.{_end(said)}"


def _warning(line: str) -> str:
    """The line without its stamp; empty when it is only a notice. What comes before logging starts has no stamp."""
    match = PREFIX.match(line)
    if (match and match.group(1) != "#") or USUAL.search(line):
        return ""
    return PREFIX.sub("", line)


def _end(said: Sequence[str]) -> str:
    return f" It said: {' / '.join(said[-5:])}" if said else ""
