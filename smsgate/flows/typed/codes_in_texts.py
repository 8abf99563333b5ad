"""Reads the codes of groups as people text them: `JOIN4521`, `jiunge na 45 21`, `JOIN O4521`; and groups' names."""

from __future__ import annotations

import re

from smsgate.core.dial_codes import digits_below
from smsgate.flows.typed.letters import fold, spaced, words_of

JOINING = spaced(
    "join joining jion joine jon j0in jiunge jiunga jiungeni kujiunga nijiunge niunge rejoindre joindre rejoins "
    "rejoignez inscrire inscrivez inscription register niunganishe ingia"
)
# Words that may stand around the code.
AROUND = spaced(
    "please pls plz kindly hello hi hey i want need wish would like to me us in a the group code number no nr of "
    "for with my is it now thanks thank you add na tafadhali naomba ninaomba nataka ninataka kwa kwenye kikundi "
    "kundi namba nambari msimbo cha la habari asante mimi sasa katika svp je veux voudrais souhaite moi m au le "
    "du de groupe numero avec bonjour merci s il vous plait"
)
WITH_A_CODE = spaced("add niingize niweke ajoutez")  # ask to join only if a code follows
LONGEST_NAME = LONGEST_AFTER = 4  # words of a group's name
SHORTEST = 3  # digits of a code
_DIAL = re.compile(r"^\W*(?:dial|piga|composez?)\b(?=\s*\*)")
_TIME_OR_SUM = re.compile(r"\d\s*[^\w\s]\s*\d")
_AS_DIGITS = str.maketrans("oil", "011")
_GLUED = re.compile(r"([a-z]+?)([oil]*\d[\doil]*)")


def is_code(digits: str) -> bool:
    """Return whether these digits can be the code of a group."""
    return digits.isdecimal() and digits.isascii() and 3 <= len(digits) <= 8


def read_code(word: str) -> str:
    """Return a word as digits if some of them are typed as letters (`o4521`, `452l`); otherwise as it is."""
    digits = word.translate(_AS_DIGITS)
    return digits if digits.isdecimal() and sum(char.isdecimal() for char in word) >= 2 else word


def read_join(text: str) -> str | None:
    """Return the code in a text that asks to join; "" if it names none or two; None if it asks for something else."""
    words = _words(text)
    if not (JOINING | WITH_A_CODE) & set(words):
        return None
    if code := _code_before_words(words):
        return code
    others = [word for word in words if word not in JOINING | WITH_A_CODE and word not in AROUND]
    if not others and not JOINING & set(words):
        return None
    numbers = [read_code(word) for word in others]
    if not all(number.isdecimal() for number in numbers) or len(words) - len(numbers) > 8:
        return None
    code = "".join(numbers)
    if sum(is_code(number) for number in numbers) > 1:
        return ""
    return code if is_code(code) else None if code else ""


def _code_before_words(words: list[str]) -> str:
    """Return the code in `JOIN 4521 Amina`, with few words after it and only joining words before it; else ""."""
    before = [place for place, word in enumerate(words) if read_code(word).isdecimal()]
    if len(before) != 1 or not {*words[: before[0]]} <= JOINING | WITH_A_CODE | AROUND:
        return ""
    code, after = read_code(words[before[0]]), words[before[0] + 1 :]
    return code if is_code(code) and before[0] and len(after) <= LONGEST_AFTER else ""


def read_name(text: str) -> str | None:
    """Return the name in a text that asks to join a group by its name, like `join Tumaini`; None for any other."""
    words = _words(text)
    opening = next((place for place, word in enumerate(words) if word not in AROUND), len(words))
    if opening == len(words) or words[opening] not in JOINING:
        return None
    name = words[opening + 1 :]
    while name and name[0] in AROUND:
        name = name[1:]
    return " ".join(name) if 1 <= len(name) <= LONGEST_NAME else None


def same_name(name: str, other: str) -> bool:
    """Return whether two names are the same apart from case, accents, signs and words such as "group"."""
    return _bare_name(name) == _bare_name(other)


def _bare_name(name: str) -> list[str]:
    words = words_of(fold(name))
    return [word for word in words if word not in AROUND] or words


def read_bare_code(text: str, service_code: str) -> str:
    """Return the code in a text that is nothing else, such as `4521` or `384*77*4521`; "" for any other."""
    typed = "".join(fold(text).split()).strip(".#!\"'()[]")
    if below := digits_below(service_code, f"*{typed}#"):
        return below if is_code(below) else ""
    numbers = [] if _TIME_OR_SUM.search(fold(text)) else [word for word in _words(text) if word not in AROUND]
    digits = "".join(numbers)
    return digits if is_code(digits) and (len(numbers) == 1 or max(map(len, numbers)) < SHORTEST) else ""


def read_dialled(text: str, service_code: str) -> str | None:
    """Return what follows our own code in a text written as it is dialled, which answers no question; else None."""
    typed = "".join(_DIAL.sub("", fold(text)).split())
    if not re.fullmatch(r"\*[\d*]+#?", typed):
        return None
    below = digits_below(service_code, f"*{typed.strip('*#')}#")
    return None if below is None else below.partition("*")[0]


def _words(text: str) -> list[str]:
    """Return the words, with those typed together taken apart: `join4521`, `4521join`."""
    words = []
    for word in words_of(fold(text)):
        if (glued := _GLUED.fullmatch(word)) and glued[1] in JOINING | AROUND:
            words += [glued[1], glued[2]]
        elif (turned := re.fullmatch(r"(\d+)([a-z]+)", word)) and turned[2] in JOINING:
            words += [turned[2], turned[1]]
        else:
            words.append(word)
    return words
