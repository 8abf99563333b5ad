"""The catalogues hold every text; `_()` takes literals only, so that the extractor finds them all."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from smsgate import catalogues, i18n

SOURCE = Path(i18n.__file__).parent
CALLS = {"_": 1, "ngettext": 2}


def test_every_catalogue_is_complete_with_the_same_placeholders_and_no_medical_word() -> None:
    assert catalogues.faults() == []


def test_the_template_holds_what_the_source_says_today() -> None:
    said = {
        message if isinstance(message, str) else message[0]
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(SOURCE), method_map=[("**.py", "python")], keywords={"_": None, "ngettext": (1, 2)}
        )
    }
    kept = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogues.template()}
    assert said == kept - {""}, "run `make catalogues`"


def test_texts_are_literals() -> None:
    found = 0
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if isinstance(node, ast.Call) and name in CALLS and path.name != "performing.py":
                texts = node.args[: CALLS[name]]
                assert all(isinstance(text, ast.Constant) for text in texts), f"{path}:{node.lineno}"
                assert len(texts) == CALLS[name], f"{path}:{node.lineno}"
                found += 1
    assert found > 100


@pytest.mark.parametrize(
    ("said", "translated", "fault"),
    [
        ("Dial {code}", "Piga", "other placeholders"),
        ("Dial {code}", "", "not translated"),
        ("Hello", "Habari, mgonjwa", "medical word"),
    ],
)
def test_a_faulty_catalogue_is_found(said: str, translated: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source, swahili = Catalog(), Catalog(locale="sw")
    source.add(said)
    swahili.add(said, translated)
    monkeypatch.setattr(catalogues, "template", lambda: source)
    monkeypatch.setattr(catalogues, "catalogue", lambda language: swahili)
    assert [one for one in catalogues.faults() if fault in one]


def test_a_doubtful_line_is_spoken_all_the_same() -> None:
    doubtful = [message for message in i18n.catalogue("sw") if message.fuzzy and message.id]
    assert doubtful
    for message in doubtful:
        if isinstance(message.id, str):
            with i18n.speaking("sw"):
                assert i18n.translations("sw").gettext(message.id) == message.string
