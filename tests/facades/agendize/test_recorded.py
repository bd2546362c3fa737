"""What the vendor's document lists, as requests and their answers, field for field; and that nothing of it is missing.

`<word>` in a text stands for an id: whatever it is where it is seen first, and the same wherever it comes again.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callboard.services import Services
from facades.agendize.conftest import Client

RECORDED: list[dict[str, Any]] = msgspec.json.decode(Path(__file__).with_name("recorded.json").read_bytes())

# Every property that the document's tables name, once for each table.
REGISTRATION = """
    id queue queue.id queue.name status registered registered.dateTime registered.timeZone client client.id
    client.firstName client.lastName client.emailAddress client.phoneNumber client.selfLink waitingTime
    averageWaitingTime owner owner.id owner.userName rank numberOfPeopleAhead form started started.dateTime
    started.timeZone finished finished.dateTime finished.timeZone"""
FORM_ITEM = """
    id type title bind bindGroup externalId help placeholder mandatory visible otherValue category multiple
    fileName value values values.id values.name values.value values.values values.values.id values.values.name
    values.values.value valueFormat valueFormat.maxLength valueFormat.minLength valueFormat.regexType
    valueFormat.regexValue valueFormat.valueFormat zonedDateTime zonedDateTime.dateTime zonedDateTime.timeZone
    subItem"""
WATCH = """
    address name basicAuth basicAuth.username basicAuth.password httpRequestHeader schema method status oauth2Auth
    oauth2Auth.grantType oauth2Auth.clientId oauth2Auth.refreshToken oauth2Auth.authUrl oauth2Auth.accessTokenUrl
    oauth2Auth.scope signature signature.enabled signature.cryptoKeyIds"""


async def test_each_request_is_answered_as_recorded(robot: Client, services: Services) -> None:
    key = await services.accounts.signing.make("CRM", organization="hilltop")
    known = {"key": key.id}
    for step in RECORDED:
        method, path = step["ask"]
        body = {"json": filled(step["body"], known)} if "body" in step else {}
        response = await robot.http.request(method, filled(path, known), **body)
        assert response.status_code == 200, (step["what"], response.text)
        answer = response.json() if response.content else None
        learn(step["answer"], answer, known)
        assert answer == filled(step["answer"], known), step["what"]


@pytest.mark.parametrize(("where", "table"), [("registration", REGISTRATION), ("form", FORM_ITEM), ("watch", WATCH)])
def test_every_property_of_the_document_is_recorded(where: str, table: str) -> None:
    answers = [step["answer"] for step in RECORDED]
    found = {
        "registration": [answer for answer in answers if answer and "client" in answer],
        "form": [item for answer in answers if answer for item in answer.get("form", [])],
        "watch": [answer for answer in answers if answer and "address" in answer],
    }[where]
    assert set(table.split()) - {name for each in found for name in paths(each)} == set()


def paths(value: Any, before: str = "") -> Iterator[str]:
    for name, item in value.items():
        yield before + name
        for each in item if isinstance(item, list) else [item]:
            if isinstance(each, dict):
                yield from paths(each, f"{before}{name}.")


def filled(value: Any, known: dict[str, str]) -> Any:
    """With ids in the place of their words."""
    if isinstance(value, dict):
        return {name: filled(item, known) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    return re.sub(r"<(\w+)>", lambda word: known.get(word[1], word[0]), value) if isinstance(value, str) else value


def learn(expected: Any, answer: Any, known: dict[str, str]) -> None:
    """The ids that stand where words are expected that were not seen before."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        for name, item in expected.items():
            learn(item, answer.get(name), known)
    elif isinstance(expected, list) and isinstance(answer, list):
        for item, each in zip(expected, answer, strict=False):
            learn(item, each, known)
    elif isinstance(expected, str) and isinstance(answer, str):
        pattern = re.sub(r"<(\w+)>", r"(?P<\1>[A-Za-z0-9_-]+)", re.escape(filled(expected, known)))
        if match := re.fullmatch(pattern, answer):
            known.update(match.groupdict())
