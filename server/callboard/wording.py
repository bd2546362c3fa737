"""The language of what is sent and spoken: one Jinja environment each, with its plural forms and its direction."""

from collections.abc import Sequence
from pathlib import Path

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape


def environment(roots: Sequence[Path], language: str, fallback: str = "") -> Environment:
    """Templates of `<root>/<language>/`, earlier roots first, then those of the `fallback` language, then what all
    languages share in `<root>/`.

    A name that a template uses and is not given is an error, and HTML escapes what it is given. Templates have
    `plural(n, one="...", other="...")`, which picks by the rules of the language and puts the number in place of {n},
    and `|sentence`, which begins with a capital and leaves the rest.
    """
    locale = Locale.parse(language)
    made = Environment(
        loader=FileSystemLoader([*(root / each for each in (language, fallback) if each for root in roots), *roots]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

    def plural(n: int, **forms: str) -> str:
        category = locale.plural_form(n)
        return forms[category if category in forms else "other"].replace("{n}", str(n))

    made.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    made.globals.update(plural=plural, lang=language, dir="rtl" if locale.character_order == "right-to-left" else "ltr")
    return made


def languages(roots: Sequence[Path]) -> frozenset[str]:
    """Those that have templates of their own."""
    return frozenset(path.name for root in roots if root.is_dir() for path in root.iterdir() if path.is_dir())
