"""A new password by mail: the secret is in the mail and nowhere else."""

import logging
import re
from email.message import EmailMessage

import pytest

from callboard.assets import TEMPLATES
from callboard.domain.customer import Customer
from callboard.notify.render import Renderer
from callboard.notify.reset import ResetRequests
from callboard.store.reads import Reads
from conftest import Clock
from house import PASSWORD, everything
from notify.conftest import Office
from notify.mailserver import MailServer

SECRET = re.compile(r"^([A-Za-z0-9_-]{43})\r?$", re.M)
ANOTHER = "another password"


def requests(office: Office, reads: Reads, clock: Clock) -> ResetRequests:
    return ResetRequests(reads, office.customers, office.outbox, clock)


async def ada(office: Office, **fields: str) -> Customer:
    given = {"username": "ada", "password": PASSWORD, "email": "ada@example.org", "first_name": "Ada"}
    return await office.customers.put("hilltop", **(given | fields))


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def secret_in(mail: EmailMessage) -> str:
    (secret,) = SECRET.findall(body(mail))
    assert secret in body(mail, "html")
    return str(secret)


async def test_who_asks_gets_a_mail_with_a_secret_that_sets_one_password(
    mailing: Office, server: MailServer, reads: Reads, clock: Clock
) -> None:
    await ada(mailing)
    await requests(mailing, reads, clock)("hilltop", "ADA@example.org")
    await mailing.tell()
    (mail,) = server.accepted
    assert (mail["To"], mail["Subject"]) == ("ada@example.org", "Hilltop: a new password")
    assert mail["In-Reply-To"] is None
    assert "Hello Ada," in body(mail)
    assert await mailing.customers.use_reset("hilltop", secret_in(mail), ANOTHER)
    assert await mailing.customers.sign_in("hilltop", "ada", ANOTHER)
    assert await mailing.customers.use_reset("hilltop", secret_in(mail), PASSWORD) is None


@pytest.mark.parametrize("organization", ["hilltop", "elsewhere"])
async def test_for_an_address_that_nobody_signs_in_with_nothing_is_sent(
    mailing: Office, server: MailServer, reads: Reads, clock: Clock, organization: str
) -> None:
    await mailing.customers.put("hilltop", email="bo@example.org")
    await ada(mailing)
    ask = requests(mailing, reads, clock)
    for email in ("bo@example.org", "nobody@example.org", "") if organization == "hilltop" else ("ada@example.org",):
        await ask(organization, email)
    await mailing.tell()
    assert server.accepted == [] and await mailing.records() == []


async def test_the_secret_is_in_no_list_no_log_and_not_in_the_store(
    mailing: Office, server: MailServer, reads: Reads, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.contents.append("451 later")
    await ada(mailing)
    await requests(mailing, reads, clock)("hilltop", "ada@example.org")
    kept = await everything(mailing.store.connection)
    await mailing.tell()
    kept += await everything(mailing.store.connection)  # while it waits for its second attempt
    clock.pass_(s=10)
    await mailing.tell()
    kept += await everything(mailing.store.connection)
    (record,) = await mailing.records()
    assert (record.kind, record.state, record.text, record.recipient) == ("password_reset", "sent", "", "")
    secret = secret_in(server.accepted[-1])
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("callboard")]
    assert ours and secret not in kept
    assert not [line for line in ours if secret in line or "ada@" in line]


async def test_an_answer_that_was_lost_leaves_both_mails_good(
    mailing: Office, server: MailServer, reads: Reads, clock: Clock
) -> None:
    server.contents.append("lose")
    await ada(mailing)
    await requests(mailing, reads, clock)("hilltop", "ada@example.org")
    await mailing.tell()
    clock.pass_(s=10)
    await mailing.tell()
    one, two = server.accepted
    assert one["Message-ID"] == two["Message-ID"]
    assert await mailing.customers.use_reset("hilltop", secret_in(one), ANOTHER)
    assert await mailing.customers.use_reset("hilltop", secret_in(two), PASSWORD) is None


async def test_however_often_somebody_asks_one_mail_goes_out_in_two_minutes(
    mailing: Office, server: MailServer, reads: Reads, clock: Clock
) -> None:
    await ada(mailing)
    ask = requests(mailing, reads, clock)
    for _ in range(5):
        await ask("hilltop", "ada@example.org")
        clock.pass_(s=20)
    await mailing.tell()
    assert len(server.accepted) == 1
    clock.pass_(s=20)
    await ask("hilltop", "ada@example.org")
    await mailing.tell()
    assert len(server.accepted) == 2


async def test_who_is_erased_or_shut_out_meanwhile_gets_nothing(
    mailing: Office, server: MailServer, reads: Reads, clock: Clock
) -> None:
    gone, out = await ada(mailing), await ada(mailing, username="bo", email="bo@example.org")
    for email in ("ada@example.org", "bo@example.org"):
        await requests(mailing, reads, clock)("hilltop", email)
    await mailing.customers.erase("hilltop", gone.id)
    await mailing.customers.put("hilltop", out.id, active=False)
    await mailing.tell()
    assert server.accepted == []
    assert {record.state for record in await mailing.records()} == {"skipped"}


async def test_without_a_mail_server_staff_read_why_and_not_what(office: Office, reads: Reads, clock: Clock) -> None:
    await ada(office)
    await requests(office, reads, clock)("hilltop", "ada@example.org")
    await office.tell()
    (record,) = await office.records()
    assert (record.state, record.text) == ("failed", "")
    assert "no mail server" in record.detail


@pytest.mark.parametrize(
    ("locale", "subject"), [("sv", "Hilltop: nytt"), ("ar", "Hilltop: كلمة مرور"), ("fi", "Hilltop: a new")]
)
async def test_the_mail_is_in_the_customers_language(
    mailing: Office, server: MailServer, reads: Reads, clock: Clock, locale: str, subject: str
) -> None:
    await ada(mailing, locale=locale)
    await requests(mailing, reads, clock)("hilltop", "ada@example.org")
    await mailing.tell()
    (mail,) = server.accepted
    assert mail["Subject"].startswith(subject)
    assert ('dir="rtl"' in body(mail, "html")) == (locale == "ar")


@pytest.mark.parametrize("language", ["en", "sv", "ar", "de", "fr", "es", "pt", "pl"])
def test_the_mail_names_no_ticket_and_what_people_type_stays_text(language: str) -> None:
    nasty = "<b>\"Ada\" & 'Co'</b>"
    values = {"venue": nasty, "name": nasty, "secret": "s" * 43, "label": "", "link": ""}
    mail = Renderer([TEMPLATES]).mail("password_reset", language, values)
    assert "<b>" not in mail.html and "href" not in mail.html and "bdi></bdi" not in mail.html
    assert mail.text.count("\n\n\n") == 0 and "\n" + "s" * 43 + "\n" in mail.text


async def test_a_name_that_might_lead_somewhere_is_not_greeted(
    mailing: Office, server: MailServer, reads: Reads, clock: Clock
) -> None:
    await ada(mailing, first_name="evil.example/win")
    await requests(mailing, reads, clock)("hilltop", "ada@example.org")
    await mailing.tell()
    assert "evil.example" not in body(server.accepted[0])
