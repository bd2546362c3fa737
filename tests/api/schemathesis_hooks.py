"""Loaded by schemathesis: a valid idempotency key is made new for each request, as callers make them.

The tool has few words and uses them again with other commands, which is a mistake that is answered as one.
"""

import itertools
import re
from typing import Any

import schemathesis

NUMBERS = itertools.count()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch(r"[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?", key):
        case.headers["Idempotency-Key"] = f"0123456789abcdef-{next(NUMBERS)}"
