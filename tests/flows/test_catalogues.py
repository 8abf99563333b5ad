"""The catalogues contain every text, and `_()` takes only literals, so that the extractor finds them all."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Protocol

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from smsgate.core import i18n
from smsgate.flows.checks import catalogues, glossary

SOURCE = Path(i18n.__file__).parent.parent
CALLS = {"_": (1, 1), "ngettext": (2, 3)}  # (number of literals, number of arguments)
Texts = dict[str | tuple[str, str], str | tuple[str, str]]


class Faults(Protocol):
    """Returns the faults of a catalogue with these texts, and with `unsaid` texts that the source no longer has."""

    def __call__(self, texts: Texts, unsaid: Texts | None = None, /) -> list[str]: ...


@pytest.fixture
def faults_of(monkeypatch: pytest.MonkeyPatch) -> Faults:
    def found(texts: Texts, unsaid: Texts | None = None, /) -> list[str]:
        source, translated = Catalog(), Catalog(locale="sw")
        for said in texts:
            source.add(said)
        for said, translation in {**texts, **(unsaid or {})}.items():
            translated.add(said, translation)
        none = Catalog(locale="sw")
        phones = i18n.PHONES
        monkeypatch.setattr(catalogues, "template", lambda domain: source if domain == phones else none)
        monkeypatch.setattr(catalogues, "catalogue", lambda language, domain: translated if domain == phones else none)
        monkeypatch.setattr(glossary, "read", glossary.Glossary)  # it has tests of its own
        return catalogues.faults()

    return found


def test_every_catalogue_is_complete_and_faithful_and_fits_and_has_no_medical_word() -> None:
    assert catalogues.faults() == []


@pytest.mark.parametrize("domain", [i18n.PHONES, i18n.CONSOLE])
def test_the_template_holds_what_the_source_says_today(domain: str) -> None:
    with (i18n.LOCALES / f"{domain}.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    said = {
        message if isinstance(message, str) else message[0]
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(SOURCE), method_map=methods, options_map=options, keywords={"_": None, "ngettext": (1, 2)}
        )
    }
    kept = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogues.template(domain)}
    assert said == kept - {""}, "run `make catalogues`"


def not_literal(code: str) -> list[int]:
    """Return the lines that pass `_` or `ngettext` anything but literals."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and (name := _called(node)) in CALLS and not _is_plain(node, *CALLS[name])
    ]


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr="_" as name):
            return name
    return ""


def _is_plain(node: ast.Call, literals: int, arguments: int) -> bool:
    texts = [isinstance(text, ast.Constant) and isinstance(text.value, str) for text in node.args[:literals]]
    return all(texts) and len(node.args) == arguments and not node.keywords


def test_texts_are_literals() -> None:
    for path in SOURCE.rglob("*.py"):
        assert not_literal(path.read_text()) == [], path


@pytest.mark.parametrize(
    "code",
    ["_(text)", "_(f'{name} is here')", "_('a' + b)", "_('Hi {}'.format(name))", "_()", "_('a', 'b')", "_(1)",
     "i18n._(text)", "ngettext(one, 'many', 2)", "ngettext('one', 'many')", "_(text='a')", "_('%s' % name)"],
)  # fmt: skip
def test_a_text_that_the_extractor_cannot_find_is_seen(code: str) -> None:
    assert not_literal(code) == [1]


def test_a_literal_formatted_afterwards_is_well() -> None:
    assert (
        not_literal("_('a' 'b {c}').format(c=d); i18n._('a'); ngettext('one', 'many', count).format(count=count)") == []
    )


@pytest.mark.parametrize(
    ("said", "translated", "fault"),
    [
        ("Dial {code}", "Piga", "other placeholders"),
        ("Dial {code}", "Piga {kodi}", "other placeholders"),
        ("Dial {code}", "Piga {code", "other placeholders"),
        ("Dial {code}", "Piga {code!r}", "other placeholders"),
        ("Dial {code}", "", "not translated"),
        (("{count} person", "{count} people"), ("mtu {count}", ""), "not translated"),
        (("{count} person", "{count} people"), ("mtu {count}", "watu"), "other placeholders"),
        ("Hello", "Habari, mgonjwa", "medical word"),
        ("Hello", "Bonjour, le médecin", "medical word"),
        ("Hello", "Unapaswa kuja", "prescribing word 'Unapaswa' in 'Unapaswa kuja'"),
        ("Text STOP", "Tuma ACHA", "lost STOP"),
        ("Reply 1 or 2", "Jibu 1", "lost 2"),
        ("Text LEAVE", "Tuma PUMZIKA", "lost LEAVE"),
        ("{group} is closed", "{group} " + "imefungwa " * 14, "too long"),
        ("Hello", "ሰላም", "not GSM-7"),
    ],
)
def test_a_faulty_catalogue_is_found(
    said: str | tuple[str, str], translated: str | tuple[str, str], fault: str, faults_of: Faults
) -> None:
    found = faults_of({said: translated})
    assert len(found) == len(i18n.LANGUAGES) - 1, "one in each language but the source"
    assert all(fault in one for one in found)


@pytest.mark.parametrize(
    ("said", "translated"),
    [
        ("{who}: {words} Reply 1.", "Jibu 1. {who}: {words}"),
        (("{count} person", "{count} people"), ("mtu {count}", "watu {count}")),
        ("I am fine here", "Une foule fournit de l'être"),
    ],
)
def test_a_good_catalogue_is_left_in_peace(
    said: str | tuple[str, str], translated: str | tuple[str, str], faults_of: Faults
) -> None:
    assert faults_of({said: translated}) == []


@pytest.mark.parametrize(
    ("form", "faults"),
    [("Nom: {name}", 1), ("Nom\u00a0: {name}", 0), ("Fermer {name}?", 1), ("Fermer {name} à 14:00\u00a0?", 0)],
)
def test_french_in_a_browser_has_a_space_before_double_signs(
    monkeypatch: pytest.MonkeyPatch, form: str, faults: int
) -> None:
    source, translated, none = Catalog(), Catalog(locale="fr"), Catalog(locale="sw")
    source.add("Name 14:00 {name}" if "14" in form else "Name {name}")
    translated.add("Name 14:00 {name}" if "14" in form else "Name {name}", form)
    console = i18n.CONSOLE
    monkeypatch.setattr(catalogues, "template", lambda domain: source if domain == console else Catalog())
    monkeypatch.setattr(
        catalogues, "catalogue", lambda of, domain: translated if (of, domain) == ("fr", console) else none
    )
    monkeypatch.setattr(catalogues, "LANGUAGES", {"en": "English", "fr": "Français"})
    monkeypatch.setattr(glossary, "read", glossary.Glossary)
    assert len(catalogues.faults()) == faults


def test_a_word_of_the_source_is_found(faults_of: Faults) -> None:
    found = faults_of({"You should see a doctor": "Karibu"})
    assert [one for one in found if one.startswith("en: ") and "medical word 'doctor'" in one]
    assert [one for one in found if one.startswith("en: ") and "prescribing word 'You should'" in one]


def test_a_text_that_is_no_longer_said_is_found(faults_of: Faults) -> None:
    assert [one for one in faults_of({}, {"Goodbye": "Kwaheri"}) if "no longer said" in one]


def test_a_doubtful_line_is_spoken_all_the_same() -> None:
    doubtful = [message for message in i18n.catalogue("sw") if message.fuzzy and message.id]
    assert doubtful
    for message in doubtful:
        if isinstance(message.id, str):
            with i18n.speaking("sw"):
                assert i18n.translations("sw").gettext(message.id) == message.string


@pytest.mark.parametrize("language", sorted(set(i18n.LANGUAGES) - {i18n.SOURCE}))
def test_a_catalogue_says_who_it_is_and_no_more(language: str) -> None:
    head = (i18n.LOCALES / language / "LC_MESSAGES" / "smsgate.po").read_text("utf-8").split("\n\n")[0]
    assert re.findall(r'^"([\w-]+):', head, re.MULTILINE) == ["Language", "Content-Type", "Plural-Forms"]
