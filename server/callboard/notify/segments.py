"""What a text message costs: characters of GSM-7, the segments a text takes, and punctuation that costs nothing."""

import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
_PLAIN = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')
    | {"\u2013": "-", "\u2014": "-", "\u2026": "..."}
    | dict.fromkeys("\u00a0\u2009\u202f\u2007\t", " ")
)

# Letters of the Latin script that do not come apart into a letter and its mark.
_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "ħ": "h", "ŧ": "t"})


def plain(text: str) -> str:
    """Typographic punctuation as typewriters have it: one curly quote would halve what fits into a segment."""
    return text.translate(_PLAIN)


def folded(text: str) -> str:
    """Without the marks of the letters that GSM-7 does not have, as it is the custom in text messages ("Państwa" is
    "Panstwa"), if that saves a segment; else, and in other scripts, as it was."""
    made = "".join(c if is_gsm(c) else _bare(c) for c in text)
    return made if is_gsm(made) and segments(made) < segments(text) else text


def _bare(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter.translate(_LETTERS))
    return "".join(part for part in parts if not unicodedata.combining(part))


def is_gsm(text: str) -> bool:
    return all(c in _BASIC or c in _EXTENDED for c in text)


def units(text: str) -> int:
    """Length as the carrier counts it: septets with escapes counted twice, or UTF-16 code units."""
    if is_gsm(text):
        return sum(2 if c in _EXTENDED else 1 for c in text)
    return len(text.encode("utf-16-be")) // 2


def segments(text: str) -> int:
    """How many messages a text is paid as."""
    alone, joined = (160, 153) if is_gsm(text) else (70, 67)
    length = units(text)
    return 1 if length <= alone else -(-length // joined)


def dear(text: str) -> list[str]:
    """The characters for whose sake a text is sent in UCS-2, 70 to a segment instead of 160; each once, in order."""
    return list(dict.fromkeys(c for c in text if not is_gsm(c)))


def cost(text: str) -> str:
    """In words: "2 segments, 93 characters of UCS-2 for 'ń' (Latin small letter n with acute)"."""
    count = segments(text)
    words = f"{count} segment{'' if count == 1 else 's'}, {units(text)} "
    if not (because := dear(text)):
        twice = [f"'{c}'" for c in dict.fromkeys(text) if c in _EXTENDED]
        return words + "characters of GSM-7" + (f", {' '.join(twice)} counted twice" if twice else "")
    named = ", ".join(f"'{c}' ({unicodedata.name(c, f'U+{ord(c):04X}').capitalize()})" for c in because[:3])
    more = f" and {len(because) - 3} more" if len(because) > 3 else ""
    return f"{words}characters of UCS-2 for {named}{more}"
