"""Programmes of one-to-one support and their cards from the command line, and what people then read."""

from __future__ import annotations

import json
import re

import pytest

from smsgate.models import Group
from tests.support.command_line import Typed
from tests.support.people import Phone


def test_a_programme_and_its_cards_are_made_changed_and_closed(types: Typed, group: Group, amina: Phone) -> None:
    assert "Programme 1: Side by side" in types("programme", "add", "Side by side", "--en", "Someone walks with you.")
    assert "Saved." in types("programme", "change", "1", "--months", "6", "--shares-numbers", "--sw", "Mtu nawe.")
    told = json.loads(types("programme", "show", "1", "--json"))
    assert (told["months"], told["shares numbers"], told["words sw"], told["of"]) == (6, True, "Mtu nawe.", "network")
    assert told["words en"] == "Someone walks with you."
    made = types("programme", "cards", "add", "1", "20")
    code = re.search(r"code (\d{7})", made)
    assert code, made
    amina.dials(f"*384*77*{code[1]}#", "1", "1", "Amina")
    amina.sees("Someone walks with you.")
    assert "no longer good" in types("programme", "cards", "remove", "1", code[1])
    amina.dials(f"*384*77*{code[1]}#")
    amina.sees("This card is no longer good. There are groups that you can join.")
    assert "Side by side is closed." in types("programme", "close", "1")
    assert json.loads(types("programme", "list", "--json"))[0]["closed"] is True


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("programme", "show", "9"), "There is no programme 9"),
        (("programme", "add", "x" * 31), "A name has 1 to 30 characters"),
        (("programme", "add", "Two", "--months", "13"), "months is 1 to 12"),
        (("programme", "add", "Two", "--group", "99"), "99"),
        (("programme", "cards", "add", "9", "20"), "There is no programme 9"),
        (("programme", "cards", "remove", "9", "1"), "There is no programme 9"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(words: tuple[str, ...], why: str, types: Typed, group: Group) -> None:
    assert why in types(*words, refused=True)
