"""By what a receiver knows us: Basic authentication, headers of its own, and OAuth 2 tokens."""

import base64
from typing import Any

import pytest

from callboard.domain.receiver import Basic, OAuth2
from callboard.domain.watch import Watch
from webhooks.conftest import Office
from webhooks.receiver import Answer


def oauth2(office: Office, **more: Any) -> OAuth2:
    given = {"token_address": f"{office.receiver.base}/token", "client_id": "us", "client_secret": "hush!"}
    return OAuth2(**{**given, "grant": "client_credentials", **more})


async def told_by(office: Office, **more: Any) -> Watch:
    watch = await office.watch(oauth2=oauth2(office, **more))
    office.receiver.good = {"first"}
    return watch


async def again(office: Office, *, ms: int = 0) -> None:
    await office.join()
    await office.tell(ms=ms)


def bearers(office: Office) -> list[str]:
    return [got.headers.get("authorization", "") for got in office.receiver.got]


async def test_a_watch_has_its_method_its_headers_and_basic_authentication(office: Office) -> None:
    headers = {"X-Api-Key": "k", "content-type": "text/plain", "webhook-id": "mine", "Authorization": "none"}
    await office.watch(method="PUT", headers=headers, basic=Basic(username="callboard", password="pä:ss"))
    await office.join()
    await office.tell()
    (got,) = office.receiver.got
    assert got.method == "PUT" and got.headers["x-api-key"] == "k" and got.headers["content-type"] == "text/plain"
    assert got.headers["authorization"] == "Basic " + base64.b64encode("callboard:pä:ss".encode()).decode()
    assert got.headers["webhook-id"].startswith("msg_"), "what identifies a delivery is ours to say"
    assert got.headers["user-agent"].startswith("callboard/")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_method_without_a_body_sends_none(office: Office, method: str) -> None:
    await office.watch(method=method)
    await office.join()
    await office.tell()
    (got,) = office.receiver.got
    assert (got.method, got.body) == (method, b"") and "content-type" not in got.headers


async def test_a_token_is_asked_for_once_and_used_until_it_ends(office: Office) -> None:
    await told_by(office, scope="queue.read")
    for _ in range(3):
        await again(office)
    assert len(office.receiver.asked) == 1
    who, form = office.receiver.asked[0]
    assert who == "Basic " + base64.b64encode(b"us:hush%21").decode()
    assert form == {"grant_type": "client_credentials", "scope": "queue.read"}
    assert set(bearers(office)) == {"Bearer first"}
    await again(office, ms=3_600_000)
    assert len(office.receiver.asked) == 2


async def test_another_process_and_one_that_was_started_anew_use_the_same_token(office: Office) -> None:
    await told_by(office)
    await again(office)
    await office.join()
    await office.another("two").run(until_idle=True)
    assert len(office.receiver.asked) == 1 and len(office.receiver.got) == 2


async def test_many_deliveries_at_once_ask_for_one_token(office: Office) -> None:
    await told_by(office)
    for _ in range(20):
        await office.join()
    for _ in range(5):
        await office.tell(ms=1000)
    assert len(office.receiver.got) == 20 and len(office.receiver.asked) == 1


async def test_a_refused_token_is_renewed_once_for_a_delivery(office: Office) -> None:
    await told_by(office)
    await again(office)
    office.receiver.tokens, office.receiver.good = {"access_token": "second", "expires_in": "3600"}, {"second"}
    await again(office)
    assert bearers(office) == ["Bearer first", "Bearer first", "Bearer second"]
    assert [state for state, _ in await office.ends()] == ["sent", "sent"]
    office.receiver.good = set()
    await again(office)
    assert len(office.receiver.got) == 5, "once, and then it waits"
    assert len(office.receiver.asked) == 3


async def test_a_refresh_token_that_is_replaced_is_used_from_then_on(office: Office) -> None:
    watch = await told_by(office, grant="refresh_token", refresh_token="old")
    office.receiver.tokens = {"access_token": "first", "expires_in": 60, "refresh_token": "new"}
    await again(office)
    await again(office, ms=60_000)
    assert [form["refresh_token"] for _, form in office.receiver.asked] == ["old", "new"]
    assert {form["grant_type"] for _, form in office.receiver.asked} == {"refresh_token"}
    changed = oauth2(office, grant="refresh_token", refresh_token="given anew")
    await office.watches.replace(
        Watch(**{**{n: getattr(watch, n) for n in Watch.__struct_fields__}, "oauth2": changed})
    )
    await again(office)
    assert office.receiver.asked[-1][1]["refresh_token"] == "given anew"


async def test_a_server_that_wants_to_know_us_by_the_form_is_told_so(office: Office) -> None:
    await told_by(office)
    office.receiver.answers["/token"].append(Answer(401))
    await again(office)
    (_, first), (who, second) = office.receiver.asked
    assert "client_secret" not in first and who is None
    assert (second["client_id"], second["client_secret"]) == ("us", "hush!")
    assert bearers(office) == ["Bearer first"]


@pytest.mark.parametrize("tokens", [{"error": "invalid_grant"}, {"access_token": ""}, {"access_token": "a\nb"}, []])
async def test_without_a_token_nothing_is_sent_and_it_is_tried_again(office: Office, tokens: Any) -> None:
    await told_by(office)
    good, office.receiver.tokens = office.receiver.tokens, tokens
    await again(office)
    assert office.receiver.got == []
    assert (await office.watches.fares("hilltop")).popitem()[1].detail == "no access token: answered 200"
    office.receiver.tokens = good
    await office.tell(ms=60_000)
    assert bearers(office) == ["Bearer first"]


async def test_a_token_is_not_asked_for_in_a_private_network_either(office: Office) -> None:
    await told_by(office)
    office.worker = office.another(private=())
    await again(office)
    assert office.receiver.asked == []
    assert await office.ends() == [("failed", "the address leads into a private network")]


async def test_what_a_watch_was_given_goes_with_it(office: Office) -> None:
    watch = await told_by(office)
    await again(office)
    assert await office.watches.token(watch)
    assert await office.watches.remove("hilltop", watch.id)
    assert await office.watches.token(watch) is None and await office.watches.fares("hilltop") == {}
