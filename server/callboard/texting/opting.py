"""Words by which people stop and start texts or ask for help: here and at the carriers, in every language."""

import unicodedata

STOP = frozenset(
    {
        *(
            "STOP",
            "STOPALL",
            "STOP ALL",
            "UNSUBSCRIBE",
            "CANCEL",
            "END",
            "QUIT",
            "REVOKE",
            "OPTOUT",
            "OPT OUT",
            "REMOVE",
        ),
        *("REMOVE", "STOPP", "AVSLUTA", "ABMELDEN", "ARRET", "TD", "DESABONNER", "ALTO", "PARAR", "BAJA"),
        *("CANCELAR", "SAIR", "REZYGNUJE", "WYPISZ", "قف", "ايقاف", "الغاء", "الغاء الاشتراك"),
    }
)
# Those of them that every carrier obeys, and confirms itself.
CARRIERS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START = frozenset({"START", "YES", "UNSTOP"})
HELP = frozenset({"HELP", "INFO", "AIDE", "AYUDA", "AJUDA", "HILFE", "HJALP", "POMOC", "مساعدة"})
RESERVED = STOP | START | HELP


def as_typed(text: str) -> str:
    """What makes two words the same: neither capitals nor marks of letters, punctuation or blanks do."""
    plain = unicodedata.normalize("NFKD", text).upper()
    letters = ("" if unicodedata.combining(c) or c in "'’" else c if c.isalnum() else " " for c in plain)
    return " ".join("".join(letters).split())
