"""Pages from elsewhere may ask here, as integrators' own pages do: nothing here goes by a cookie."""

from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.responses import Response

METHODS = "GET, POST, PUT, PATCH"
HEADERS = "ApiKey, Authorization, Content-Type, Idempotency-Key, X-Requested-With, X-SignalR-User-Agent"


def shared(connection: HTTPConnection) -> Mapping[str, str]:
    """The headers by which a browser lets the page read the answer; nothing for who is no page."""
    origin = connection.headers.get("origin")
    if origin is None:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",  # the SignalR client asks for it, whether there are any or not
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": HEADERS,
        "Vary": "Origin",
    }


def is_preflight(connection: HTTPConnection) -> bool:
    """Whether a browser asks for leave before it asks."""
    return connection.scope.get("method") == "OPTIONS" and "access-control-request-method" in connection.headers


def leave(connection: HTTPConnection) -> Response:
    """The answer to that."""
    return Response(status_code=204, headers=shared(connection))
