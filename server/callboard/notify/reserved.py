"""Words that carriers answer themselves: whoever sends one to leave the queue is barred from all texts instead."""

import re
from collections.abc import Iterator

# CTIA Messaging Principles 5.1.3, the carriers' and Twilio's defaults, and Canada's in French.
STOPPING = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT-OUT", "REMOVE")
STOPPING_IN_CANADA = ("ARRET", "ARRÊT", "TD")
STARTING = ("START", "UNSTOP", "YES")
ASKING = ("HELP", "INFO", "AIDE")
RESERVED = frozenset((*STOPPING, *STOPPING_IN_CANADA, *STARTING, *ASKING))

# A sentence with one of these uses such a word for what the carrier does with it.
_MEANS_STOPPING = re.compile(
    r"opt.?out|unsubscrib|no more|(?:end|stop) (?:texts|messages)|inga fler|avregistrer|avsluta sms|"
    r"abbestell|abmeld|keine|désabonn|désinscri|ne plus|baja|no recibir|não receber|rezygn|wypis|إلغاء الاشتراك",
    re.IGNORECASE,
)
_MEANS_ASKING = re.compile(r"\bhelp\b.*\bhelp\b|hjälp|hilfe|d'aide|ayuda|ajuda|pomoc|مساعدة", re.IGNORECASE)

_WORD = "|".join(sorted(map(re.escape, RESERVED), key=len, reverse=True))
_ANSWER = (
    r"reply|respond|answer|text|send|write|svara|skicka|skriv|sms:?a|antwort\w*|send\w*|schreib\w*|schick\w*|"
    r"répond\w*|envoy\w*|tapez|responda|conteste|envíe|mande|escriba|envie|escreva|digite|odpis\w*|odpowie\w*|"
    r"wyśl\w*|wysła\w*|napis\w*|أرسل|اكتب|رد"
)
_QUOTES = "\"'“”„«»‘’"
_TOLD = re.compile(
    rf"(?i:\b(?:{_ANSWER})\b)(?:[ \u00a0]+[\w]+){{0,3}}?[ \u00a0]+[{_QUOTES}]*(?P<after>{_WORD})\b"
    rf"|[{_QUOTES}](?P<quoted>(?i:{_WORD}))[{_QUOTES}]"
    rf"|\b(?P<before>{_WORD})\b[{_QUOTES}]* (?:to|för att|um|zum|wenn|falls|pour|para|aby|żeby|by|من أجل)\b"
)


def told_to_answer(text: str) -> list[str]:
    """The reserved words that a text is, or tells its reader to send, for something else than what they do."""
    if (alone := text.strip(" \n.!?" + _QUOTES).upper()) in RESERVED:
        return [alone]
    return list(dict.fromkeys(_told(text)))


def _told(text: str) -> Iterator[str]:
    for sentence in re.split(r"(?<=[.!?؟])\s|\n", text):
        for found in _TOLD.finditer(sentence):
            word = next(group for group in found.groups() if group).upper()
            meant = _MEANS_ASKING if word in ASKING else None if word in STARTING else _MEANS_STOPPING
            if not (meant and meant.search(sentence)):
                yield word
