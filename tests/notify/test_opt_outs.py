"""Who has opted out is told nothing, not even what was scheduled before; who opts in again is told what comes next."""

from notify.carrier import Carrier
from notify.conftest import ANNA, Office

MAIL = "anna@example.org"


async def test_what_is_scheduled_already_does_not_go_to_who_has_opted_out_since(
    texting: Office, carrier: Carrier
) -> None:
    carrier.misbehave.append(429)
    await texting.join(phone=ANNA)
    await texting.tell()  # put off
    await texting.opt_outs.refuse("sms", ANNA)
    texting.clock.pass_(min=1)
    await texting.tell()
    assert carrier.texts() == []
    (record,) = await texting.records()
    assert (record.state, record.detail) == ("skipped", "the person has opted out of texts")


async def test_who_opts_in_again_is_told_what_comes_next(texting: Office, carrier: Carrier) -> None:
    await texting.opt_outs.refuse("sms", ANNA)
    await texting.join(phone=ANNA)
    await texting.tell()
    await texting.opt_outs.accept("sms", ANNA)
    await texting.call_next()
    await texting.tell()
    assert [text.partition(", ")[2] for text in carrier.texts(ANNA)] == ["it is your turn. Please go to desk 1."]


async def test_an_opt_out_from_mail_leaves_texts(office: Office) -> None:
    await office.opt_outs.refuse("mail", MAIL, "hilltop")
    await office.join(phone=ANNA, email=MAIL)
    await office.tell()
    told = {record.medium: (record.state, record.detail) for record in await office.records()}
    assert told == {"sms": ("shown", ""), "mail": ("skipped", "the person has opted out of e-mail")}
