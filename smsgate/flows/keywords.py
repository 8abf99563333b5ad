"""Recognises keywords such as STOP, START and OK in every language, before any flow sees the text.

`YES`, `END` and `CANCEL` are answers, not opt-out keywords. HELP and MSAADA are information keywords by convention:
they are answered with what the service is and how to leave, and never send a help text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum


class Intent(StrEnum):
    """What a text asks for, whatever conversation is under way."""

    STOP = "stop"
    START = "start"
    INFO = "info"
    JOIN = "join"
    ERASE = "erase"
    MENU = "menu"
    MEETINGS = "meetings"
    FINE = "fine"
    YES = "yes"
    NO = "no"
    NOTICE = "notice"
    WORDS = "words"
    REST = "rest"
    LEAVE = "leave"


WORDS: dict[Intent, tuple[str, ...]] = {
    Intent.STOP: (
        "stop", "stopall", "stop all", "unsubscribe", "quit", "opt out", "optout", "remove me", "stop please",
        "acha", "simama", "sitisha", "komesha", "ondoa", "niondoe", "toka", "jitoe",
        "arret", "arreter", "arretez", "arrete", "desabonner", "desinscrire", "stop tout",
    ),
    Intent.START: ("start", "unstop", "resume", "anza", "endelea", "rudi", "commencer", "reprendre", "demarrer"),
    Intent.INFO: ("help", "info", "information", "msaada", "maelezo", "usaidizi", "aide", "infos"),
    Intent.ERASE: ("erase", "erase me", "delete me", "futa", "nifute", "effacer", "effacez moi", "efface moi"),
    Intent.MENU: ("menu", "menyu", "home", "mwanzo", "accueil"),
    Intent.MEETINGS: ("next", "meetings", "meeting", "mikutano", "mkutano", "reunion", "reunions"),
    Intent.FINE: ("fine", "i am fine", "im fine", "niko sawa", "je vais bien", "ca va"),
    Intent.YES: ("1", "ok", "okay", "yes", "sawa", "ndiyo", "ndio", "oui", "daccord", "d accord"),
    Intent.NO: ("2", "no", "hapana", "non"),
    Intent.REST: ("rest", "mute", "pumzika", "kimya", "repos"),
    Intent.LEAVE: ("leave", "ondoka", "quitter"),
}  # fmt: skip
NOTICING = ("notice", "notices", "tangazo", "ilani", "annonce", "annonces", "avis")
WRITING = ("mytext", "manenoyangu", "montexte")
JOINING = ("join", "jiunge", "jiunga", "rejoindre", "joindre")
MEANING = {word: intent for intent, words in WORDS.items() for word in words}


@dataclass(frozen=True)
class Keyword:
    """An intent, the code of the group named with it, and the words written after the keyword ("" if none)."""

    intent: Intent
    code: str = ""
    rest: str = field(default="", repr=False)


def parse_keyword(text: str) -> Keyword | None:
    """Return the intent of a whole text, or None if it is an answer to a question or words meant for somebody."""
    plain = normalise(text)
    if plain in MEANING:
        return Keyword(MEANING[plain])
    word, _space, rest = plain.partition(" ")
    if word in JOINING and (not rest or _is_code(rest)):
        return Keyword(Intent.JOIN, rest.replace(" ", ""))
    if MEANING.get(word) is Intent.STOP and _is_code(rest):
        return Keyword(Intent.STOP, rest.replace(" ", ""))
    if word in NOTICING:
        return Keyword(Intent.NOTICE, rest=_after_the_first_word(text))
    if word in WRITING:
        return Keyword(Intent.WORDS, rest=_after_the_first_word(text))
    return None


def _after_the_first_word(text: str) -> str:
    first_word = re.search(r"\w+[^\w\s]*(?:\s+|$)", text)
    return text[first_word.end() :].strip() if first_word else ""


SWAHILI = frozenset(
    {
        "acha", "simama", "sitisha", "komesha", "ondoa", "niondoe", "toka", "jitoe", "anza", "endelea", "rudi",
        "msaada", "maelezo", "usaidizi", "futa", "nifute", "menyu", "mwanzo", "mikutano", "mkutano", "sawa", "ndiyo",
        "ndio", "hapana", "jiunge", "jiunga", "tangazo", "ilani", "pumzika", "kimya", "ondoka", "manenoyangu",
    }
)  # fmt: skip
FRENCH = frozenset(
    {
        "arret", "arreter", "arretez", "arrete", "desabonner", "desinscrire", "commencer", "reprendre", "demarrer",
        "aide", "infos", "effacer", "effacez", "efface", "accueil", "reunion", "reunions", "oui", "daccord", "non",
        "rejoindre", "joindre", "annonce", "annonces", "avis", "repos", "quitter", "montexte",
    }
)  # fmt: skip


def language_of(text: str) -> str:
    """Return the language of a keyword, for a sender who chose none; English if it cannot be told."""
    words = set(normalise(text).split()[:1])
    return "sw" if words & SWAHILI else "fr" if words & FRENCH else "en"


def normalise(text: str) -> str:
    """Normalise a text to lower case, no accents, no punctuation and single spaces: `" Stop!! "` becomes `stop`."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\W_]+", " ", bare.casefold()).split())


def _is_code(text: str) -> bool:
    digits = text.replace(" ", "")
    return digits.isdecimal() and digits.isascii() and 3 <= len(digits) <= 8
