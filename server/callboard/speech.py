"""What a screen says when a ticket is called, in one language."""

import re
from functools import lru_cache

from jinja2 import Template

from callboard.assets import TEMPLATES
from callboard.wording import environment, languages

LAST_RESORT = "en"


def speech(locale: str, label: str, desk_kind: str, desk_tag: str) -> str:
    """One sentence or two: "Number A, 17. Please go to desk 3." English where the language has no template."""
    return _template(locale).render(number=spelled(label), kind=desk_kind, tag=desk_tag).strip()


def spelled(label: str) -> str:
    """A label as a voice should say it: each letter by itself, then the number as a whole. "AB017" is "A B, 17"."""
    parts = re.fullmatch(r"([A-Z]+)0*(\d+)", label)
    return f"{' '.join(parts[1])}, {parts[2]}" if parts else label


@lru_cache(maxsize=64)
def _template(locale: str) -> Template:
    language = locale if locale in languages([TEMPLATES]) else LAST_RESORT
    return environment([TEMPLATES], language).get_template("your_turn.speech.txt")
