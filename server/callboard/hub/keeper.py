"""What a lean socket needs of whoever keeps it."""

from typing import Protocol, TypeVar

from callboard.hub.connection import Pace
from callboard.hub.protocol import Close

Socket = TypeVar("Socket", contravariant=True)


class Keeper(Protocol[Socket]):
    """Who is told what becomes of a socket. None of it may wait."""

    @property
    def pace(self) -> Pace: ...

    def close(self, code: Close) -> None:
        """End all that it keeps."""

    def blocked(self, socket: Socket) -> None:
        """What was sent is more than the client has read."""

    def freed(self, socket: Socket) -> None:
        """It has read all of that, or nearly, and has another wire; `missed` says whether there was news meanwhile."""

    def ended(self, socket: Socket) -> None:
        """There is nothing more to tell it; the transport is to be cut when it does not end by itself."""

    def hung_up(self, socket: Socket) -> None:
        """It says no more, and its transport is to be closed."""

    def lost(self, socket: Socket) -> None:
        """Its transport is closed."""

    def forget(self, socket: Socket) -> None:
        """The last call, after that."""
