"""What can go wrong with a request, before it is said in some API's own words."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from callboard.domain.directory import Unknown
from callboard.errors import Invalid, Mistake, Refusal, Refused, StoreAway
from callboard.http import MESSAGES, STATUSES, Problem
from callboard.rates import TooMany


@dataclass(frozen=True, slots=True)
class Fault:
    """`status` is what our own API would answer; `code` and `message` too. `mistakes` only of a 422."""

    status: int
    code: str
    message: str
    mistakes: Sequence[Mistake] = ()
    refusal: Refusal | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def fault_of(error: Exception) -> Fault | None:
    """None for what is nobody's fault but ours: a bug."""
    match error:
        case Problem():
            return Fault(error.status, error.code, error.message, headers=error.headers)
        case Refused():
            refusal = error.refusal
            return Fault(STATUSES[refusal], refusal.value, MESSAGES[refusal], refusal=refusal)
        case Unknown():
            return Fault(404, "not_found", "There is nothing of that name.")
        case Invalid():
            return Fault(422, "invalid", "Something in the request does not fit.", error.mistakes)
        case StoreAway():
            message = "The store does not answer just now; the same request may be sent again."
            return Fault(503, "store_away", message, headers={"Retry-After": "1"})
        case TooMany():
            wait = str(max(1, math.ceil(error.retry_after_s)))
            message = "That was too often; wait a little."
            return Fault(429, "too_many_requests", message, headers={"Retry-After": wait})
    return None
