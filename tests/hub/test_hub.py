"""Mailboxes and the hub: the newest document wins, nobody waits for anybody, and nothing is kept for no one."""

import asyncio

import pytest

from callboard.hub.hub import Closed, Hub, Mailbox
from callboard.hub.protocol import Close, Document, Version
from hub.world import body


def publish(hub: Hub, channel: str, seq: int, at: int = 1, words: str = "", epoch: str = "e1") -> bool:
    version = Version(epoch, seq, at)
    return hub.publish(Document.parted(channel, body(channel, version, words), version))


def seqs(documents: list[Document]) -> list[tuple[str, int]]:
    return [(document.channel, document.version.seq) for document in documents]


async def test_a_mailbox_holds_only_the_newest_document_of_each_channel() -> None:
    hub, mailbox = Hub(), Mailbox()
    hub.join("a", mailbox)
    hub.join("b", mailbox)
    for seq in range(1, 1001):
        publish(hub, "a", seq)
    publish(hub, "b", 7)
    assert seqs(await mailbox.take()) == [("a", 1000), ("b", 7)]


async def test_taking_waits_for_a_document() -> None:
    hub, mailbox = Hub(), Mailbox()
    hub.join("a", mailbox)
    taking = asyncio.create_task(mailbox.take())
    await asyncio.sleep(0)
    assert not taking.done()
    publish(hub, "a", 1)
    assert seqs(await taking) == [("a", 1)]


async def test_a_taker_that_gives_up_has_taken_nothing() -> None:
    mailbox = Mailbox()
    taking = asyncio.create_task(mailbox.take())
    await asyncio.sleep(0)
    mailbox.put(Document("a", b"", b"{}", Version("e1", 1, 1)))
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert seqs(await mailbox.take()) == [("a", 1)]


async def test_whoever_joins_later_gets_the_last_document_at_once() -> None:
    hub, first, second = Hub(), Mailbox(), Mailbox()
    hub.join("a", first)
    publish(hub, "a", 3)
    hub.join("a", second)
    assert seqs(await second.take()) == [("a", 3)]


async def test_an_older_document_is_dropped() -> None:
    hub, mailbox = Hub(), Mailbox()
    hub.join("a", mailbox)
    publish(hub, "a", 5, at=10)
    assert not publish(hub, "a", 4, at=11)
    assert not publish(hub, "a", 5, at=9, words="other")
    assert seqs(await mailbox.take()) == [("a", 5)]


async def test_another_epoch_counts_anew() -> None:
    hub, mailbox = Hub(), Mailbox()
    hub.join("a", mailbox)
    publish(hub, "a", 500)
    publish(hub, "a", 1, epoch="e2")
    [document] = await mailbox.take()
    assert document.version == ("e2", 1, 1)


async def test_a_document_that_differs_only_in_its_moment_disturbs_nobody_but_is_what_newcomers_get() -> None:
    """A newcomer's screen judges by the document's moment whether a call is young enough to be sounded."""
    hub, early, late = Hub(), Mailbox(), Mailbox()
    hub.join("a", early)
    publish(hub, "a", 1, at=100)
    await early.take()
    assert not publish(hub, "a", 1, at=900)
    hub.join("a", late)
    [document] = await late.take()
    assert document.version.at == 900
    assert publish(hub, "a", 1, at=901, words="the wait is shorter now")
    assert seqs(await early.take()) == seqs(await late.take()) == [("a", 1)]


def say(hub: Hub, seq: int, words: str, *, at: int = 1, epoch: str = "e1", someone_came: bool = False) -> bool:
    """A document that tells nothing of the events it is true of."""
    text = f'{{"type":"ticket","seq":{seq},"epoch":"{epoch}","at":{at},"words":"{words}"}}'
    return hub.publish(Document.parted("a", text.encode(), Version(epoch, seq, at)), someone_came=someone_came)


async def test_events_that_a_document_does_not_tell_of_disturb_nobody() -> None:
    hub, mailbox = Hub(), Mailbox()
    hub.join("a", mailbox)
    assert [say(hub, seq, words) for seq, words in enumerate("xxyyyx")] == [True, False, True, False, False, True]
    assert seqs(await mailbox.take()) == [("a", 5)]


async def test_what_was_not_told_is_how_far_newcomers_and_beats_are() -> None:
    """One who comes back with a document from elsewhere takes this one only if it is not the older of the two."""
    hub, mailbox = Hub(), Mailbox()
    hub.join("a", Mailbox())
    say(hub, 3, "x")
    say(hub, 9, "x")
    hub.join("a", mailbox)
    assert seqs(await mailbox.take()) == [("a", 9)]
    assert not say(hub, 8, "y"), "it is older than what was kept"


async def test_whoever_came_is_told_what_is_true_now_even_if_it_says_the_same_as_before() -> None:
    """They may have a newer document than they were given, which says something that is not true any more."""
    hub = Hub()
    hub.join("a", Mailbox())
    say(hub, 7, "x")
    assert not say(hub, 7, "x", at=2, someone_came=True)
    assert say(hub, 10, "x", at=3, someone_came=True)


async def test_the_same_words_of_another_store_are_told() -> None:
    hub = Hub()
    hub.join("a", Mailbox())
    say(hub, 7, "x")
    assert say(hub, 7, "x", epoch="e2")


async def test_a_channel_without_listeners_keeps_nothing() -> None:
    hub, mailbox = Hub(), Mailbox()
    assert not publish(hub, "a", 1)
    hub.join("a", mailbox)
    publish(hub, "a", 2)
    hub.leave("a", mailbox)
    hub.leave("a", mailbox)
    assert hub.newest("a") is None
    assert hub.listeners("a") == 0


async def test_a_closed_mailbox_says_why_and_keeps_the_first_reason() -> None:
    hub, mailbox = Hub(), Mailbox()
    hub.join("a", mailbox)
    publish(hub, "a", 1)
    hub.hang_up("a", Close.UNKNOWN)
    hub.hang_up("nobody", Close.UNKNOWN)
    hub.close()
    with pytest.raises(Closed) as closed:
        await mailbox.take()
    assert closed.value.code is Close.UNKNOWN


async def test_a_closed_hub_ends_those_who_listen_and_those_who_come() -> None:
    hub, here, late = Hub(), Mailbox(), Mailbox()
    hub.join("a", here)
    hub.close()
    hub.join("a", late)
    for mailbox in (here, late):
        with pytest.raises(Closed) as closed:
            await mailbox.take()
        assert closed.value.code is Close.RESTARTING
