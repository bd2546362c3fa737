"""Texts that are not sent because they would cost too much; what else a person is told goes on."""

import asyncio

import pytest

from callboard.domain.spending import Texting
from notify.carrier import Carrier
from notify.conftest import ANNA, Office

MAIL = "anna@example.org"


async def test_pumping_into_one_range_ends_at_the_limit_and_staff_see_why(texting: Office, carrier: Carrier) -> None:
    for n in range(60):
        await texting.join(phone=f"+4670174{n:04}")
    await texting.tell()
    assert len(carrier.texts()) == 20
    withheld = [record for record in await texting.records() if record.state == "failed"]
    assert len(withheld) == 40
    assert {record.detail for record in withheld} == {"too many new numbers of this range in the last hour"}


async def test_who_was_texted_before_the_pumping_hears_their_turn(texting: Office, carrier: Carrier) -> None:
    await texting.join(phone=ANNA)
    await texting.tell()
    for n in range(1000, 1030):
        await texting.join(phone=f"+4670174{n}")
    await texting.tell()
    await texting.call_next()
    await texting.tell()
    assert len(carrier.texts(ANNA)) == 2


async def test_a_number_of_another_country_is_not_texted_and_the_mail_goes(texting: Office, carrier: Carrier) -> None:
    ticket = await texting.join(phone="+4740123456", email=MAIL)
    await texting.tell()
    assert carrier.texts() == []
    told = {record.medium: (record.state, record.detail) for record in await texting.records()}
    assert told == {"sms": ("failed", "numbers of that country are not texted"), "mail": ("shown", "")}
    texting.change_site(texting=Texting(countries=("SE", "NO")))
    await texting.call_next()
    await texting.tell()
    assert ("your_turn", "sent") in await texting.told(ticket)
    assert len(carrier.texts("+4740123456")) == 1


async def test_the_day_of_a_location_is_counted_over_all_its_numbers(texting: Office, carrier: Carrier) -> None:
    texting.change_site(texting=Texting(per_day=3))
    for n in range(5):
        await texting.join(phone=f"+4670{n}740605")
    await texting.tell()
    assert len(carrier.texts()) == 3


async def test_what_is_withheld_is_in_the_log_without_the_number(
    texting: Office, carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    texting.change_site(texting=Texting(per_number=1))
    await texting.join(phone=ANNA)
    await texting.join(phone=ANNA)
    await texting.tell()
    (line,) = [record.getMessage() for record in caplog.records if "withheld" in record.getMessage()]
    assert line.endswith("withheld=number") and "174" not in line.partition("withheld")[2]
    assert ANNA not in caplog.text and len(carrier.texts()) == 1


@pytest.mark.proof
@pytest.mark.timeout(600)
async def test_ten_thousand_who_are_pumped_in_get_no_text_more_than_may_be(texting: Office, carrier: Carrier) -> None:
    """Four workers share the work, and the numbers of one range come back again and again."""
    texting.change_site(texting=Texting(per_number=4, per_prefix=20, per_day=10_000))
    for start in range(0, 10_000, 100):
        await asyncio.gather(*(texting.join(phone=f"+4670174{n:04}") for n in range(start, start + 100)))
    workers = [texting.another(f"w{n}") for n in range(4)]
    await asyncio.gather(*(worker.run(until_idle=True) for worker in workers))
    print(f"of 10,000 texts {len(carrier.accepted)} were sent")
    assert len(carrier.accepted) == 20
