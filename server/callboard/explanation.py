"""Why a ticket stands where it stands, in words: `templates/<locale>/why.txt` filled with the facts."""

from collections.abc import Callable
from functools import cache

from jinja2 import Template

from callboard.assets import TEMPLATES
from callboard.domain.order import Why
from callboard.wording import environment

NAMED = 20  # how many of those ahead are named one by one


def explanation(locale: str, why: Why, queue: str, desk: str, time: Callable[[int], str]) -> str:
    """Whole sentences; `time` gives a moment (ms) as the location's clock shows it."""
    text = _template(locale).render(
        why=why, queue=queue, desk=desk, time=time, shown=why.ahead[:NAMED], more=max(0, len(why.ahead) - NAMED)
    )
    return " ".join(text.split())


@cache
def _template(locale: str) -> Template:
    wanted = locale if (TEMPLATES / locale / "why.txt").is_file() else "en"
    return environment([TEMPLATES], wanted).get_template("why.txt")
