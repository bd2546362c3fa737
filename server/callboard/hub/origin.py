"""Which web pages may open a WebSocket: browsers send cookies along from any page, but say which page it was."""

from collections.abc import Sequence
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """The origin of an address as a browser writes it; empty for no address."""
    if not url:
        return ""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port if parts.port != DEFAULT_PORTS.get(parts.scheme) else None
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def is_own(origins: Sequence[str], scheme: str, host: str, public: str) -> bool:
    """Whether the Origin headers name one page of ours: from the public origin, or from the host that was asked.

    The host that was asked is safe besides the public one: a strange page has another name, and cookies stay with the
    name. `scheme` is the request's (ws, wss). Compared as text, so there is nothing to fool; no header is not own.
    """
    asked = f"{'https' if scheme in ('wss', 'https') else 'http'}://{host.lower()}"
    return len(origins) == 1 and bool(host) and origins[0] in {asked, public} - {""}
