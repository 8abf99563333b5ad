"""The phone texts for a speaker to read: each with a screen or SMS that has it, the doubtful ones first."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2s
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from smsgate.core.gsm7 import transliterate
from smsgate.core.i18n import LANGUAGES, SOURCE, catalogue, speaking
from smsgate.flows.checks import catalogues, walker
from smsgate.flows.checks.callers import CALLERS
from smsgate.flows.checks.sms_inventory import SMS_INVENTORY
from smsgate.flows.menu import menu
from smsgate.flows.screens import SMS_LIMIT

READERS = ("member", "stranger", "responder", "stopped", "blocked", "member with a code", "blocked, on a hard day")
SHORTEST = 4  # letters: a shorter text is not looked for on screens


@dataclass(frozen=True)
class Entry:
    """A text in its source forms, in the language under review, and in the others."""

    key: str
    said: tuple[str, ...]
    forms: tuple[str, ...]
    others: dict[str, str]
    is_doubtful: bool
    place: str  # a screen or SMS with it, "" if none was found
    files: tuple[str, ...]


class Review:
    """The catalogue of a language while a speaker improves it.

    `earlier` is what they saved before, to go on from. Texts that this release no longer has are left out.
    """

    def __init__(self, language: str, earlier: Catalog | None = None) -> None:
        self.language = language
        self.texts = catalogue(language)
        for message in earlier or ():
            if message.id and (known := self.texts.get(_forms(message.id)[0])) and message.string:
                known.string, known.flags = message.string, message.flags
        self._source = catalogues.template()
        self._others = {other: catalogue(other) for other in LANGUAGES if other not in (SOURCE, language)}

    @cached_property
    def places(self) -> list[str]:
        """Every SMS and screen in the language, with the longest values filled in."""
        with speaking(self.language):
            texts = [transliterate(words()) for words in SMS_INVENTORY.values()]
        for who in READERS:
            visits = walker.walk(menu, CALLERS[who], self.language, SMS_LIMIT)
            texts += ["\n".join(page.text for page in seen.pages) for seen in visits]
        return list(dict.fromkeys(texts))

    def entries(self) -> list[Entry]:
        """Return every text: the doubtful ones first, then by the file that uses it."""
        found = [self._entry(message) for message in self._source if message.id]
        return sorted(found, key=lambda entry: (not entry.is_doubtful, entry.files))

    def faults(self, key: str, forms: list[str]) -> list[str]:
        """Return what `smsgate check catalogues` would say about these words. Raises KeyError for an unknown text."""
        return catalogues.faults_of(self._said(key), forms, self.texts)

    def save(self, key: str, forms: list[str]) -> None:
        """Save these words; a speaker has read them, so they are no longer doubtful."""
        message = self.texts[_forms(self._said(key).id)[0]]
        message.string = tuple(forms) if isinstance(message.id, (list, tuple)) else forms[0]
        message.flags.discard("fuzzy")

    def as_po(self) -> bytes:
        """Return the whole catalogue, to hand back."""
        file = io.BytesIO()
        write_po(file, self.texts, width=0, no_location=True)
        return file.getvalue()

    def _said(self, key: str) -> Message:
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> dict[str, Message]:
        return {_key(message): message for message in self._source if message.id}

    def _entry(self, said: Message) -> Entry:
        text = _forms(said.id)[0]
        message = self.texts[text]
        forms = _forms(message.string)
        return Entry(
            key=_key(said),
            said=_forms(said.id),
            forms=forms,
            others={LANGUAGES[code]: " / ".join(_said_in(texts, text)) for code, texts in self._others.items()},
            is_doubtful=message.fuzzy,
            place=next(self._with(forms), ""),
            files=tuple(sorted({file.removeprefix("smsgate/") for file, _line in said.locations})),
        )

    def _with(self, forms: tuple[str, ...]) -> Iterator[str]:
        for parts in filter(None, map(_literal_parts, forms)):
            yield from (place for place in self.places if all(part in place for part in parts))


def _said_in(texts: Catalog, text: str) -> tuple[str, ...]:
    message = texts.get(text)
    return _forms(message.string) if message else ()


def _literal_parts(form: str) -> list[str]:
    parts = [part for part, *_rest in Formatter().parse(transliterate(form))]
    return [part for part in parts if part] if any(len(part.strip()) >= SHORTEST for part in parts) else []


def _forms(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, (list, tuple)) else (str(text or ""),)


def _key(message: Message) -> str:
    return blake2s(_forms(message.id)[0].encode(), digest_size=6).hexdigest()
