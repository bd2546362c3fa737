"""The addresses that the carrier of texts calls. Each request of its is signed."""

from starlette.routing import Route

from callboard.notify.media import STATUS
from callboard.texting.console import INCOMING
from callboard.texting.incoming import incoming
from callboard.texting.status import status

ROUTES = [Route(f"{STATUS}/{{delivery}}", status, methods=["POST"]), Route(INCOMING, incoming, methods=["POST"])]
