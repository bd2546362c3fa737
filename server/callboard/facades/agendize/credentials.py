"""Who asks: `token` and `apiKey` together, as headers or in the query, or an access token as Bearer."""

from starlette.requests import Request

from callboard.auth import Caller, key_caller
from callboard.facades.agendize.kept import FACADE
from callboard.http import Denied
from callboard.services import Services

BEARER = ("authorization", "authentication")  # an older page of theirs has the second name


async def caller(request: Request, services: Services) -> Caller:
    """The organization whose keys are sent. Raises Denied.

    What they call the token of an account and the key of an application are both keys of one organization here: the
    same one twice, or two of its keys.
    """
    bearer = _bearer(request)
    if bearer is not None:
        return await key_caller(services, bearer, FACADE)
    token, key = _one(request, "token"), _one(request, "apiKey")
    if not token or not key:
        raise Denied("Send token and apiKey, or Authorization: Bearer.")
    found = await key_caller(services, token, FACADE)
    if key != token and (await key_caller(services, key, FACADE)).organization != found.organization:
        raise Denied("token and apiKey belong to different accounts.", "unknown_key")
    return found


def _bearer(request: Request) -> str | None:
    given = [value for name in BEARER for value in request.headers.getlist(name)]
    keys = {value[7:].strip() for value in given if value[:7].lower() == "bearer "}
    if len(keys) > 1:
        raise Denied("Send one key.")
    return next(iter(keys), None)


def _one(request: Request, name: str) -> str:
    """From the header or the query, but not two that differ."""
    given = {*request.headers.getlist(name), *request.query_params.getlist(name)}
    if len(given) > 1:
        raise Denied(f"Send one {name}.")
    return next(iter(given), "")
