"""PINs: what a stranger sees of a phone that has one, and its owner."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from smsgate.members import pins
from smsgate.models import Group, Meeting
from tests.support.people import Phone
from tests.support.stories import agrees, joins

PIN, SECOND = "4921", "7058"
WELCOME = "Welcome / Karibu / Bienvenue\n1 English\n2 Kiswahili\n3 Francais"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost next to nothing: what is slow for a guesser is slow for a test."""
    monkeypatch.setattr(pins, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def sets(member: Phone, pin: str = PIN) -> None:
    """The member sets a PIN."""
    member.dials(None, "6")
    member.picks("PIN", "Set a PIN")
    member.types(pin, pin)
    member.sees("Saved. From now on the first screen looks like a newcomer's")


@pytest.fixture
def owner(amina: Phone, juma: Phone, group: Group, meeting: Meeting) -> Phone:
    """Amina, with a group, someone who agreed, words and a PIN."""
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.texts("mytext Bring the blue umbrella")
    sets(amina)
    return amina
