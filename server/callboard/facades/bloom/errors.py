"""What goes wrong, as a number: the sibling API's six, and from 100 our own, since no more are known."""

from collections.abc import Mapping

from callboard.http import Problem

# By the word of what went wrong. The words of the core's refusals are among them; what is not here is a bug of ours.
ERRNOS: Mapping[str, int] = {
    "no_operation": 1,  # sibling API: URI not specified
    "method_not_allowed": 2,  # sibling API: invalid method
    "unknown_operation": 3,  # sibling API: invalid operation
    "unknown_format": 4,  # sibling API: invalid answer format
    "invalid": 5,  # sibling API: invalid parameters
    "bad_request": 5,
    "unsupported_media_type": 5,
    "incomplete": 5,
    "key_reused": 5,
    "not_found": 6,  # sibling API: no values found
    "not_allowed": 100,  # from here on guessed
    "unknown_key": 100,
    "bad_credentials": 101,
    "user_exists": 102,
    "location_closed": 103,
    "queue_closed": 103,
    "queue_full": 103,
    "at_the_desk": 103,
    "far_away": 104,
    "has_ticket": 105,
    "not_cancellable": 106,
    "ticket_closed": 106,
    "which_organization": 107,
    "unknown_provider": 108,
    "provider_away": 109,
    "too_many_requests": 110,
    "busy": 110,
    "store_away": 111,
    "too_large": 112,
    "too_slow": 112,
}
FAILED = 199

# What is answered otherwise than with 200, which is all that the document knows: tokens, and what proxies and clients
# have to know of without reading on.
STATUSES = frozenset({401, 408, 413, 429, 500, 503})


def errno(code: str) -> int:
    return ERRNOS.get(code, FAILED)


def status(given: int) -> int:
    return given if given in STATUSES else 200


def refused(code: str, message: str) -> Problem:
    """An answer that says no, with success false."""
    assert code in ERRNOS, code
    return Problem(200, code, message)


def missing(*fields: str) -> Problem:
    return refused("invalid", f"{' and '.join(fields)} must be given.")


def no_values(what: str) -> Problem:
    """Also for what is another customer's or organization's: nobody learns what there is."""
    return refused("not_found", f"There is no such {what}.")


def busy() -> Problem:
    """Checking a password takes a while, and too many wait for theirs."""
    return Problem(429, "busy", "Too many people sign in just now; try again in a moment.", {"Retry-After": "2"})
