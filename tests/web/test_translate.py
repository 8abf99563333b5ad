"""A speaker reads the phone texts on a page on their own machine, improves one and hands back the catalogue."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from smsgate.core import i18n
from smsgate.core.errors import Invalid
from smsgate.flows.checks import review
from smsgate.web.translate import create_translate_app

TEXT = "Send your help text to {count} person?"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sw.po"


@pytest.fixture
def page(file: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(review, "READERS", ("stranger",))  # walking the others takes seconds
    return create_translate_app("sw", file).test_client()


def form_of(page: FlaskClient, said: str) -> str:
    """Return the page's form for an English text."""
    forms = page.get("/").get_data(as_text=True).split("<form ")[1:]
    return next(form for form in forms if f'lang="en">{said}' in form)


def key_of(page: FlaskClient, said: str) -> str:
    found = re.search(r'id="(\w+)"', form_of(page, said))
    assert found
    return found[1]


def test_every_text_is_there_the_doubtful_first_with_the_screen_and_the_other_languages(page: FlaskClient) -> None:
    forms = page.get("/").get_data(as_text=True).split("<form ")[1:]
    doubtful = ["Doubtful" in form for form in forms]
    assert doubtful == sorted(doubtful, reverse=True)
    assert any(doubtful)
    assert len(forms) == len([message for message in i18n.catalogue("sw") if message.id])
    joining = form_of(page, "Get group meeting news")
    assert "Réunions, SMS à vos proches." in joining, "in the other language"
    assert re.search(r"<pre[^>]*>Pata habari za mikutano.*\n1 Jiunge", joining), "on its screen"


def test_a_better_word_is_saved_and_handed_back(page: FlaskClient, file: Path) -> None:
    better = {"key": key_of(page, TEXT), "forms": ["Tutume SMS yako ya msaada kwa mtu {count}?"] * 2}
    assert page.post("/check", json=better).json == {"faults": []}
    assert page.post("/save", json=better).status_code == 200
    for handed in (file.read_bytes(), page.get("/catalogue.po").data):
        message = read_po(io.BytesIO(handed), locale="sw")[TEXT]
        assert message.string == tuple(better["forms"])
        assert not message.fuzzy


def test_who_begins_again_goes_on_where_they_stopped(page: FlaskClient, file: Path) -> None:
    first = {"key": key_of(page, TEXT), "forms": ["Tutume SMS yako ya msaada kwa mtu {count}?"] * 2}
    page.post("/save", json=first)
    again = create_translate_app("sw", file).test_client()
    assert "Tutume SMS yako ya msaada kwa mtu {count}?" in form_of(again, TEXT)
    other = next(message for message in i18n.catalogue("sw") if message.fuzzy and isinstance(message.id, str))
    again.post("/save", json={"key": key_of(again, str(other.id)), "forms": [other.string]})
    assert read_po(io.BytesIO(file.read_bytes()), locale="sw")[TEXT].string == tuple(first["forms"])


def test_a_file_that_is_no_catalogue_is_left_alone(file: Path) -> None:
    file.write_text("Dear diary")
    with pytest.raises(Invalid, match="no catalogue"):
        create_translate_app("sw", file)
    assert file.read_text() == "Dear diary"


def test_what_a_speaker_has_read_is_no_longer_doubtful(page: FlaskClient, file: Path) -> None:
    doubtful = next(message for message in i18n.catalogue("sw") if message.fuzzy and isinstance(message.id, str))
    page.post("/save", json={"key": key_of(page, str(doubtful.id)), "forms": [doubtful.string]})
    assert not read_po(io.BytesIO(file.read_bytes()))[doubtful.id].fuzzy


@pytest.mark.by_day(1)
@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("Tutume kwa {mtu}?", "other placeholders"),
        ("Tutume SMS yako ya msaada kwa {count", "other placeholders"),
        ("Tutume SMS yako ya msaada kwa daktari {count}?", "medical word"),
        ("Tutume kwa mtu {count}?", "glossary"),
        ("", "not translated"),
    ],
)
def test_a_fault_is_named_while_typing_and_never_saved(page: FlaskClient, file: Path, words: str, fault: str) -> None:
    worse = {"key": key_of(page, TEXT), "forms": [words, words]}
    for path in ("/check", "/save"):
        answer = page.post(path, json=worse).json
        assert answer
        assert any(fault in line for line in answer["faults"]), answer
    assert not file.exists()


@pytest.mark.by_day(1)
@pytest.mark.parametrize("nonsense", [{}, {"key": "nobody", "forms": ["a"]}, {"key": 1, "forms": []}, {"forms": ["a"]}])
def test_nonsense_is_refused(page: FlaskClient, nonsense: dict[str, object]) -> None:
    assert page.post("/save", json=nonsense).status_code in (400, 404)


def test_nobody_else_and_no_other_site_may(page: FlaskClient) -> None:
    assert page.get("/", headers={"Host": "evil.example"}).status_code == 404
    assert page.get("/", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404
    assert page.post("/save", data={"key": "a", "forms": "b"}).status_code == 404
