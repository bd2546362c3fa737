"""E-mail against a real mail server on loopback."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from callboard.assets import TEMPLATES
from callboard.delivery.model import Answer, Delivery, Later, Never, Sent, Unknown
from callboard.notify.mail import Mail, composed
from callboard.notify.mail import MailServer as Account
from callboard.notify.render import Message, Renderer
from conftest import START, Clock
from notify.mailserver import MailServer, certificates
from notify.test_render import given

TO = "anna@example.org"


def delivery(kind: str = "your_turn", call: str = ":7") -> Delivery:
    id = f"{kind}:0000-t1:mail{call}"
    return Delivery(id=id, kind=kind, lane="mail", location="main", ticket="0000-t1", at=START, until=START + 300_000)


def message(language: str = "en") -> Message:
    return Renderer([TEMPLATES]).mail("your_turn", language, given(name="Anna <b>"))


def account(port: int, **more: Any) -> Account:
    return Account(**{"host": "127.0.0.1", "port": port, "sender": "desk@hilltop.example", "tls": "none", **more})


@pytest.fixture
async def mail(server: MailServer, clock: Clock) -> AsyncIterator[Mail]:
    mail = Mail(account(server.port), clock, timeout_s=2)
    yield mail
    await mail.close()


async def send(mail: Mail, to: str = TO, language: str = "en", written: Message | None = None) -> Answer:
    async def mark(what: str) -> None:
        return

    return await mail.send(to, written or message(language), delivery(), mark)


async def test_a_mail_says_who_what_and_that_a_machine_wrote_it(mail: Mail, server: MailServer) -> None:
    assert await send(mail) == Sent()
    got = server.accepted[0]
    assert got["Subject"] == "A017: your turn, desk 3"
    assert got["From"] == "Hilltop Clinic <desk@hilltop.example>"
    assert got["To"] == TO
    assert got["Message-ID"] == "<your_turn.0000-t1.mail.7@hilltop.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Date"].datetime.timestamp() * 1000 == START
    assert got["Content-Language"] == "en"


async def test_a_mail_has_plain_text_first_and_html_that_escapes(mail: Mail, server: MailServer) -> None:
    await send(mail)
    plain, html = server.accepted[0].iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "Hello Anna <b>," in plain.get_content()
    assert "Hello Anna &lt;b&gt;" in html.get_content()
    assert "<b>" not in html.get_content()


async def test_arabic_arrives_as_it_was_written(mail: Mail, server: MailServer) -> None:
    await send(mail, language="ar")
    got = server.accepted[0]
    assert got["Subject"] == "A017: حان دورك، المكتب 3"
    plain, html = got.iter_parts()
    assert "حان دورك" in plain.get_content()
    assert 'dir="rtl"' in html.get_content()


def test_all_mails_of_a_ticket_make_one_thread() -> None:
    begun = replace(message(), first=delivery("taken", "").id)
    first = composed(begun, TO, delivery("taken", ""), account(25), START)
    later = composed(begun, TO, delivery(), account(25), START)
    assert first["References"] is first["In-Reply-To"] is None
    assert later["References"] == later["In-Reply-To"] == first["Message-ID"]


@pytest.mark.parametrize(("scheme", "one_click"), [("https", "List-Unsubscribe=One-Click"), ("http", None)])
async def test_a_mail_names_the_address_that_stops_it(
    mail: Mail, server: MailServer, scheme: str, one_click: str | None
) -> None:
    stop = f"{scheme}://queue.example.org/stop/mail/0000-t1/{'a' * 32}"
    written = Renderer([TEMPLATES]).mail("your_turn", "en", given(stop=stop))
    assert await send(mail, written=written) == Sent()
    got = server.accepted[0]
    assert (got["List-Unsubscribe"], got["List-Unsubscribe-Post"]) == (f"<{stop}>", one_click)
    plain, html = got.iter_parts()
    assert f"\nNo more e-mail like this: {stop}\n" in plain.get_content().replace("\r", "")
    assert f'<a href="{stop}"' in html.get_content()


async def test_long_ids_and_addresses_arrive_whole(mail: Mail, server: MailServer) -> None:
    first = f"taken:{'0' * 36}:mail"
    stop = f"https://{'a' * 60}.example.org/stop/mail/{'0' * 36}/{'a' * 32}"
    await send(mail, written=replace(message(), first=first, stop=stop))
    got = server.accepted[0]
    assert got["References"] == f"<taken.{'0' * 36}.mail@hilltop.example>"
    assert got["List-Unsubscribe"] == f"<{stop}>"


def test_a_mail_that_nobody_can_stop_names_no_such_address() -> None:
    mail = composed(message(), TO, delivery(), account(25), START)
    assert mail["List-Unsubscribe"] is mail["List-Unsubscribe-Post"] is None


def test_a_sender_with_a_name_keeps_it() -> None:
    mail = composed(message(), TO, delivery(), account(25, sender="Front desk <desk@hilltop.example>"), START)
    assert mail["From"] == "Front desk <desk@hilltop.example>"


async def test_an_address_that_mail_servers_do_not_know_is_never_tried_again(mail: Mail, server: MailServer) -> None:
    assert isinstance(await send(mail, "änna@example.org"), Never)
    assert await send(mail) == Sent()


@pytest.mark.parametrize("code", ["421", "450", "451", "452"])
async def test_4xx_is_later(mail: Mail, server: MailServer, code: str) -> None:
    server.recipients.append(f"{code} not now")
    assert isinstance(await send(mail), Later)
    assert server.accepted == []


@pytest.mark.parametrize("code", ["550", "552", "553", "554"])
async def test_5xx_is_never(mail: Mail, server: MailServer, code: str) -> None:
    server.recipients.append(f"{code} no such user")
    assert isinstance(await send(mail), Never)


async def test_a_mail_refused_for_what_it_says_is_told_apart_by_its_code(mail: Mail, server: MailServer) -> None:
    server.contents.extend(["451 greylisted", "554 spam"])
    assert await send(mail) == Later("the mail server puts the mail off (451)", after_ms=10_000)
    assert await send(mail, "eva@example.net") == Never("the mail server refuses the mail (554)")


async def test_a_domain_that_puts_mail_off_is_left_alone_for_longer_each_time_and_holds_up_nobody(
    mail: Mail, server: MailServer, clock: Clock
) -> None:
    rests = []
    for _ in range(3):
        server.recipients.append("451 come back later")
        answer = await send(mail)
        assert isinstance(answer, Later) and answer.after_ms is not None
        rests.append(answer.after_ms)
        clock.pass_(ms=1)
        assert await send(mail, "bo@EXAMPLE.org") == Later(
            "mail to that domain is being put off", after_ms=rests[-1] - 1
        )
        assert await send(mail, "eva@example.net") == Sent()
        clock.pass_(ms=rests[-1])
    assert rests == [10_000, 20_000, 40_000]
    assert [got["To"] for got in server.accepted] == ["eva@example.net"] * 3
    assert await send(mail) == Sent()
    server.recipients.append("451 come back later")
    assert await send(mail) == Later("the mail server puts the address off (451)", after_ms=10_000)


async def test_a_domain_over_which_the_server_falls_silent_holds_up_others_once(
    server: MailServer, clock: Clock
) -> None:
    mail = Mail(account(server.port), clock, timeout_s=0.1)
    server.recipients.append("hang")
    assert await send(mail) == Unknown("the mail server's answer did not come in time", busy=True)
    assert await send(mail) == Later("mail to that domain is being put off", after_ms=10_000)
    assert await send(mail, "eva@example.net") == Sent()
    clock.pass_(s=10)
    assert await send(mail) == Sent()
    await mail.close()


async def test_a_lost_answer_is_unknown_and_the_copy_is_known_as_one(mail: Mail, server: MailServer) -> None:
    server.contents.append("lose")
    assert isinstance(await send(mail), Unknown)
    assert await send(mail) == Sent()
    first, second = server.accepted
    assert first["Message-ID"] == second["Message-ID"]


async def test_one_connection_serves_many_mails(mail: Mail, server: MailServer) -> None:
    answers = await asyncio.gather(*(send(mail) for _ in range(10)))
    assert answers == [Sent()] * 10
    assert server.sessions == 1


async def test_a_refused_mail_does_not_spoil_the_next_on_the_connection(mail: Mail, server: MailServer) -> None:
    server.recipients.append("550 no such user")
    await send(mail)
    assert await send(mail) == Sent()
    assert server.sessions == 1


async def test_a_server_that_hung_up_meanwhile_is_called_again(mail: Mail, server: MailServer) -> None:
    await send(mail)
    server.hang_up()
    assert await send(mail) == Sent()
    assert server.sessions == 2


async def test_a_server_that_is_away_has_taken_nothing(clock: Clock) -> None:
    async with MailServer().serve() as gone:
        port = gone.port
    answer = await send(Mail(account(port), clock))
    assert isinstance(answer, Later)
    assert answer.busy


async def test_nobody_writes_and_the_connection_closes(server: MailServer, clock: Clock) -> None:
    mail = Mail(account(server.port), clock, idle_s=0.05)
    await send(mail)
    async with asyncio.timeout(5):
        await server.left.wait()
    assert await send(mail) == Sent()
    await mail.close()


@pytest.mark.parametrize("mode", ["starttls", "tls"])
async def test_the_way_there_is_encrypted_and_signed_in(clock: Clock, mode: str) -> None:
    theirs, ours = certificates()
    server = MailServer()
    async with server.serve(tls=theirs, implicit=mode == "tls"):
        mail = Mail(account(server.port, tls=mode, user="desk", password="right"), clock, tls=ours)
        assert await send(mail) == Sent()
        await mail.close()
    assert server.sign_ins == [b"desk"]
    assert len(server.accepted) == 1


async def test_a_server_without_encryption_is_not_trusted_with_a_mail(server: MailServer, clock: Clock) -> None:
    answer = await send(Mail(account(server.port, tls="starttls"), clock))
    assert isinstance(answer, Later)
    assert server.accepted == []


async def test_a_strangers_certificate_is_refused(clock: Clock) -> None:
    theirs, _ = certificates()
    async with MailServer().serve(tls=theirs) as server:
        assert isinstance(await send(Mail(account(server.port, tls="starttls"), clock)), Later)
        assert server.accepted == []


async def test_a_wrong_password_is_retried_because_somebody_may_put_it_right(clock: Clock) -> None:
    theirs, ours = certificates()
    async with MailServer().serve(tls=theirs) as server:
        wrong = account(server.port, tls="starttls", user="desk", password="wrong")
        assert await send(Mail(wrong, clock, tls=ours)) == Later("the mail server refuses our sign-in", busy=True)


async def test_no_address_or_secret_reaches_the_log(
    mail: Mail, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.recipients.append("550 no such user")
    await send(mail)
    assert TO not in "".join(r.getMessage() for r in caplog.records if not r.name.startswith("mail."))
    assert "hush" not in repr(account(25, password="hush"))
