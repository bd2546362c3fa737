"""How documents and beats are compared and written."""

import json

from callboard.hub.protocol import Document, Version, beat_body
from callboard.hub.sse import beat_event, event
from callboard.hub.ways import SOCKET
from hub.world import body

VERSION = Version("e1", 7, 1234)
DOCUMENT = Document("board:hall", body("board:hall", VERSION, "Café"), VERSION)


def test_a_frame_is_the_document() -> None:
    assert SOCKET.document(DOCUMENT).endswith(DOCUMENT.body)


def test_a_beat_tells_how_far_the_document_is_and_when_the_store_was_seen() -> None:
    assert json.loads(beat_body(VERSION)) == {"type": "beat", "seq": 7, "epoch": "e1", "at": 1234}


def test_an_event_carries_the_same_document_with_its_place() -> None:
    lines = event(DOCUMENT).split(b"\n")
    assert lines == [b"event: document", b"id: e1.7", b"data: " + DOCUMENT.body, b"", b""]
    assert beat_event(VERSION).split(b"\n") == [b"event: beat", b"data: " + beat_body(VERSION), b"", b""]


def test_the_tag_is_of_what_is_said_not_of_when() -> None:
    later = Version("e1", 7, 9999)
    assert Document("c", body("c", later), later).etag == Document("c", body("c", VERSION), VERSION).etag
    assert Document("c", body("c", later, "other"), later).etag != Document("c", body("c", VERSION), VERSION).etag


def test_only_the_documents_own_moment_is_left_out_of_the_comparison() -> None:
    """A board's calls have an `at` too, and one that is recalled differs in nothing else."""
    recalled = DOCUMENT.body.replace(b'{"at":5}', b'{"at":6}')
    assert Document("board:hall", recalled, VERSION).says_more_than(DOCUMENT)
