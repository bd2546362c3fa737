"""Whether a request is the carrier's: its signature over our public address and everything that was sent."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.requests import Request

from callboard.http import Forbidden, Problem
from callboard.notify.media import can_call_back
from callboard.services import services_of

HEADER = "x-twilio-signature"
MOST_FIELDS = 200


async def signed_form(request: Request) -> FormData:
    """What the carrier has sent. The address that it signs is the one of the settings and this request's path,
    whatever host was asked for.

    Raises Forbidden for what it has not signed, Problem 404 where there is no carrier that could call.
    """
    settings = services_of(request).settings
    if not settings.twilio_auth_token or not can_call_back(settings):
        raise Problem(404, "not_found", "There is nothing at this address.")
    signatures = request.headers.getlist(HEADER)
    form = _form(await request.body())
    query = f"?{request.url.query}" if request.url.query else ""
    address = f"{settings.public_url}{request.url.path}{query}"
    if form is None or not _is_signed(settings.twilio_auth_token, address, form, signatures):
        raise Forbidden("The carrier has not signed that.", "forbidden_signature")
    return form


def _form(body: bytes) -> FormData | None:
    try:
        text = body.decode()
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return FormData([(name, value) for name, value in fields])


def _is_signed(token: str, address: str, form: FormData, signatures: Sequence[str]) -> bool:
    from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

    return len(signatures) == 1 and bool(RequestValidator(token).validate(address, form, signatures[0]))
