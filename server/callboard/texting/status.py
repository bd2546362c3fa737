"""The carrier tells what becomes of a text: kept with the delivery, and staff see it."""

import re

from starlette.requests import Request
from starlette.responses import Response

from callboard.domain.directory import Unknown
from callboard.notify.carrier_codes import has_failed, said, word_of
from callboard.notify.reach import Reach
from callboard.services import Services, services_of
from callboard.texting.signature import signed_form

DELIVERY = re.compile(r"[a-z_]{1,40}:(?P<ticket>[0-9a-f-]{36}):[a-z]{1,10}(:[0-9]{1,15})?(:again[0-9]{1,4})?")
HEARD = 204


async def status(request: Request) -> Response:
    """POST /carrier/status/{delivery}, the address that each text is sent with. Heard again or out of order it changes
    nothing."""
    form = await signed_form(request)
    services = services_of(request)
    fields = {name: str(value) for name, value in form.items()}
    found = DELIVERY.fullmatch(request.path_params["delivery"])
    if found is not None:
        await _hear(services, found[0], found["ticket"], fields)
    return Response(status_code=HEARD)


async def _hear(services: Services, delivery: str, ticket: str, fields: dict[str, str]) -> None:
    """Nothing, where the site has the ticket's location no more."""
    code = int(fields["ErrorCode"]) if re.fullmatch(r"[0-9]{1,6}", fields.get("ErrorCode", "")) else 0
    status = fields.get("MessageStatus", "")
    told = said(status, code, fields.get("MessageSid", ""), services.clock())
    try:
        location = services.directory.location_of_ticket(ticket).id
    except Unknown:
        return
    if told is None or not await services.outbox.hear(location, delivery, told):
        return
    reach = Reach(services.store, services.reads, services.opt_outs)
    to = fields.get("To", "")
    if has_failed(status):
        await reach.failed(ticket, to, word_of(code))
    elif status == "delivered":
        await reach.noted(ticket, to, "")
