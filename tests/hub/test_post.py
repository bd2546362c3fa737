"""What is gathered for many sockets and written at once: each gets its own, in order, whatever becomes of another."""

import socket
from collections.abc import Iterator

import pytest

from callboard.hub.hub import Hub
from callboard.hub.post import Post, Wired
from callboard.hub.protocol import Document, Version
from callboard.hub.wires import SHUT


class Socket:
    """One end of a pair, and what was left to its transport."""

    def __init__(self) -> None:
        ours, self.other = socket.socketpair()
        ours.setblocking(False)
        self.wire: socket.SocketType = ours
        self.other.setblocking(False)
        self.rest: list[bytes] = []
        self.sent: list[bytes] = []

    def send(self, message: bytes) -> None:
        self.sent.append(message)

    def write_rest(self, data: bytes) -> None:
        self.rest.append(data)

    def heard(self) -> bytes:
        try:
            return self.other.recv(1 << 20)
        except BlockingIOError:
            return b""


@pytest.fixture
def sockets() -> Iterator[list[Socket]]:
    made = [Socket() for _ in range(5)]
    yield made
    for each in made:
        each.wire.close()
        each.other.close()


def test_each_gets_its_own_in_order_and_nothing_before(sockets: list[Socket]) -> None:
    post = Post()
    for number, each in enumerate(sockets):
        post.add(each, b"a%d" % number)
        post.add(each, b"b%d" % number)
    assert [each.heard() for each in sockets] == [b""] * 5
    post.send()
    assert [each.heard() for each in sockets] == [b"a%db%d" % (number, number) for number in range(5)]
    post.send()
    assert [each.heard() for each in sockets] == [b""] * 5


def test_who_cannot_be_written_to_sees_to_it_and_nobody_else_is_left_out(sockets: list[Socket]) -> None:
    broken = (sockets[0], sockets[3], sockets[4])
    for each in broken:
        each.wire.close()
        each.wire = SHUT
    post = Post()
    for number, each in enumerate(sockets):
        post.add(each, b"%d" % number)
    post.send()
    assert [each.sent for each in sockets] == [[b"0"], [], [], [b"3"], [b"4"]]
    assert [each.heard() for each in sockets] == [b"", b"1", b"2", b"", b""]
    assert [each.rest for each in sockets] == [[]] * 5


def test_what_finds_no_room_is_left_to_the_transport_without_a_gap(sockets: list[Socket]) -> None:
    full, message = sockets[2], bytes(range(256)) * 4096
    post = Post()
    for each in sockets:
        post.add(each, message if each is full else b"short")
    post.send()
    heard = b""
    while data := full.heard():
        heard += data
    assert 0 < len(heard) < len(message)
    assert heard + b"".join(full.rest) == message
    assert [each.heard() for each in sockets if each is not full] == [b"short"] * 4


class Screen:
    """A listener that leaves what it has to say in the post."""

    count = 1

    def __init__(self, socket: Wired, post: Post, *, breaks: bool = False) -> None:
        self._socket, self._post, self._breaks = socket, post, breaks

    def put(self, document: Document) -> None:
        if self._breaks:
            raise ValueError("this one cannot")
        self._post.add(self._socket, document.content)

    def close(self, code: object) -> None:
        pass


def document(channel: str, words: bytes) -> Document:
    return Document(channel, b"", words, Version("e", 1, 1))


def test_all_who_are_told_have_it_when_the_hub_has_told_all(sockets: list[Socket]) -> None:
    hub = Hub()
    for name, each in zip("abc", sockets, strict=False):
        hub.join(name, Screen(each, hub.post))
    hub.publish_all([document("a", b"1"), document("b", b"2")])
    hub.publish(document("c", b"3"))
    assert [each.heard() for each in sockets] == [b"1", b"2", b"3", b"", b""]
    hub.join("b", Screen(sockets[3], hub.post))
    assert sockets[3].heard() == b"2", "who joins has it at once"


def test_one_who_cannot_be_told_keeps_nobody_before_it_from_what_it_was_told(sockets: list[Socket]) -> None:
    hub = Hub()
    hub.join("a", Screen(sockets[0], hub.post))
    hub.join("b", Screen(sockets[1], hub.post, breaks=True))
    with pytest.raises(ValueError, match="cannot"):
        hub.publish_all([document("a", b"1"), document("b", b"2")])
    assert sockets[0].heard() == b"1"
