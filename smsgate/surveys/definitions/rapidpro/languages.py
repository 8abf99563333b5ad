"""Matching a flow's languages to the service's: by code, by the admin's choice, or by the words of its texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from smsgate.core.admin_text import _
from smsgate.core.i18n import LANGUAGES
from smsgate.surveys.definitions.rapidpro.files import Raw
from smsgate.surveys.definitions.rapidpro.rules import tokens
from smsgate.surveys.definitions.schema import Fault, InvalidDefinition

CODES = {
    "eng": "en",
    "swa": "sw",
    "swh": "sw",
    "swc": "sw",
    "fra": "fr",
    "fre": "fr",
    "en": "en",
    "sw": "sw",
    "fr": "fr",
}
OURS = {"en": "eng", "sw": "swa", "fr": "fra"}
UNNAMED = ("", "base", "und", "mul")
COMMON = {
    "en": "the you your and is are to of for with what how do have this that please would like",
    "sw": "ya wa na kwa ni la za je katika hii kama yako wako tafadhali ndiyo hapana una unataka",
    "fr": "le la les des vous votre et est de pour avec que quel comment une ce pas avez voulez",
}


class UnknownLanguage(InvalidDefinition):
    """A flow's language is not one of the service's, and nobody has said which one to treat it as."""

    def __init__(self, code: str) -> None:
        said = _(
            "The flow says it's in {language}, which this service doesn't have. Choose the language it's really in."
        )
        super().__init__([Fault("", said.format(language=code or "?"))])
        self.code = code


@dataclass(frozen=True)
class Languages:
    """The base language (None if its words are left out) and the translations, by the service's language codes."""

    base: str | None
    translations: Mapping[str, Mapping[str, Raw]]  # by language, then by uuid
    left: tuple[str, ...]  # codes whose words are left out
    guessed: bool = False
    base_code: str = ""

    @property
    def spoken(self) -> list[str]:
        """The languages of the definition, the base language first."""
        return list(dict.fromkeys([*([self.base] if self.base else []), *self.translations]))


def known_language(code: str) -> str:
    """Return the service's language that a code stands for; "" if there is none."""
    return CODES.get(code.casefold(), "")


def languages_of(flow: Raw, chosen: Mapping[str, str], texts: Iterable[str]) -> Languages:
    """Match a flow's languages; `chosen` has the admin's choices by code, "" to leave out. Raises UnknownLanguage."""
    code = str(flow.get("language") or "").casefold()
    known = {key: value for key, value in {**CODES, **chosen}.items() if value in LANGUAGES}
    guess = _guess(texts) if code in UNNAMED and code not in chosen else None
    base = known.get(code, guess)
    localization = flow.get("localization")
    found = localization if isinstance(localization, Mapping) else {}
    translations: dict[str, Mapping[str, Raw]] = {}
    for each, words in found.items():
        language = known.get(str(each).casefold())
        if language and language != base and isinstance(words, Mapping) and language not in translations:
            translations[language] = words
    if base is None and (code not in chosen or not translations):
        raise UnknownLanguage(code)
    taken = [each for each in found if any(translations.get(known.get(str(each).casefold(), "")) is words
                                           for words in [found[each]])]  # fmt: skip
    left = tuple(str(each) for each in found if each not in taken and str(each).casefold() != code)
    return Languages(base, translations, left, guess is not None, code)


def _guess(texts: Iterable[str]) -> str | None:
    """Return the language whose common words are frequent in these texts; None if that is not clear."""
    said = [word for text in texts for word in tokens(text)]
    score = {language: sum(said.count(word) for word in set(words.split())) for language, words in COMMON.items()}
    best, second = sorted(score.values(), reverse=True)[:2]
    return max(score, key=lambda one: score[one]) if best >= 2 and best >= 2 * second else None
