"""Numbers in a path: the vendor's ids are whole and below 2^31."""

import re
from typing import Any

from callboard.errors import Invalid, Mistake
from callboard.foreign.operation import Asked


def number_in_path(asked: Asked[Any, Any], name: str) -> int:
    """Raises Invalid."""
    text = asked.ids[name]
    if not re.fullmatch(r"-?[0-9]{1,10}", text) or not -(2**31) <= int(text) < 2**31:
        raise Invalid([Mistake(name, "must be a whole number")])
    return int(text)
