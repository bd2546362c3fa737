"""A certificate for this machine, for servers that are measured over TLS."""

import ssl
from pathlib import Path

import trustme

NGINX = "ssl_certificate {0.cert}; ssl_certificate_key {0.key}; ssl_session_cache off; ssl_session_tickets off;"


class Certificate:
    """Of an elliptic curve, P-256, in two files of a directory."""

    def __init__(self, directory: Path) -> None:
        issued = trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA)
        self.cert, self.key = directory / "cert.pem", directory / "key.pem"
        self.cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        self.key.write_bytes(issued.private_key_pem.bytes())

    @property
    def nginx(self) -> str:
        """What its configuration says of it."""
        return NGINX.format(self)


def believing() -> ssl.SSLContext:
    """A client that believes every server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
