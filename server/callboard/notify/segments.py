"""What a text message costs: characters of GSM-7, the segments a text takes, and punctuation that costs nothing."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
_PLAIN = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2026": "..."}
    | dict.fromkeys("\u00a0\u2009\u202f\u2007\t", " ")
)


def plain(text: str) -> str:
    """Typographic punctuation as typewriters have it: one curly quote would halve what fits into a segment."""
    return text.translate(_PLAIN)


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
