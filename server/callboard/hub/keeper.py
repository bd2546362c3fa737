"""What a lean socket needs of whoever keeps it."""

from typing import TYPE_CHECKING, Protocol

from callboard.hub.connection import Pace
from callboard.hub.protocol import Close

if TYPE_CHECKING:
    from callboard.hub.lean import Lean


class Keeper(Protocol):
    """Who is told what becomes of a socket. None of it may wait."""

    @property
    def pace(self) -> Pace: ...

    def close(self, code: Close) -> None:
        """End all that it keeps."""

    def blocked(self, socket: "Lean") -> None:
        """What was sent is more than the client has read."""

    def freed(self, socket: "Lean") -> None:
        """It has read all of that; `missed` says whether there was news meanwhile."""

    def ended(self, socket: "Lean") -> None:
        """There is nothing more to tell it; the transport is to be cut when it does not end by itself."""

    def hung_up(self, socket: "Lean") -> None:
        """It says no more, and its transport is to be closed."""

    def lost(self, socket: "Lean") -> None:
        """Its transport is closed."""

    def forget(self, socket: "Lean") -> None:
        """The last call, after that."""
