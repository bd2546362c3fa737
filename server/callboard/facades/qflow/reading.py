"""How bodies and queries are read: JSON under both its names, or a form."""

from typing import Any

from starlette.requests import Request

from callboard.decode import decode_json
from callboard.facades.qflow.forms import form
from callboard.facades.qflow.loosely import shaped
from callboard.http import Problem

JSON = frozenset({"application/json", "text/json"})
FORM = "application/x-www-form-urlencoded"
MARK = b"\xef\xbb\xbf"  # which some of the vendor's clients send before their JSON


async def body(request: Request, type: Any) -> Any:
    """Raises Invalid with every mistake, Problem 415 for any other content."""
    kind = _kind(request)
    content = await request.body()
    if kind == FORM:
        return shaped(form(content), type)
    if kind not in JSON and content:
        raise Problem(415, "unsupported_media_type", "The request's media type is not supported for this resource.")
    plain = decode_json(content.removeprefix(MARK), object) if content.strip() else None
    return shaped({} if plain is None else plain, type)


def query(request: Request, type: Any) -> Any:
    """Names in any case; of one that stands there twice, the last counts."""
    return shaped(dict(request.query_params.multi_items()), type)


def _kind(request: Request) -> str:
    """Empty for what says nothing, or says it in a way that cannot be read."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    charset = rest.lower().partition("charset=")[2].partition(";")[0].strip().strip('"')
    is_coded = request.headers.get("content-encoding", "identity").lower() != "identity"
    return "" if is_coded or charset not in ("", "utf-8", "utf8") else kind.strip().lower()
