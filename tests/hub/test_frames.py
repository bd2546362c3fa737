"""Frames as clients may and may not send them, and as a client reads ours."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from callboard.hub.frames import Broken, Op, Reader, check_close, close_frame, frame

LIMIT = 4096


def sent(op: int, data: bytes = b"", fin: bool = True) -> bytes:
    """As a client sends it."""
    return Frame(Opcode(op), data, fin=fin).serialize(mask=True)


def heard(*pieces: bytes) -> list[tuple[Op, bytes]]:
    reader = Reader(LIMIT)
    found = [each for piece in pieces for each in reader.feed(piece)]
    assert not reader.is_amid
    return found


def refused(*pieces: bytes) -> int:
    with pytest.raises(Broken) as broken:
        heard(*pieces)
    return broken.value.code


@given(st.lists(st.tuples(st.sampled_from([1, 2, 9, 10]), st.text(max_size=30)), max_size=8), st.integers(1, 40))
def test_messages_are_the_same_however_they_are_cut(messages: list[tuple[int, str]], size: int) -> None:
    wire = b"".join(sent(op, text.encode()) for op, text in messages)
    pieces = [wire[at : at + size] for at in range(0, len(wire), size)]
    assert heard(*pieces) == [(op, text.encode()) for op, text in messages]


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    with suppress(Broken):
        list(Reader(LIMIT).feed(data))


def test_fragments_are_joined_and_control_frames_may_come_between_them() -> None:
    wire = sent(1, b"a", fin=False) + sent(9, b"?") + sent(0, b"b", fin=False) + sent(0, b"c")
    assert heard(wire) == [(Op.PING, b"?"), (Op.TEXT, b"abc")]


def test_a_reader_is_amid_something_until_a_message_is_whole() -> None:
    reader = Reader(LIMIT)
    list(reader.feed(sent(1, b"a", fin=False)))
    assert reader.is_amid
    list(reader.feed(sent(0, b"b")[:3]))
    assert reader.is_amid


@pytest.mark.parametrize(
    "wire",
    [
        b"\x81\x01a",  # no mask
        b"\xc1" + sent(1)[1:],  # reserved bits
        b"\xa1" + sent(1)[1:],
        b"\x91" + sent(1)[1:],
        b"\x83" + sent(1)[1:],  # opcodes that mean nothing
        b"\x8b" + sent(1)[1:],
        sent(0, b"x"),  # the rest of nothing
        sent(1, b"a", fin=False) + sent(1, b"b"),  # another before the first is whole
        b"\x09" + sent(9)[1:],  # a control frame in pieces
        b"\x89\xfe\x00\x7e",  # and one that is too long
    ],
    ids=lambda wire: wire[:1].hex(),  # not all of it: masks are drawn anew in every process
)
def test_what_is_no_frame_ends_in_1002(wire: bytes) -> None:
    assert refused(wire) == 1002


def test_a_message_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert heard(sent(1, b"x" * LIMIT)) == [(Op.TEXT, b"x" * LIMIT)]
    assert refused(sent(1, b"x" * (LIMIT + 1))[:8]) == 1009
    assert refused(sent(2, b"x" * LIMIT, fin=False), sent(0, b"x")) == 1009
    assert refused(b"\x82\xff" + b"\xff" * 8) == 1009


def test_text_is_utf_8_across_fragments_and_what_is_not_is_seen_before_the_last() -> None:
    koe = "Kö".encode()
    assert heard(sent(1, koe[:2], fin=False) + sent(0, koe[2:])) == [(Op.TEXT, koe)]
    assert refused(sent(1, b"\xff", fin=False)) == 1007
    assert refused(sent(1, koe[:2])) == 1007
    assert refused(sent(1, b"\xed\xa0\x80")) == 1007  # half a pair of UTF-16
    assert heard(sent(2, b"\xff")) == [(Op.BINARY, b"\xff")]


def test_endless_fragments_of_nothing_end_without_a_word() -> None:
    assert refused(sent(1, fin=False) + sent(0, fin=False) * 5000) == 0


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999])
def test_a_close_may_have_a_code_and_a_text(code: int) -> None:
    check_close(code.to_bytes(2, "big") + "Tschüß".encode())
    check_close(b"")


@pytest.mark.parametrize(
    "payload", [b"\x03", *(code.to_bytes(2, "big") for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000))]
)
def test_a_close_with_no_possible_code_is_refused(payload: bytes) -> None:
    with pytest.raises(Broken, match="1002"):
        check_close(payload)


def test_a_close_whose_text_is_not_utf_8_is_refused() -> None:
    with pytest.raises(Broken, match="1007"):
        check_close(b"\x03\xe8\xff")


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_a_client_reads_what_we_write(size: int) -> None:
    stream = StreamReader()
    stream.feed_data(frame(Op.TEXT, b"x" * size))
    with pytest.raises(StopIteration) as done:
        next(Frame.parse(stream.read_exact, mask=False))
    assert done.value.value == Frame(Opcode.TEXT, b"x" * size)


def test_a_goodbye_is_a_code() -> None:
    assert close_frame(1012) == Frame(Opcode.CLOSE, (1012).to_bytes(2, "big")).serialize(mask=False)
