"""A server's side of TLS, and a client that trusts it."""

import ssl
from typing import Any

import trustme

from callboard.hub.sealed import Context


def certified() -> tuple[dict[str, Any], ssl.SSLContext]:
    """Options for uvicorn; and the client's context."""
    authority = trustme.CA()
    own = Context(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(own)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return {"ssl_context_factory": lambda config, default: own}, trust
