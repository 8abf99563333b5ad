"""Changing the rules and words of a programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smsgate.core import gsm7
from smsgate.core.admin_text import _
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.matching.programmes import LONGEST_WORDS, checked_name
from smsgate.models import Programme

LONGEST_INTEREST = 24
INTERESTS_MOST = 9
LANGUAGES_MOST = 12
# By column: minimum and maximum.
BOUNDS = {
    "weeks_between": (1, 8), "minutes": (15, 240), "months": (1, 12), "code_days": (1, 365), "room_each": (1, 20),
    "waiting_most": (1, 1000),
}  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """What admins can change; each interest has the same index in every language of `interests`."""

    name: str
    words: Mapping[str, str]  # by language
    interests: Mapping[str, Sequence[str]]  # by language
    languages: Sequence[str]
    areas: Sequence[int]
    numbers: Mapping[str, int]  # by key of BOUNDS
    shares_numbers: bool = False


def save(programme: Programme, rules: Rules) -> None:
    """Save the rules. An interest keeps its number as long as its words in the first language stay. Raises Invalid."""
    words = {language: checked_words(said) for language, said in rules.words.items() if said.strip()}
    interests = _interests(programme, rules.interests)
    for column, (least, most) in BOUNDS.items():
        if not least <= rules.numbers[column] <= most:
            raise Invalid(f"{column} is {least} to {most}.")
    programme.name = checked_name(rules.name)
    programme.words, programme.interests = words, interests
    programme.languages = [" ".join(name.split())[:16] for name in rules.languages if name.strip()][:LANGUAGES_MOST]
    programme.areas = list(rules.areas)
    for column in BOUNDS:
        setattr(programme, column, rules.numbers[column])
    programme.shares_numbers = rules.shares_numbers


def checked_words(words: str) -> str:
    """Return words on one line, in the SMS alphabet. Raises Invalid."""
    plain = gsm7.transliterate(" ".join(words.split()))
    if len(plain) > LONGEST_WORDS:
        raise Invalid(_("At most {count} characters.").format(count=LONGEST_WORDS))
    if odd := gsm7.expensive_chars(plain):
        raise Invalid(_("Many phones can't show {characters}.").format(characters=" ".join(odd)))
    return plain


def _interests(programme: Programme, wanted: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    known = {next(iter(words.values())): number for number, words in programme.interests.items() if words}
    free = max((int(number) for number in programme.interests), default=0) + 1
    made: dict[str, dict[str, str]] = {}
    for place in range(min(INTERESTS_MOST, max(map(len, wanted.values()), default=0))):
        words = {
            language: checked_words(wanted[language][place])[:LONGEST_INTEREST]
            for language in LANGUAGES
            if place < len(wanted.get(language, ())) and wanted[language][place].strip()
        }
        if not words:
            continue
        number = known.get(next(iter(words.values())))
        if number is None:
            number, free = str(free), free + 1
        made[number] = words
    return made
