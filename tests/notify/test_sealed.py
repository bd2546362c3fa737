"""What is pushed is read by another implementation as a browser reads it, and by nobody else."""

import os

import http_ece
import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from callboard.notify.sealed import LONGEST, sealed
from callboard.notify.vapid import Vapid, subject
from callboard.p256 import CURVE, is_point, key_of, new_key, point, private_text, public_text, read, written
from callboard.settings import Settings
from callboard.store.push_keys import PushKeys
from callboard.store.redis import Connection
from conftest import Clock

ORIGIN = "https://push.example.org"


def test_the_example_of_the_standard_comes_out_as_it_is_printed() -> None:
    """RFC 8291, appendix A, with its key and its salt for randomness."""
    private, salt = read("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), read("DGv6ra1nlYgDCS1FRnbzlw")
    p256dh = read("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    given = iter([(int.from_bytes(private) - 1).to_bytes(48), salt])
    body = sealed(
        b"When I grow up, I want to be a watermelon", p256dh, read("BTBZMqHH6r4Tts7J_aSIgg"), lambda n: next(given)
    )
    assert written(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("content", [b"", b"x", "تفضل إلى المكتب 3".encode(), b"y" * LONGEST])
def test_another_implementation_reads_it(content: bytes) -> None:
    theirs, auth = ec.generate_private_key(CURVE), os.urandom(16)
    body = sealed(content, point(theirs.public_key()), auth, os.urandom)
    assert len(body) <= 4096
    assert http_ece.decrypt(body, private_key=theirs, auth_secret=auth, version="aes128gcm") == content


def test_who_lacks_the_secret_or_the_key_reads_nothing() -> None:
    theirs, auth = ec.generate_private_key(CURVE), os.urandom(16)
    body = sealed(b"secret", point(theirs.public_key()), auth, os.urandom)
    assert b"secret" not in body
    for key, secret in ((theirs, os.urandom(16)), (ec.generate_private_key(CURVE), auth)):
        with pytest.raises((http_ece.ECEException, InvalidTag)):
            http_ece.decrypt(body, private_key=key, auth_secret=secret, version="aes128gcm")


def test_no_two_messages_share_key_or_salt() -> None:
    theirs, auth = ec.generate_private_key(CURVE), os.urandom(16)
    bodies = {sealed(b"the same", point(theirs.public_key()), auth, os.urandom)[:86] for _ in range(20)}
    assert len(bodies) == 20
    assert len({body[:16] for body in bodies}) == 20
    assert len({body[21:] for body in bodies}) == 20


def test_what_is_too_long_or_for_no_key_is_refused() -> None:
    theirs = point(ec.generate_private_key(CURVE).public_key())
    with pytest.raises(ValueError, match="longer than"):
        sealed(b"x" * (LONGEST + 1), theirs, os.urandom(16), os.urandom)
    with pytest.raises(ValueError, match=r"[Ii]nvalid|curve|key"):
        sealed(b"x", b"\x04" + b"\x01" * 64, os.urandom(16), os.urandom)
    assert is_point(theirs)
    assert not is_point(b"\x04" + b"\x01" * 64)
    assert not is_point(theirs[:64])


def test_a_push_service_can_check_who_we_are(clock: Clock) -> None:
    key = new_key(os.urandom)
    scheme, _, rest = Vapid(private_text(key), "mailto:desk@example.org", clock).authorization(ORIGIN).partition(" ")
    given = dict(part.split("=", 1) for part in rest.split(", "))
    assert scheme == "vapid"
    assert given["k"] == public_text(key)
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, read(given["k"]))
    claims = jwt.decode(given["t"], public, algorithms=["ES256"], audience=ORIGIN, options={"verify_exp": False})
    assert claims["sub"] == "mailto:desk@example.org"
    assert 0 < claims["exp"] * 1000 - clock.now <= 24 * 3_600_000
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(
            given["t"], public, algorithms=["ES256"], audience="https://other.example", options={"verify_exp": False}
        )


def test_a_token_is_used_again_and_renewed_before_it_ends(clock: Clock) -> None:
    vapid = Vapid(private_text(new_key(os.urandom)), "mailto:desk@example.org", clock)
    first = vapid.authorization(ORIGIN)
    clock.pass_(s=10 * 3600)
    assert vapid.authorization(ORIGIN) == first
    assert vapid.authorization("https://other.example") != first
    clock.pass_(s=2 * 3600)
    assert vapid.authorization(ORIGIN) != first


def test_the_key_is_nowhere_to_be_read() -> None:
    private = private_text(new_key(os.urandom))
    vapid = Vapid(private, "mailto:desk@example.org", lambda: 0)
    assert private not in repr(vapid)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"mail_from": "Clinic <desk@example.org>", "public_url": "https://q.example.org"}, "mailto:desk@example.org"),
        ({"public_url": "https://q.example.org"}, "https://q.example.org"),
        ({}, "mailto:callboard@127.0.0.1"),
    ],
)
def test_a_push_service_knows_whom_to_write_to(given: dict[str, str], expected: str) -> None:
    assert subject(Settings(**given)) == expected  # type: ignore[arg-type]


async def test_all_processes_share_one_key(connection: Connection) -> None:
    makers = [PushKeys(connection, lambda: private_text(new_key(os.urandom))) for _ in range(3)]
    first = [await maker.private() for maker in makers]
    assert len(set(first)) == 1
    assert public_text(key_of(first[0]))
