"""A flow's texts, quick replies and category names in the service's languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smsgate.core.admin_text import _
from smsgate.core.i18n import LANGUAGES
from smsgate.surveys.definitions.rapidpro.blocks import Words
from smsgate.surveys.definitions.rapidpro.expressions import tidy, without_expressions
from smsgate.surveys.definitions.rapidpro.graph import Node
from smsgate.surveys.definitions.rapidpro.languages import Languages
from smsgate.surveys.definitions.rapidpro.report import Report, quoted, short

LONGEST = 600


class Wordings:
    """Looks up words in every language by the uuid of their action or category."""

    def __init__(self, languages: Languages, report: Report) -> None:
        self.languages, self.report = languages, report

    def text(self, node: Node, action: Mapping[str, Any]) -> Words:
        """Return a text in every language, without expressions; {} if there is none."""
        words = self._in_every(node, str(action.get("uuid")), "text", str(action.get("text") or ""))
        return {language: self._plain(node, text) for language, text in words.items()} if words else {}

    def label(self, uuid: str, base: str, node: Node) -> Words:
        """Return the name of a category in every language."""
        return self._in_every(node, uuid, "name", base, complain=False) or dict.fromkeys(self.languages.spoken, base)

    def replies(self, action: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return a text's quick replies by language: the base first, then those translations that have as many."""
        base = [reply for one in action.get("quick_replies") or () if (reply := _reply(one))]
        found = {self.languages.spoken[0]: base} if base else {}
        for language, words in self.languages.translations.items() if base else ():
            entry = words.get(str(action.get("uuid")))
            listed = entry.get("quick_replies") if isinstance(entry, Mapping) else None
            if isinstance(listed, list) and len(listed) == len(base):
                found[language] = [_reply(one) or base[at] for at, one in enumerate(listed)]
        return found

    def _in_every(self, node: Node, uuid: str, what: str, base: str, *, complain: bool = True) -> dict[str, str]:
        found = {self.languages.base: base} if self.languages.base else {}
        lacking = []
        for language, words in self.languages.translations.items():
            entry = words.get(uuid)
            listed = entry.get(what) if isinstance(entry, Mapping) else None
            said = str(listed[0]) if isinstance(listed, list) and listed and str(listed[0] or "").strip() else ""
            if said:
                found[language] = said
            else:
                lacking.append(language)
        if lacking and complain and base.strip():
            self._complain(node, base, lacking)
        other = found.get(self.languages.base or "") or next(iter(found.values()), "")
        return {language: found.get(language) or other for language in self.languages.spoken} if other.strip() else {}

    def _complain(self, node: Node, base: str, lacking: list[str]) -> None:
        missing = ", ".join(LANGUAGES[language] for language in lacking)
        if self.languages.base:
            said = _("{text} isn't written in {languages}; the first language is used instead.")
        elif len(lacking) == len(self.languages.translations):
            said = _("{text} isn't written in a language of this service ({languages}) and is left out.")
        else:
            said = _("{text} isn't written in {languages}; another language is used instead.")
        self.report.add(node, said.format(text=quoted(base), languages=missing))

    def _plain(self, node: Node, text: str) -> str:
        plain, expressions = without_expressions(text)
        for expression in expressions:
            self.report.add(node, _("{what} is left out of the text.").format(what=short(expression)))
        plain = tidy(plain)
        if len(plain) > LONGEST:
            self.report.add(node, _("its text is cut to {count} characters.").format(count=LONGEST))
        return plain[:LONGEST].strip() or "…"


def _reply(one: object) -> str:
    text = one.get("text") if isinstance(one, Mapping) else one
    return tidy(without_expressions(str(text or "").split("\n")[0])[0])
