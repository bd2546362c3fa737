"""A password that was forgotten, or is guessed."""

from conftest import Clock
from facades.bloom.letters import Letters
from facades.bloom.world import Bloom, wrong

SECRET = "aksjdhf879234"
NEW = "another password"


async def test_a_forgotten_password_is_replaced_once_and_ends_what_was_open(bloom: Bloom, letters: Letters) -> None:
    await bloom.sign_up(email="andre@example.org")
    assert await bloom.get("customer/resetpassword", email="andre@example.org") == {"success": True}
    ((to, _, text),) = await letters.all()  # though it was asked for twice, in JSON and XML
    assert to == "andre@example.org" and "André" in text
    given = {"vt": True, "password": NEW, "repeat_password": NEW, "token": await letters.secret()}
    assert wrong(await bloom.post("customer/newpassword", given | {"repeat_password": "another one"})) == 5
    assert (
        wrong(await bloom.post("customer/newpassword", given | {"password": "short", "repeat_password": "short"})) == 5
    )
    opened = await bloom.post("customer/newpassword", given)
    assert wrong(await bloom.post("customer/details", status=401)) == 100
    assert wrong(await bloom.post("customer/newpassword", given)) == 101
    bloom.token = opened["vt_token"]
    assert (await bloom.user())["username"] == "andre"
    assert wrong(await bloom.post("customer/login", {"username": "andre", "password": SECRET})) == 101
    assert (await bloom.post("customer/login", {"username": "andre", "password": NEW}))["success"] is True


async def test_nobody_learns_whether_an_address_is_known(bloom: Bloom, letters: Letters) -> None:
    assert await bloom.get("customer/resetpassword", email="nobody@example.org") == {"success": True}
    assert await letters.all() == []
    assert wrong(await bloom.get("customer/resetpassword")) == 5


async def test_head_sends_no_mail(bloom: Bloom, letters: Letters) -> None:
    await bloom.sign_up(email="andre@example.org")
    response = await bloom.client.head("/vt/api/json/customer/resetpassword", params={"email": "andre@example.org"})
    assert response.status_code == 200 and await letters.all() == []


async def test_a_secret_is_over_after_an_hour(bloom: Bloom, letters: Letters, clock: Clock) -> None:
    await bloom.sign_up(email="andre@example.org")
    await bloom.get("customer/resetpassword", email="andre@example.org")
    given = {"password": NEW, "repeat_password": NEW, "token": await letters.secret()}
    clock.pass_(min=61)
    assert wrong(await bloom.post("customer/newpassword", given)) == 101


async def test_passwords_are_not_guessed_quickly(bloom: Bloom, clock: Clock) -> None:
    await bloom.sign_up()
    guess = {"username": "andre", "password": "not this one"}
    assert [wrong(await bloom.post("customer/login", guess)) for _ in range(5)] == [101] * 5
    right = {"username": " Andre", "password": SECRET}
    assert wrong(await bloom.post("customer/login", right, status=429)) == 110
    clock.pass_(min=1)
    assert (await bloom.post("customer/login", right))["success"] is True
