"""Crisis lines, as a volunteer maintains them and as people see them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from smsgate.core.errors import Invalid
from smsgate.help.crisis import crisis_lines
from smsgate.models import CrisisLine, CrisisLineKind, CrisisLineName, Group
from smsgate.service import Service
from tests.support.command_line import Typed
from tests.support.people import Clock, Phone, passes
from tests.support.stories import GOOD, TODAY, joins, keeps

EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "lines-example.toml"


def count(service: Service) -> int:
    with service.database.reading() as session:
        return session.scalar(select(func.count()).select_from(CrisisLine)) or 0


def another(number: str, name: str, **given: Any) -> crisis_lines.CrisisLineEntry:
    return crisis_lines.CrisisLineEntry(**{**vars(GOOD), "number": number, "names": {"en": name}, **given})


def test_a_member_reads_them_under_about(amina: Phone, group: Group, service: Service) -> None:
    keeps(service, another("000-111", "House", kind=CrisisLineKind.SERVICE, hours=""), GOOD)
    joins(amina)
    amina.dials(None, "7")
    amina.picks("Numbers to call")
    amina.sees("Befrienders: 0800000000 (8-20)\nHouse: 000111\n", "This is not an emergency service")
    assert not amina.in_a_call
    amina.texts("menu")
    amina.texts("7")
    assert "House: 000111" in amina.texts("3")


def test_they_have_the_caller_s_language_or_english(amina: Phone, group: Group, service: Service) -> None:
    keeps(service, GOOD, another("000111", "House"))
    amina.dials("*384*77*4521#", "2", "1", "1", "1")
    amina.dials(None, "7", "3")
    amina.sees("Marafiki: 0800000000", "House: 000111", "Hii si huduma ya dharura")


def test_none_is_said_kindly(amina: Phone, group: Group, service: Service) -> None:
    keeps(service, another("000111", "House", country="UG"))
    joins(amina)
    amina.dials(None, "7", "3")
    amina.sees("Sorry, we have no recently checked number for your country", "This is not an emergency service")
    amina.sees_not("000111")


def test_one_that_expired_is_never_shown(amina: Phone, group: Group, service: Service, clock: Clock) -> None:
    keeps(service, GOOD, another("000111", "House", expires_on=date(2026, 12, 1)))
    joins(amina)
    passes(service, clock, days=7)
    amina.dials(None, "7", "3")
    amina.sees("House")
    with service.database.reading() as session:
        assert crisis_lines.numbers_to_call(session, amina.number, service.now()) == ["0800000000", "000111"]
    passes(service, clock, days=1)
    amina.dials(None, "7", "3")
    amina.sees("Befrienders")
    amina.sees_not("House")
    with service.database.reading() as session:
        assert crisis_lines.numbers_to_call(session, amina.number, service.now()) == ["0800000000"]
        assert crisis_lines.numbers_to_call(session, "+256711000001", service.now()) == []


def test_a_volunteer_keeps_them(types: Typed, service: Service) -> None:
    added = ("line", "add", "ke", "0800 000-000", "Befrienders", "--sw", "Marafiki", "--hours", "8-20")
    for missing in ((), ("--source", "their site"), ("--verified", "2026-11-20")):
        types(*added, *missing, refused=True)
    assert count(service) == 0
    assert "None yet" in types("line", "list")
    said = types(*added, "--source", "their site", "--verified", "2026-11-20")
    assert "Line 1: 0800000000 is shown in KE until 2027-11-20" in said
    assert "is there already" in types(*added, "--source", "x", "--verified", "2026-11-20", refused=True)
    shown = types("line", "list")
    assert "1  KE  0800000000 (8-20)  Befrienders / Marafiki, crisis\n" in shown
    assert "verified 2026-11-20, expires 2027-11-20, from: their site" in shown
    assert "until 2027-11-20" in types("line", "change", "1", "--hours", "", "--name", "Friends", "--kind", "service")
    assert "--verified" in types("line", "change", "1", "--number", "0800000001", refused=True)
    assert "0800000001 is shown in KE until 2027-11-22" in types(
        "line", "change", "1", "--number", "0800000001", "--verified", "2026-11-22"
    )
    assert "until 2028-11-01" in types("line", "verify", "1", "--expires", "2028-11-01")
    assert "two years" in types("line", "verify", "1", "--expires", "2029-01-01", refused=True)
    assert "not yet" in types("line", "verify", "1", "--on", "2026-11-24", refused=True)
    with service.database.reading() as session:
        one = session.scalars(select(CrisisLine)).one()
        assert (one.number, one.kind, one.hours, str(one.verified_on)) == ("0800000001", "service", None, "2026-11-23")
        assert {name.language: name.name for name in one.names} == {"en": "Friends", "sw": "Marafiki"}
    assert "removed" in types("line", "remove", "1")
    assert "no line 1" in types("line", "verify", "1", refused=True)
    with service.database.reading() as session:
        assert session.scalars(select(CrisisLineName)).all() == []


def test_check_warns_and_the_list_marks(
    types: Typed, service: Service, operator: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("SMSGATE_COUNTRIES", "KE,UG")
    said = types("check")
    assert "KE has no number to call" in said
    assert "UG has no number to call" in said
    keeps(service, GOOD, another("000111", "House", country="UG", expires_on=date(2026, 12, 20)))
    said = types("check")
    assert "no number to call" not in said
    assert "Line 2 (UG, House) expires on 2026-12-20" in said
    assert "expires in 27 days" in types("line", "list")
    passes(service, operator, days=27)
    said = types("check")
    assert "UG has no number to call" in said
    assert "Line 2" not in said
    assert "EXPIRED" in types("line", "list")
    types("line", "verify", "2")
    assert types("check") == "All is well.\n"


def test_one_file_out_and_in(types: Typed, service: Service, tmp_path: Path) -> None:
    keeps(service, GOOD, another("*123#", 'The "house" \\ l\'été', source="told by\ttheir office, été"))
    types("line", "export", "kept.toml")
    text = (tmp_path / "kept.toml").read_text("utf-8")
    assert "0 new, 0 changed, of 2" in types("line", "import", "kept.toml")
    types("line", "remove", "1")
    assert "1 new, 0 changed, of 2" in types("line", "import", "kept.toml")
    types("line", "export", "again.toml")
    assert (tmp_path / "again.toml").read_text("utf-8") == text
    (tmp_path / "fewer.toml").write_text(
        text[text.index("[[line]]", text.index("[[line]]") + 1) :].replace("8-20", "9-17")
    )
    assert "0 new, 1 changed, of 1. 1 not in the file: left as they were" in types("line", "import", "fewer.toml")
    assert "removed" in types("line", "import", "fewer.toml", "--only")
    assert count(service) == 1


def test_the_example_is_refused_until_somebody_called(types: Typed, service: Service, tmp_path: Path) -> None:
    said = types("line", "import", str(EXAMPLE), refused=True)
    assert said.count("Say where the number is from") == 2
    assert "Nothing was imported" in said
    called = EXAMPLE.read_text("utf-8").replace('source = ""', 'source = "their office"')
    (tmp_path / "half.toml").write_text(called)
    assert types("line", "import", "half.toml", refused=True).count("Call the number first") == 2
    (tmp_path / "mine.toml").write_text(called.replace('verified_on = ""', "verified_on = 2026-11-20"))
    assert "2 new" in types("line", "import", "mine.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no number"),
        ("line = 3", "names no number"),
        ("line = [3]", "names no number"),
        ("[[line", "cannot be read"),
        ("[[line]]\nverifed_on = 2026-11-20", "'verifed_on' is none of"),
        ("[[line]]\nkind = 'doctor'", "crisis or service"),
        ("[[line]]\nnames = 3", "Write names like"),
        ("[[line]]\nverified_on = 'soon'", "verified_on is no day"),
        ("[[line]]\ncountry = 'KENYA'", "no country"),
        ("[[line]]\ncountry = 'KE'\nnumber = 'call me'", "cannot be dialled"),
    ],
)
def test_a_file_that_cannot_be(types: Typed, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "wrong.toml").write_text(text)
    assert said in types("line", "import", "wrong.toml", refused=True)
    assert "cannot be read" in types("line", "import", "missing.toml", refused=True)


def test_a_number_twice_in_a_file(types: Typed, service: Service, tmp_path: Path) -> None:
    keeps(service, GOOD)
    types("line", "export", "kept.toml")
    (tmp_path / "twice.toml").write_text((tmp_path / "kept.toml").read_text() * 2)
    assert "in the file 2 times" in types("line", "import", "twice.toml", refused=True)


@pytest.mark.parametrize(
    "given",
    [
        {"country": "XX"},
        {"country": ""},
        {"number": ""},
        {"number": "1"},
        {"number": "0" * 21},
        {"names": {}},
        {"names": {"sw": "x"}},
        {"names": {"en": "x" * 31}},
        {"names": {"en": "Ok", "de": "Ja"}},
        {"names": {"en": "ሰላም"}},
        {"source": " "},
        {"source": "x" * 201},
        {"verified_on": None},
        {"verified_on": date(2026, 11, 24)},
        {"expires_on": TODAY},
        {"expires_on": date(2028, 11, 24)},
        {"hours": "x" * 25},
        {"hours": "🙂"},
    ],
)
def test_what_is_not_kept(given: dict[str, Any]) -> None:
    assert crisis_lines.checked(GOOD, TODAY).number == "0800000000"
    with pytest.raises(Invalid):
        crisis_lines.checked(crisis_lines.CrisisLineEntry(**{**vars(GOOD), **given}), TODAY)


def test_a_name_that_tells_too_much_is_named(types: Typed, service: Service) -> None:
    said = types("line", "add", "KE", "000111", "Suicide line", "--source", "x", "--verified", "2026-11-20")
    assert "Suicide: this word may sound medical" in said
    assert count(service) == 1
