"""A set for many members, and for the many places where most have one: that one costs no table."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Few(Generic[T]):
    """In the order in which members were added. It may not be changed while it is gone through."""

    __slots__ = ("_members",)

    def __init__(self) -> None:
        self._members: T | dict[T, None] | None = None  # no member is None or a dict

    def add(self, member: T) -> None:
        if self._members is None:
            self._members = member
        elif isinstance(self._members, dict):
            self._members[member] = None
        elif self._members != member:
            self._members = {self._members: None, member: None}

    def discard(self, member: T) -> None:
        if isinstance(self._members, dict):
            self._members.pop(member, None)
        elif self._members == member:
            self._members = None

    def __contains__(self, member: T) -> bool:
        return member in self._members if isinstance(self._members, dict) else self._members == member

    def __iter__(self) -> Iterator[T]:
        members = self._members
        return iter(members if isinstance(members, dict) else () if members is None else (members,))

    def all(self) -> tuple[T, ...]:
        """As they are now."""
        members = self._members
        return tuple(members) if isinstance(members, dict) else () if members is None else (members,)

    def __len__(self) -> int:
        if isinstance(self._members, dict):
            return len(self._members)
        return int(self._members is not None)
