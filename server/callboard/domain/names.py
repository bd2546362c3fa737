"""Names in the language of who reads them."""

from callboard.domain.typed import Text


def name_in(text: Text, locale: str, fallback: str) -> str:
    """The name in that language, else in the fallback (the location's first), else in the first that it is given in."""
    if isinstance(text, str):
        return text
    return text.get(locale) or text.get(fallback) or next(iter(text.values()), "")
