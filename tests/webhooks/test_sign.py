"""Signatures: those of the specification's own example, and those that a receiver checks with what it was given."""

import base64
import hashlib
import hmac
import re

import pytest

from callboard.store.redis import Connection
from callboard.store.signing_keys import SigningKey, SigningKeys
from callboard.webhooks.sign import signed
from conftest import Clock
from webhooks.conftest import Office
from webhooks.receiver import Answer, Got


def key(secret: str, id: str = "k1") -> SigningKey:
    return SigningKey(id=id, name="n", organization="hilltop", secret=secret, created_at=0)


def verifies(got: Got, secret: str) -> bool:
    """As the specification tells receivers to."""
    content = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    material = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(material, content, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in got.headers["webhook-signature"].split(" ")


def test_the_example_of_the_specification() -> None:
    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330_000,
        b'{"test": 2432232314}',
        [key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


async def test_each_delivery_is_signed_by_every_key_that_the_watch_names(office: Office) -> None:
    mine = await office.signing.make("one", organization="hilltop")
    theirs = await SigningKeys(office.store.connection, office.clock, lambda n: b"\x07" * n).make(
        "two", organization="hilltop"
    )
    await office.watch(signing_keys=(mine.id, theirs.id))
    await office.join()
    await office.tell()
    (got,) = office.receiver.got
    assert verifies(got, mine.secret) and verifies(got, theirs.secret)
    assert got.headers["webhook-timestamp"] == str(office.clock.now // 1000)
    said = [re.fullmatch(r'keyId="(\w+)",algorithm="hmac-sha256",signature="(.+)"', each) for each in got.signatures]
    assert [each and each[1] for each in said] == [mine.id, theirs.id]
    for each, secret in zip(said, (mine.secret, theirs.secret), strict=True):
        material = base64.b64decode(secret.removeprefix("whsec_"))
        assert each and base64.b64decode(each[2]) == hmac.new(material, got.body, hashlib.sha256).digest()


async def test_a_second_attempt_is_signed_anew_for_its_moment(office: Office) -> None:
    mine = await office.signing.make("one", organization="hilltop")
    await office.watch(signing_keys=(mine.id,))
    office.receiver.answers["/hook"].append(Answer(500))
    await office.join()
    await office.tell()
    await office.tell(ms=10_000)
    first, second = office.receiver.got
    assert verifies(first, mine.secret) and verifies(second, mine.secret)
    assert first.id == second.id and first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


async def test_a_key_that_is_revoked_or_anothers_signs_nothing(office: Office) -> None:
    mine = await office.signing.make("one", organization="hilltop")
    strange = await SigningKeys(office.store.connection, office.clock, lambda n: b"\x07" * n).make(
        "two", organization="valley"
    )
    await office.watch(signing_keys=(mine.id, strange.id, "nonsense"))
    await office.join()
    await office.tell()
    assert await office.signing.revoke(mine.id)
    assert not await office.signing.revoke(mine.id)
    await office.join()
    await office.tell()
    before, after = office.receiver.got
    assert len(before.signatures) == 1 and verifies(before, mine.secret) and not verifies(before, strange.secret)
    assert after.signatures == [] and "webhook-signature" not in after.headers


@pytest.mark.parametrize("size", [0, 1, 100_000])
async def test_whatever_the_body_a_changed_byte_shows(connection: Connection, clock: Clock, size: int) -> None:
    made = await SigningKeys(connection, clock, lambda n: b"\x09" * n).make("one", organization="hilltop")
    body = b"x" * size
    one, other = signed("m", clock.now, body, [made]), signed("m", clock.now, body + b"y", [made])
    assert one["webhook-signature"] != other["webhook-signature"] and one["Signature"] != other["Signature"]
