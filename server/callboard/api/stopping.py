"""Who wants no more messages says so by the address that each of them bears, and can take it back there.

One click of a mail program (RFC 8058) is a POST without a cookie, whatever its body; opening the page changes nothing.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.api.page import Pages, language_of
from callboard.domain.directory import Unknown
from callboard.domain.model import Person
from callboard.domain.names import name_in
from callboard.services import Services, services_of
from callboard.stopping import address_in, may_stop

PATH = "/stop/{lane}/{ticket}/{proof}"
AGAIN = "again"


def stop_route(pages: Pages) -> Route:
    async def stop(request: Request) -> Response:
        services = services_of(request)
        ticket, lane = request.path_params["ticket"], request.path_params["lane"]
        address = address_in(await _person(request, services), lane)
        location = services.directory.location_of_ticket(ticket)
        organization = services.directory.organization(location.id)
        if request.method == "POST" and address:
            change = services.opt_outs.accept if AGAIN in request.query_params else services.opt_outs.refuse
            await change(lane, address, organization.id)
        stopped = bool(address) and await services.opt_outs.refused(lane, address, organization.id)
        lang = language_of(request, location.languages)
        context = {
            "place": name_in(organization.name, lang, location.languages[0]),
            "lane": lane,
            "state": "stopped" if stopped else "open" if address else "nothing",
        }
        return pages.answer(request, "stop", location.languages, context, lang=lang)

    return Route(PATH, stop, methods=["GET", "POST"])


async def _person(request: Request, services: Services) -> Person:
    """Raises Unknown for an address that is not one of ours, or whose ticket is forgotten: then nothing is known that
    could be written to."""
    ticket, lane, proof = (request.path_params[name] for name in ("ticket", "lane", "proof"))
    person = await services.reads.person(ticket)
    if person is None or not may_stop(ticket, person, lane, proof):
        raise Unknown("token", "")
    return person
