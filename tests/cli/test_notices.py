"""Notices from the command line: languages, audiences, times, approval, watching, replies."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from smsgate.models import Group, Meeting, Notice, Role
from smsgate.service import Service
from tests.support.command_line import Typed
from tests.support.people import Clock, Phone, passes, work
from tests.support.stories import becomes, joins


def count(service: Service) -> int:
    with service.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Notice)) or 0


def speaks_swahili(person: Phone) -> None:
    person.dials("*384*77*4521#", "2", "1", "1", "1")


def test_in_several_languages(types: Typed, group: Group, amina: Phone, juma: Phone) -> None:
    joins(amina)
    speaks_swahili(juma)
    said = types("notice", "send", "4521", "Bring a cup", "--sw", "Leteni “kikombe”" + "!" * 150, "--yes")
    assert "11 characters, 1-2 SMS for each of 2 people" in said
    assert "double" not in said
    amina.hears("Bring a cup")
    juma.hears('Leteni "kikombe"!')
    said = types("notice", "send", "4521", "Bring a cup", "--to", "sw", "--yes")
    assert "to 1 person" in said
    assert "It costs about KES 0.80" in said
    juma.hears("Bring a cup")
    amina.hears_nothing_new()


def test_to_who_comes(types: Typed, group: Group, amina: Phone, juma: Phone, service: Service) -> None:
    joins(amina)
    joins(juma)
    assert "No meeting is planned" in types("notice", "send", "4521", "x", "--to", "coming", "--yes", refused=True)
    assert count(service) == 0
    types("meeting", "add", "4521", "2026-11-25 14:00")
    amina.dials(None, "2", "1", "1")
    assert "to 1 person" in types("notice", "send", "4521", "Bring a cup", "--to", "coming", "--yes")
    amina.hears("Bring a cup")
    juma.hears_nothing_new()


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-23 25:00", "isn't a date and time"),
        ("2026-11-23 08:00", "in the past"),
        ("2027-03-01 10:00", "60 days"),
        ("", "isn't a date and time"),
    ],
)  # fmt: skip
def test_a_time_that_cannot_be(types: Typed, group: Group, service: Service, at: str, said: str) -> None:
    assert said in types("notice", "send", "4521", "Bring a cup", "--at", at, "--yes", refused=True)
    assert count(service) == 0


def test_at_a_time_and_watched(
    types: Typed, group: Group, amina: Phone, service: Service, operator: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    joins(amina)
    assert "leaves at 2026-11-23 18:30" in types(
        "notice", "send", "4521", "Bring a cup", "--at", "2026-11-23 18:30", "--yes"
    )
    assert "will be sent at 2026-11-23 18:30 (Africa/Nairobi)" in types("notice", "show", "1")
    amina.hears_nothing_new()
    looks: list[int] = []

    def time_goes_by(_seconds: float) -> None:
        looks.append(len(looks))
        passes(service, operator, hours=5)

    monkeypatch.setattr("smsgate.cli.notices.time.sleep", time_goes_by)
    said = types("notice", "show", "1", "--watch")
    assert "1 of 1 texts, KES 0.80 so far" in said
    assert len(looks) == 2
    amina.hears("Bring a cup")


def test_the_operator_agrees_where_nobody_else_leads(
    types: Typed, group: Group, amina: Phone, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    becomes(amina, service, group, Role.FACILITATOR)
    object.__setattr__(service.settings, "second_agrees", 1)
    for answer, said in (((), "Approved. It leaves at once."), (("--no",), "Declined")):
        amina.dials()
        amina.picks("Lead a group", "Write a notice")
        amina.types("Bring a cup")
        amina.picks("Now", "Yes, send it")
        amina.sees("Nobody who may agree can get texts right now")
        number = str(count(service))
        assert "Bring a cup" in types("notice", "show", number)
        assert said in types("notice", "approve", number, *answer)
        assert "is not waiting" in types("notice", "approve", number, refused=True)
    work(service)
    assert len([text for text in amina.reads() if text == "Bring a cup"]) == 1
    assert "It was not sent" in types("notice", "show", "2")


def test_replies_are_allowed_or_not(types: Typed, group: Group) -> None:
    assert "replies to notices are off" in types("group", "replies", "4521")
    assert "on, kept for 14 days" in types("group", "replies", "4521", "on")
    assert "on, kept for 3 days" in types("group", "replies", "4521", "--days", "3")
    for days in ("0", "91", "-1"):
        assert "1 to 90 days" in types("group", "replies", "4521", "on", "--days", days, refused=True)
    assert "off" in types("group", "replies", "4521", "off")


def test_all_that_was_written_back_is_handed_over(
    types: Typed, group: Group, amina: Phone, meeting: Meeting, tmp_path: object, time_passes: Callable[..., None]
) -> None:  # fmt: skip
    types("group", "replies", "4521", "on")
    joins(amina)
    types("notice", "send", "4521", "Bring a cup", "--yes")
    amina.hears("Bring a cup")
    amina.texts("I have no cup")
    file = f"{tmp_path}/amina.json"
    types("export", "0711000001", file)
    with open(file) as kept:
        assert "I have no cup" in kept.read()
