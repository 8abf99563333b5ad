"""What an answer in words says: yes, no, maybe, one of the keys, or nothing certain.

The whole text has to consist of such words, with thanks, greetings, a name or a signature around them. Anything else
("but", "if", a question mark, a second answer) makes it unclear; then we ask, and never guess. `answer_vocabulary.py`
has the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from smsgate.flows.typed import answer_vocabulary as vocabulary
from smsgate.flows.typed.keys import ascii_digits
from smsgate.flows.typed.letters import fold, joined, without_signature, words_of


class Meaning(Enum):
    """What an answer says."""

    YES = auto()
    NO = auto()
    MAYBE = auto()


class _Kind(Enum):
    POLITE = auto()  # a yes that may only take note of what we said
    OPENING = auto()  # the same, unless more follows
    AROUND = auto()


_Sense = Meaning | _Kind | int  # or a key


@dataclass(frozen=True)
class AnswerReading:
    """What a text says, by a key and in words; both None if unclear."""

    key: int | None = None
    meaning: Meaning | None = None
    in_words: bool = False  # more than a bare digit
    is_polite: bool = False  # a yes such as "ok", which may only take note of what we said last

    def to(self, keys: Mapping[int, Meaning]) -> Meaning | None:
        """Return what it says to a question with these keys; None if that is unclear, or none of its answers."""
        if self.key is None:
            return self.meaning if self.meaning in keys.values() else None
        meant = keys.get(self.key)
        return meant if self.meaning in (None, meant) else None


UNCLEAR = AnswerReading()
LONGEST = 160  # characters; a longer text is a sentence
MOST_WORDS = 14
LONGEST_KEY = 2  # digits
LEAST_FOR_SLIPS = 5  # fewest letters of a word in which one slip of the finger is forgiven
LONGEST_SIGNATURE = 3  # words
DOUBTFUL = re.compile("[?؟😢😭😞😔💔😟😣😖😩🆘🙁☹]")  # no plain yes, no or "I am fine"
_NAME = r"[A-ZÀ-Þ][\w'’.]*"
_SIGNED = re.compile(rf"(?:\s+[-–—~/]\s*|[.,!;]\s+|\s*[-–—]\s+){_NAME}(?:\s+{_NAME})?\.?\s*$")
_SHORTENED = re.compile(r"\b(i|we|you|he|she|it|they|that) (m|ll|ve|re|d|s)\b")
_WHOLE = {"m": "am", "ll": "will", "re": "are", "ve": "have", "d": "would", "s": "is"}
_GLUED = {"im": "i am", "ill": "i will", "iam": "i am", "ive": "i have", "id": "i would", "wanna": "want to"}


def read_answer(text: str, names: str = "") -> AnswerReading:
    """Return what a text answers. `names`, such as that of the person who asked, may stand around the answer."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(">")]
    if len(text) > LONGEST or DOUBTFUL.search(" ".join(lines)):
        return UNCLEAR
    called = frozenset(words_of(fold(names)))
    whole = _read("\n".join(lines), called)
    if whole != UNCLEAR or not lines:
        return whole
    signed = " ".join(lines)
    name = _SIGNED.search(signed)
    parts = [(signed[: name.start()], signed[name.start() :])] if name else []
    parts += [(lines[0], " ".join(lines[1:]))] if len(lines) > 1 else []
    readings = (_read(said, called) for said, name_below in parts if _is_signature(name_below, called))
    return next((reading for reading in readings if reading != UNCLEAR), UNCLEAR)


def _is_signature(text: str, called: frozenset[str]) -> bool:
    """Return whether it may be a name and has no other meaning."""
    words = _words(text)
    says = any(sense not in (None, _Kind.AROUND) for sense in _senses(words, called))
    return len(words) <= LONGEST_SIGNATURE and not says and not vocabulary.HEDGES & set(words)


def _read(text: str, called: frozenset[str]) -> AnswerReading:
    words = _words(text)
    senses = [sense for sense in _senses(words, called) if sense is not _Kind.AROUND]
    if not senses or len(words) > MOST_WORDS or None in senses:
        return UNCLEAR
    keys = {sense for sense in senses if isinstance(sense, int)}
    meanings = {sense for sense in senses if isinstance(sense, Meaning)}
    is_polite = not meanings and not keys
    if _Kind.POLITE in senses or is_polite:
        meanings.add(Meaning.YES)
    if Meaning.MAYBE in meanings and (Meaning.NO not in meanings or senses[0] is Meaning.MAYBE):
        meanings = {Meaning.MAYBE}  # "maybe I come", "yes if I can", "maybe not"; but "no, maybe" is unclear
    if len(keys) > 1 or len(meanings) > 1:
        return UNCLEAR
    in_words = not "".join(words).isdecimal()
    return AnswerReading(next(iter(keys), None), next(iter(meanings), None), in_words, is_polite)


def _words(text: str) -> list[str]:
    for meant, signs in vocabulary.SIGNS.items():
        text = re.sub(f"[{signs}]", f" {meant} ", text)
    plain = " ".join(words_of(re.sub(r"(\d)(?=[a-z])", r"\1 ", fold(ascii_digits(text)))))
    plain = without_signature(plain)
    plain = joined(_SHORTENED.sub(lambda found: f"{found[1]} {_WHOLE[found[2]]}", plain))
    plain = re.sub(r"([a-z])\1{2,}", r"\1", plain)
    return [part for word in plain.split() for part in _GLUED.get(word, word).split()]


def _senses(words: list[str], called: frozenset[str]) -> Iterator[_Sense | None]:
    """Yield the sense of each phrase, taking the longest that fits; None for a word that we don't know."""
    known, longest = _known()
    place = 0
    while place < len(words):
        for count in range(min(longest, len(words) - place), 0, -1):
            phrase = tuple(words[place : place + count])
            if phrase in known:
                yield known[phrase]
                break
        else:
            count = 1
            yield _sense_of_unknown(words[place], called)
        place += count


def _sense_of_unknown(word: str, called: frozenset[str]) -> _Sense | None:
    if word.isdecimal():
        return int(word) if len(word.lstrip("0")) <= LONGEST_KEY else None
    if word in called:
        return _Kind.AROUND
    return _by_slip(word) if len(word) >= LEAST_FOR_SLIPS else None


@cache
def _known() -> tuple[dict[tuple[str, ...], _Sense], int]:
    lists: list[tuple[_Sense, str]] = [
        (_Kind.AROUND, vocabulary.AROUND),
        (1, vocabulary.ONE),
        (2, vocabulary.TWO),
        (3, vocabulary.THREE),
        (_Kind.POLITE, vocabulary.POLITE),
        (_Kind.OPENING, vocabulary.OPENING),
        (Meaning.YES, vocabulary.YES),
        (Meaning.MAYBE, vocabulary.MAYBE),
        (Meaning.NO, vocabulary.NO),
    ]
    known = {phrase: sense for sense, listed in lists for phrase in vocabulary.phrases(listed)}
    return known, max(map(len, known))


@cache
def _by_slip(word: str) -> _Sense | None:
    """Return the only sense within one slip of a word (a letter too many, too few, wrong, or two swapped), or None."""
    known, _longest = _known()
    near = {
        sense
        for phrase, sense in known.items()
        if len(phrase) == 1 and len(phrase[0]) > LEAST_FOR_SLIPS and _is_near(word, *phrase)
    }
    return near.pop() if len(near) == 1 else None


def _is_near(typed: str, word: str) -> bool:
    if abs(len(typed) - len(word)) > 1:
        return False
    if len(typed) == len(word):
        differ = [place for place in range(len(word)) if typed[place] != word[place]]
        swapped = len(differ) == 2 and differ[1] == differ[0] + 1
        return len(differ) <= 1 or (
            swapped and typed[differ[0]] == word[differ[1]] and typed[differ[1]] == word[differ[0]]
        )
    short, long = sorted((typed, word), key=len)
    return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))
