"""Recognises keywords such as STOP, START and OK in every language, before any flow sees the text.

`YES`, `END` and `CANCEL` are answers, not opt-out keywords. HELP and MSAADA are information keywords by convention:
they are answered with what the service is and how to leave, and never send a help text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from smsgate.flows.typed.codes_in_texts import is_code, read_code, read_dialled, read_join
from smsgate.flows.typed.letters import fold, spaced, words_of
from smsgate.flows.typed.stop_words import StopMeaning, read_stop


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
    NAME = "name"
    LANGUAGE = "language"
    FIND = "find"


WORDS: dict[Intent, tuple[str, ...]] = {
    Intent.STOP: (
        "stop", "stopall", "stop all", "unsubscribe", "quit", "opt out", "optout", "remove me", "stop please",
        "acha", "simama", "sitisha", "komesha", "ondoa", "niondoe", "toka", "jitoe",
        "arret", "arreter", "arretez", "arrete", "desabonner", "desinscrire", "stop tout",
    ),
    Intent.START: (
        "start", "restart", "unstop", "resume", "anza", "endelea", "rudi", "commencer", "reprendre", "demarrer",
    ),
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
NAMING = ("name", "jina", "nom")
SAID_BEFORE_NAMES = re.compile(r"^(is|ni|langu ni|est)\s+", re.IGNORECASE)
LANGUAGE_NAMES = {
    "english": "en", "kiingereza": "en", "anglais": "en", "swahili": "sw", "kiswahili": "sw",
    "french": "fr", "kifaransa": "fr", "francais": "fr",
}  # fmt: skip
LANGUAGE_WORDS = frozenset(("language", "lugha", "langue", "ya", "in"))  # may stand around the name of a language
NOTICING = ("notice", "notices", "tangazo", "ilani", "annonce", "annonces", "avis")
WRITING = ("mytext", "manenoyangu", "montexte")
FINDING = ("find", "tafuta", "chercher", "cherche", "trouver")
LONGEST_SOUGHT = 4  # words of a place or of a group's name
LEAVING = frozenset(("leave", "exit", "ondoka", "kuondoka", "quitter", "quittez"))
# Words that may stand around START, or around the code of a group to leave.
AROUND = spaced(
    "send sending kunitumia kutuma kututumia ujumbe please pls plz now again me us my the a group code number "
    "messages sms texts thanks thank you i want to yes "
    "from tafadhali tena sasa na kwa kwenye kikundi kundi namba nataka naomba asante svp stp s il vous plait "
    "merci le la de du groupe numero je veux encore oui"
)
OBJECTS = frozenset(("le", "la"))  # "le reprendre" takes a help text back
LONGEST_START = 5  # words
MEANING = {word: intent for intent, words in WORDS.items() for word in words}


@dataclass(frozen=True)
class Keyword:
    """An intent, the code of the group named with it, and the words written after the keyword ("" if none)."""

    intent: Intent
    code: str = ""
    rest: str = field(default="", repr=False)


def parse_keyword(text: str) -> Keyword | None:
    """Return the intent of a whole text, or None if it is an answer to a question or words meant for someone."""
    words = words_of(fold(text))
    plain = " ".join(words)
    if plain in MEANING:
        return Keyword(MEANING[plain])
    if words and words[0] in NOTICING:
        return Keyword(Intent.NOTICE, rest=_after_the_first_word(text))
    if words and words[0] in WRITING:
        return Keyword(Intent.WORDS, rest=_after_the_first_word(text))
    if words and words[0] in FINDING and len(words) <= LONGEST_SOUGHT + 1:
        return Keyword(Intent.FIND, rest=_after_the_first_word(text))
    if len(words) > 1 and words[0] in NAMING:
        return Keyword(Intent.NAME, rest=SAID_BEFORE_NAMES.sub("", _after_the_first_word(text)))
    if language := _language_named(words):
        return Keyword(Intent.LANGUAGE, rest=language)
    stop = read_stop(text)
    if stop.meaning is StopMeaning.STOP:
        return Keyword(Intent.STOP, stop.code)
    if code := _code_to_leave(words):
        return Keyword(Intent.STOP, code)
    joined = read_join(text)
    if joined is not None:
        return Keyword(Intent.JOIN, joined)
    return Keyword(Intent.START) if _is_start(words) else None


def parse_dialled(text: str, service_code: str) -> Keyword | None:
    """Return the meaning of our code texted as it is dialled, like `*384*77*4521#`; None for any other text."""
    below = read_dialled(text, service_code)
    if below is None:
        return None
    return Keyword(Intent.JOIN, below) if is_code(below) else Keyword(Intent.MENU)


def _language_named(words: list[str]) -> str:
    """Return the language that a text asks for by its name; "" for any other text."""
    named = [word for word in words if word not in LANGUAGE_WORDS]
    return LANGUAGE_NAMES.get(named[0], "") if len(named) == 1 else ""


def _code_to_leave(words: list[str]) -> str:
    """Return the code of a group to leave, in words other than STOP (`leave 4521`); "" if there is none."""
    others = [read_code(word) for word in words if word not in LEAVING and word not in AROUND]
    code = "".join(others)
    return code if LEAVING & set(words) and is_code(code) and len(others) <= len(code) else ""


def _is_start(words: list[str]) -> bool:
    """Return whether the text says START and nothing else except words that do not change its meaning."""
    starts = [re.sub(r"(.)\1+$", r"\1", word) in WORDS[Intent.START] for word in words]
    around = [word in AROUND - OBJECTS or is_code(word) for word in words]
    return any(starts) and len(words) <= LONGEST_START and all(map(any, zip(starts, around, strict=True)))


def _after_the_first_word(text: str) -> str:
    first_word = re.search(r"\w+[^\w\s]*(?:\s+|$)", text)
    return text[first_word.end() :].strip() if first_word else ""


SWAHILI = frozenset(
    {
        "acha", "simama", "sitisha", "komesha", "ondoa", "niondoe", "toka", "jitoe", "anza", "endelea", "rudi",
        "msaada", "maelezo", "usaidizi", "futa", "nifute", "menyu", "mwanzo", "mikutano", "mkutano", "sawa", "ndiyo",
        "ndio", "hapana", "jiunge", "jiunga", "tafuta", "tangazo", "ilani", "pumzika", "kimya", "ondoka", "manenoyangu",
    }
)  # fmt: skip
FRENCH = frozenset(
    {
        "arret", "arreter", "arretez", "arrete", "desabonner", "desinscrire", "commencer", "reprendre", "demarrer",
        "aide", "infos", "effacer", "effacez", "efface", "accueil", "reunion", "reunions", "oui", "daccord", "non",
        "rejoindre", "joindre", "chercher", "cherche", "trouver", "annonce", "annonces", "avis", "repos", "quitter",
        "montexte",
    }
)  # fmt: skip


# These give away the language of a short text with a keyword, wherever they stand.
IN_SWAHILI = spaced(
    "acheni wacha wacheni sitisheni komesheni niondoeni simamisha sitaki usinitumie msinitumie achana achaneni "
    "tafadhali kunitumia ujumbe jumbe kujiunga nijiunge niunge jiungeni kikundi naomba nataka ninataka asante "
    "tena habari hujambo jambo mambo nani wewe"
)
IN_FRENCH = spaced(
    "desabonnez desabonne desinscrivez stoppez svp moi merci plait rejoins inscription inscrire groupe veux plus "
    "envoyez quittez arretter tout bonjour bonsoir salut qui etes vous"
)


def language_told(text: str) -> str:
    """Return the language of a keyword or an answer if that is certain; "" if it is unclear, as with yes or 1."""
    words = words_of(fold(text))
    first, opening = set(words[:1]), set(words[:6])
    if first & SWAHILI or opening & IN_SWAHILI:
        return "sw"
    return "fr" if first & FRENCH or opening & IN_FRENCH else ""


def normalise(text: str) -> str:
    """Normalise a text to lower case, no accents, no punctuation and single spaces: `" Stop!! "` becomes `stop`."""
    return " ".join(re.sub(r"[\W_]+", " ", fold(text)).split())
