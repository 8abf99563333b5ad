"""Decides whether a text asks for no more texts: short, imperative ones do; a sentence with the word in it doesn't.

If that is unclear we ask once ("Reply STOP to get no more texts") and never guess: a stop that was not meant cuts
someone off from their group, and a stop that goes unheard is worse than no STOP. `tests/ussd_and_sms/
words_that_stop_and_join.yaml` lists what people send and how to read it; a speaker of the language extends it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from smsgate.flows.typed.codes_in_texts import is_code, read_code
from smsgate.flows.typed.letters import fold, joined, without_signature, words_of
from smsgate.flows.typed.stop_vocabulary import (
    AROUND,
    DOING_TO_US,
    DOUBTFUL,
    MAYBE,
    MISSPELLED,
    NO_ORDER_AFTER,
    NO_ORDER_BEFORE,
    PHRASES,
    QUESTIONS,
    SMS,
    STRONG,
    WEAK,
)


class StopMeaning(Enum):
    """Whether a text asks for no more texts."""

    STOP = auto()
    UNCLEAR = auto()  # it may: we ask once
    NONE = auto()


@dataclass(frozen=True)
class StopReading:
    """Whether a text asks for a stop, and the code of the group that it is about; "" for everything."""

    meaning: StopMeaning
    code: str = ""


NOTHING, UNCLEAR = StopReading(StopMeaning.NONE), StopReading(StopMeaning.UNCLEAR)
LONG = 8  # words: from this many on, a text is a sentence and not an opt-out by itself
LONGEST_ASKED = 20  # words: about a longer text we don't ask
SIGNED = 40  # words of a text whose first line is a STOP: the rest is a signature, or the text that it answers
MOST_CHARACTERS = 600
LONGEST_CODE, LONGEST_TWO_CODES = 8, 10  # digits; more are a phone number

_PHRASE = re.compile(rf"\b(?:{'|'.join(PHRASES)})\b")
_DEMANDS = re.compile(
    rf"\bstop (?:sending|texting|messaging|writing|contacting) (?:to )?(?:me|us|these|this|your|{SMS})\b"
)
_LIKES = re.compile(r"\b(?:would|d) like\b")
_SENTENCE_ENDS = re.compile(r"[.!?;:()\[\]|\u2026\u2014\u2013\u2022~<>]+|\s-+\s|\s-+(?=\w)")
_LET_ME = re.compile(r"\b(?:acha|wacha) (?:ni|tu)[a-z]+e\b")
_MARK, _WEAK_MARK = "stop", "toka"


def read_stop(text: str) -> StopReading:
    """Return how to read a text: as STOP, of everything or of one group; as unclear; or as no stop."""
    folded = re.sub(r"(?<![a-z0-9])\$(?=[a-z])", "s", fold(text[:MOST_CHARACTERS].replace("🛑", " stop ")))
    lines = [line for line in folded.splitlines() if words_of(line)]
    words = words_of(folded)
    if not words:
        return NOTHING
    whole = _judge(words)
    if whole.meaning is StopMeaning.STOP:
        return whole
    unsigned = words_of(without_signature(" ".join(lines)))
    signed = [lines[0]] if len(lines) > 1 and len(words) <= SIGNED else []
    for part in ([" ".join(unsigned)] if unsigned and len(unsigned) < len(words) else []) + signed:
        if (reading := _judge(words_of(part))).meaning is StopMeaning.STOP:
            return reading
    return _by_sentences(folded, len(words)) or whole


def _by_sentences(folded: str, count: int) -> StopReading | None:
    """Return the reading of one sentence that is a STOP, as in `I am not Mary. STOP`; unclear if much is around it."""
    sentences = [words_of(sentence) for line in folded.splitlines() for sentence in _SENTENCE_ENDS.split(line)]
    said = [sentence for sentence in sentences if sentence]
    if len(said) < 2:
        return None
    readings = [reading for reading in map(_judge, said) if reading.meaning is StopMeaning.STOP]
    if not readings:
        return None
    return readings[0] if count < LONG else UNCLEAR if count <= LONGEST_ASKED else None


def _judge(words: list[str]) -> StopReading:
    """Return the reading of one sentence."""
    plain = _LIKES.sub("want", joined(" ".join(words)))
    count = len(_collapsed(plain.split()))
    if _LET_ME.search(plain):
        return NOTHING
    reading = _judge_order(words, plain, count)
    return UNCLEAR if _is_maybe(plain, count, reading) else reading


def _judge_order(words: list[str], plain: str, count: int) -> StopReading:
    demands = count <= LONGEST_ASKED and bool(_DEMANDS.search(plain) or _PHRASE.search(plain))
    if _is_split(words):
        return StopReading(StopMeaning.STOP)
    tokens = _tokens(plain)
    if not {_MARK, _WEAK_MARK} & set(tokens) or _is_negated(tokens):
        return NOTHING
    others = [
        word for word in tokens if word not in (_MARK, _WEAK_MARK) and word not in AROUND and not _is_number(word)
    ]
    if others:
        asked = demands or (count < LONG and _may_be_an_order(tokens))
        return UNCLEAR if asked else NOTHING
    if count >= LONG:
        return UNCLEAR
    return _of_group(tokens)


def _tokens(plain: str) -> list[str]:
    tokens = [mark for word in _PHRASE.sub(" unsubscribe ", plain).split() for mark in _marks(word)]
    return _collapsed(_together(tokens))


def _is_split(words: list[str]) -> bool:
    """Return whether the text is one stop word with spaces or signs inside it (`ST OP`, `sto,p`)."""
    return len(words) > 1 and _mark_of("".join(words)) == _MARK


def _is_maybe(plain: str, count: int, reading: StopReading) -> bool:
    """Return whether a short text only says what may mean a stop, but perhaps of a life, a meeting or a habit."""
    found = MAYBE.search(plain)
    if found is None or count >= LONG:
        return False
    if reading.meaning is StopMeaning.STOP:
        return bool(DOUBTFUL.fullmatch(found.group()))
    around = (plain[: found.start()] + " " + plain[found.end() :]).split()
    whole_words = f" {plain} ".find(f" {found.group()} ") >= 0
    return whole_words and all(word in AROUND for word in around)


def _marks(word: str) -> list[str]:
    """Replace a stop word by its mark, and split off what was typed together with it (`stop4521`, `stopsms`)."""
    if (mark := _mark_of(word)) is not None:
        return [mark]
    for size in range(min(len(word) - 1, 12), 2, -1):  # the longest first
        head, tail = word[:size], word[size:]
        if head in STRONG and (tail in AROUND or (_is_number(tail)) or _mark_of(tail)) and len(tail) > 1:
            return [_MARK, *_marks(tail)]
        if tail in STRONG and len(tail) > 3 and ((head in AROUND and len(head) > 2) or _is_number(head)):
            return [head, _MARK]
    split = re.fullmatch(r"([a-z]{3,})(\d+)", word)
    if split and _mark_of(split[1]):
        return [_MARK, split[2]]
    return [word]


def _mark_of(word: str) -> str | None:
    """Return the mark of a stop word, however often the word or its letters are repeated; None for other words."""
    if word in STRONG or word in MISSPELLED:
        return _WEAK_MARK if MISSPELLED.get(word) in WEAK else _MARK
    if word in WEAK:
        return _WEAK_MARK
    squeezed = re.sub(r"(.)\1+", r"\1", word.translate(_LEET) if re.search("[a-z]", word) else word)
    once = re.fullmatch(r"(.{3,}?)\1+", squeezed)
    return _SQUEEZED.get(once[1] if once else squeezed)


_LEET = str.maketrans("0571", "ostl")
_SQUEEZED = {
    re.sub(r"(.)\1+", r"\1", word): _MARK if word in STRONG else _WEAK_MARK for word in (*sorted(WEAK), *sorted(STRONG))
}


def _together(tokens: list[str]) -> list[str]:
    """Join stop words that a space has split, among other words (`un subscribe me`)."""
    joined: list[str] = []
    for token in tokens:
        if (
            joined
            and joined[-1] != _MARK
            and token != _MARK
            and len(joined[-1] + token) > 3
            and joined[-1] + token in STRONG
        ):
            joined[-1] = _MARK
        else:
            joined.append(token)
    return joined


def _collapsed(words: list[str]) -> list[str]:
    """Drop immediate repeats of a stop word."""
    kept: list[str] = []
    for word in words:
        if not (kept and kept[-1] == word and _mark_of(word)):
            kept.append(word)
    return kept


def _is_negated(tokens: list[str]) -> bool:
    first = min(tokens.index(mark) for mark in (_MARK, _WEAK_MARK) if mark in tokens)
    before, after = tokens[:first], tokens[first + 1 :]
    if before and (before[-1] in NO_ORDER_BEFORE or (before[-1] == "non" and not AROUND.issuperset(before))):
        return True
    if {"dont", "never", "not", "ne", "n"} & set(before[-2:]):
        return True
    return bool(after) and (after[0] in NO_ORDER_AFTER or after[0] == "pas" or _is_another_doing(after[0]))


def _is_another_doing(word: str) -> bool:
    return len(word) > 5 and word.endswith("ing") and word not in AROUND and word not in DOING_TO_US


def _may_be_an_order(tokens: list[str]) -> bool:
    """Return whether a strong stop word opens or ends a short text with other words, or comes with a question word."""
    if _MARK not in tokens:
        return False
    if QUESTIONS & set(tokens):
        return True
    bare = [word for word in tokens if word == _MARK or word not in AROUND]
    return _MARK in (bare[0], bare[-1])


def _is_number(word: str) -> bool:
    return read_code(word).isdecimal()


def _of_group(tokens: list[str]) -> StopReading:
    """Return STOP for the group whose code is in the text, or for everything; unclear if there are two codes."""
    numbers = [read_code(word) for word in tokens if _is_number(word)]
    joined = "".join(numbers)
    is_phone = len(joined) > LONGEST_TWO_CODES or (len(joined) > LONGEST_CODE and joined.startswith("0"))
    if sum(is_code(number) for number in numbers) > 1 and not is_phone:
        return UNCLEAR
    return StopReading(StopMeaning.STOP, joined if is_code(joined) else "")
