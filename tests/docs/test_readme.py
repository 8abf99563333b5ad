"""The README's five-minute story works as written: each line on a phone, each command in the terminal."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from smsgate.cli.local import dev_server
from smsgate.service import Service
from tests.support.command_line import Typed
from tests.support.people import Phone

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
STORY = README.partition("## The story in five minutes")[2].partition("\n## ")[0]
NUMBERS = {"Member": "+254711000001", "Responder one": "+254711000002"}  # as the page of phones has them
LINE = re.compile(
    r"^\d+\. \*\*(?P<who>[^*]+)\*\* (?:(?P<act>calls|types|texts) (?P<keys>`[^`]+`(?:, `[^`]+`)*) and reads|gets)"
    r' "(?P<sees>[^"]+)"\.',
    re.MULTILINE,
)


class Step(NamedTuple):
    """A line of the story."""

    who: str
    act: str
    keys: list[str]
    sees: str


def steps() -> list[Step]:
    return [
        Step(line["who"], line["act"] or "gets", re.findall("`([^`]+)`", line["keys"] or ""), line["sees"])
        for line in LINE.finditer(STORY)
    ]


def takes(phone: Phone, step: Step) -> str:
    """Do what the line says and return what the person then reads."""
    if step.act == "gets":
        return phone.reads()[-1]
    if step.act == "texts":
        (words,) = step.keys
        return phone.texts(words)
    return phone.dials(*step.keys) if step.act == "calls" else phone.types(*step.keys)


def commands() -> list[list[str]]:
    lines = re.findall(r"^smsgate .*$", STORY, re.MULTILINE)
    return [shlex.split(line, comments=True)[1:] for line in lines]


def test_every_line_of_the_story_is_one_that_can_be_tried() -> None:
    assert len(steps()) == len(re.findall(r"^\d+\. ", STORY, re.MULTILINE)) > 10
    assert {step.who for step in steps()} == set(NUMBERS)
    assert len(commands()) >= 4


def test_the_story_goes_as_the_readme_tells_it(service: Service, phone: Callable[[str], Phone], types: Typed) -> None:
    dev_server.demo(service)
    phones = {who: phone(number) for who, number in NUMBERS.items()}
    for step in steps():
        assert step.sees in takes(phones[step.who], step), step
    for command in commands():
        assert types(*command)
    phones["Member"].reads()
    assert "Bring a friend" in phones["Member"].inbox


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150
