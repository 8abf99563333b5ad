"""Encryption at rest: values can be found by equality and decrypted only with the right key; keys can be rotated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from smsgate.core.database import Database
from smsgate.core.encryption import Keyring, SealedForm, WrongKey
from smsgate.core.migrations import check, migrate
from smsgate.models import Phone
from tests.support.people import START

OLD, NEW, OTHER = "01" * 32, "23" * 32, "45" * 32


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_and_looks_the_same_each_time(said: str) -> None:
    ring = Keyring([OLD])
    sealed = ring.seal(said, "phone.number")
    assert ring.open(sealed, "phone.number") == said
    assert sealed == ring.seal(said, "phone.number")
    assert ring.forms(said, "phone.number") == [sealed]


def test_a_sealed_text_opens_in_no_other_column() -> None:
    ring = Keyring([OLD])
    assert ring.seal("x", "a") != ring.seal("x", "b")
    with pytest.raises(WrongKey):
        ring.open(ring.seal("x", "a"), "b")


def test_the_newest_key_seals_and_all_of_them_open() -> None:
    before, during, after = Keyring([OLD]), Keyring([NEW, OLD]), Keyring([NEW])
    sealed = before.seal("x", "p")
    assert during.open(sealed, "p") == "x"
    assert not during.is_newest(sealed, "p")
    assert sealed in during.forms("x", "p")
    again = during.seal("x", "p")
    assert during.is_newest(again, "p")
    assert after.open(again, "p") == "x"
    with pytest.raises(WrongKey):
        after.open(sealed, "p")


@pytest.mark.parametrize("keys", [[], ["short"], ["zz" * 32], ["ab" * 31], [OLD, ""], [f"+{OLD}"]])
def test_bad_keys_are_refused_and_not_shown(keys: list[str]) -> None:
    with pytest.raises(WrongKey) as raised:
        Keyring(keys)
    assert not any(key and key in str(raised.value) for key in keys)


def test_a_tag_tells_nothing_and_belongs_to_the_key() -> None:
    tag = Keyring([OLD]).tag("+254711000001")
    assert tag == Keyring([OLD]).tag("+254711000001")
    assert tag != Keyring([NEW]).tag("+254711000001")
    assert len(tag) == 32
    assert OLD not in repr(Keyring([OLD]))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "smsgate.sqlite"


@pytest.fixture
def old(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}", Keyring([OLD]))
    migrate(database)
    with database.transaction() as session:
        session.add(Phone(number="+254711000001", created_at=START))
    yield database
    database.engine.dispose()


def test_the_file_never_shows_a_number(old: Database, path: Path) -> None:
    files = [file.read_bytes() for file in path.parent.iterdir()]  # including the write-ahead log
    assert any(b"phones" in file for file in files)
    assert not any(b"711000001" in file for file in files)


def test_a_row_is_found_by_its_number_while_keys_change(old: Database, path: Path) -> None:
    ring = Keyring([NEW, OLD])
    both = Database(f"sqlite:///{path}", ring)
    with both.reading() as session:
        forms = [SealedForm(form) for form in ring.forms("+254711000001", "phone.number")]
        found = session.scalars(select(Phone).where(Phone.number.in_(forms))).one()
        assert found.number == "+254711000001"
    both.engine.dispose()


def test_the_wrong_key_is_refused_at_the_start(old: Database, path: Path) -> None:
    check(old)
    wrong = Database(f"sqlite:///{path}", Keyring([OTHER]))
    with pytest.raises(WrongKey):
        check(wrong)
    wrong.engine.dispose()
