"""Which language somebody is answered in."""

from collections.abc import Sequence

from starlette.requests import Request


def chosen(request: Request, known: Sequence[str], *, asked: str | None = None, cookie: bool = False) -> str:
    """Of the known languages the one asked for, else the cookie's, else the browser's, else the first."""
    wanted = [asked or "", request.cookies.get("lang", "") if cookie else ""]
    wanted += accepted(request.headers.get("accept-language", ""))
    return next((lang for lang in wanted if lang in known), known[0])


def accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header, dearest first, without their regions."""
    weighed = []
    for part in header.split(",")[:20]:
        tag, _, weight = part.partition(";")
        weighed.append((_weight(weight), tag.strip().lower().partition("-")[0]))
    return [tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0]


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=")) if text.strip() else 1.0
    except ValueError:
        return 0.0
