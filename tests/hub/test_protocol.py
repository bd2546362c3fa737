"""How documents and beats are compared and written."""

import json

from callboard.hub.protocol import Document, Version, beat_body
from callboard.hub.sse import beat_event, event
from callboard.hub.ways import SOCKET
from hub.world import body

VERSION = Version("e1", 7, 1234)
DOCUMENT = Document.parted("board:hall", body("board:hall", VERSION, "Café"), VERSION)


def test_a_frame_is_the_document() -> None:
    assert SOCKET.document(DOCUMENT).endswith(DOCUMENT.body)


def test_a_beat_tells_how_far_the_document_is_and_when_the_store_was_seen() -> None:
    assert json.loads(beat_body(VERSION)) == {"type": "beat", "seq": 7, "epoch": "e1", "at": 1234}


def test_an_event_carries_the_same_document_with_its_place() -> None:
    lines = event(DOCUMENT).split(b"\n")
    assert lines == [b"event: document", b"id: e1.7", b"data: " + DOCUMENT.body, b"", b""]
    assert beat_event(VERSION).split(b"\n") == [b"event: beat", b"data: " + beat_body(VERSION), b"", b""]


def test_the_tag_is_of_what_is_said_not_of_when() -> None:
    def tag(at: int, words: str = "") -> str:
        version = Version("e1", 7, at)
        return Document.parted("c", body("c", version, words), version).etag

    assert tag(9999) == tag(1234)
    assert tag(9999, "other") != tag(1234)


def test_a_document_in_two_parts_is_the_whole_one() -> None:
    whole = body("board:hall", VERSION, "Café")
    assert DOCUMENT.body == whole == DOCUMENT.head + DOCUMENT.content
    assert DOCUMENT.head == b'{"type":"board","seq":7,"epoch":"e1","at":1234'
    bare = Document.parted("c", b"{}", VERSION)
    assert bare.body == bare.content == b"{}"


def test_only_the_documents_own_moment_is_left_out_of_the_comparison() -> None:
    """A board's calls have an `at` too, and one that is recalled differs in nothing else."""
    recalled = DOCUMENT.body.replace(b'{"at":5}', b'{"at":6}')
    assert Document.parted("board:hall", recalled, VERSION).says_more_than(DOCUMENT)
