"""The owner hears by mail of a webhook that is told no more, once, and of its address no more than the host."""

from callboard.notify.owner import DISABLED, Ended, OwnerRequests
from callboard.store.reads import Reads
from conftest import Clock
from notify.conftest import OWNER, Office
from notify.mailserver import MailServer

ENDED = Ended(webhook="abc", host="example.org", why="answered 500: it has failed for five days and is told no more")


async def test_the_owner_is_written_to_once_however_often_it_is_asked(
    mailing: Office, server: MailServer, reads: Reads, clock: Clock
) -> None:
    ask = OwnerRequests(reads, mailing.outbox, OWNER, clock)
    for _ in range(2):
        await ask("hilltop", ENDED, since=7)
        await mailing.tell()
    (mail,) = server.accepted
    assert (mail["To"], mail["Subject"]) == (OWNER, "Callboard: a webhook to example.org is told no more")
    text = mail.get_body(("plain",))
    assert text is not None
    assert "failed for five days" in text.get_content() and '"webhook": "abc"' in text.get_content()
    assert await mailing.told() == [(DISABLED, "sent")]
    await ask("hilltop", ENDED, since=8)  # enabled meanwhile, and failed anew
    await mailing.tell()
    assert len(server.accepted) == 2


async def test_without_an_address_or_for_nobodys_organization_nothing_is_sent(
    mailing: Office, server: MailServer, reads: Reads, clock: Clock
) -> None:
    await OwnerRequests(reads, mailing.outbox, "", clock)("hilltop", ENDED, since=7)
    await OwnerRequests(reads, mailing.outbox, OWNER, clock)("nobody", ENDED, since=7)
    await mailing.tell()
    assert server.accepted == [] and await mailing.records() == []
