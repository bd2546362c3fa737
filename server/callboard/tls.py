"""TLS in the server itself: a certificate and its key, checked before they are used and read again when renewed."""

import ssl
from pathlib import Path

from callboard.errors import Invalid, Mistake
from callboard.hub.sealed import Context
from callboard.settings import Settings


class Certificate:
    """What `tls_cert` and `tls_key` name. `context` stays the same object when they are read again, so that servers
    that have it greet the next client with what is there then."""

    def __init__(self, cert: str, key: str) -> None:
        """Raises Invalid, each mistake saying the setting."""
        self._files = cert, key
        self.context = _context(cert, key)

    def renew(self) -> None:
        """The files as they are now, for everybody who connects from now on. Raises Invalid, and changes nothing."""
        _context(*self._files)
        _load(self.context, *self._files)


def certificate(settings: Settings) -> Certificate | None:
    """None: the server speaks plain HTTP. Raises Invalid."""
    return Certificate(settings.tls_cert, settings.tls_key) if settings.tls_cert else None


def _context(cert: str, key: str) -> Context:
    context = Context(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    _look_at(cert, key)
    _load(context, cert, key)
    return context


def _look_at(cert: str, key: str) -> None:
    """What the library does not tell apart: which of the files is wrong, and how."""
    mistakes = []
    try:
        chain = _read("tls_cert", cert, "CERTIFICATE")
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(cadata=chain)
    except Invalid as error:
        mistakes += error.mistakes
    except (ssl.SSLError, ValueError):
        mistakes.append(Mistake("tls_cert", f"{cert} holds a certificate that cannot be read"))
    try:
        if "ENCRYPTED" in _read("tls_key", key, "PRIVATE KEY"):
            mistakes.append(Mistake("tls_key", f"{key} is encrypted: a server that starts by itself has no password"))
    except Invalid as error:
        mistakes += error.mistakes
    if mistakes:
        raise Invalid(mistakes)


def _read(setting: str, path: str, what: str) -> str:
    try:
        text = Path(path).read_text("ascii", errors="replace")
    except OSError as error:
        raise Invalid([Mistake(setting, f"{path} cannot be read: {error.strerror}")]) from None
    if f"{what}-----" not in text:
        raise Invalid([Mistake(setting, f"{path} holds no {what.lower()} (PEM)")])
    return text


def _load(context: ssl.SSLContext, cert: str, key: str) -> None:
    try:
        context.load_cert_chain(cert, key, password="")  # nobody is asked for one
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None)
        is_other = reason == "KEY_VALUES_MISMATCH"
        what = "is not the key of the certificate in tls_cert" if is_other else f"cannot be used: {reason or error}"
        raise Invalid([Mistake("tls_key", f"{key} {what}")]) from None
