"""PINs: an owner with one, and the screen that a stranger sees on their phone."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from smsgate.members import pins
from smsgate.models import Group, Meeting
from tests.support.openings import Play
from tests.support.people import Phone
from tests.support.stories import agrees, joins

PIN, SECOND = "4921", "7058"
WELCOME = "Welcome / Karibu / Bienvenue\n1 English\n2 Kiswahili\n3 Francais"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make hashes cheap: what slows down a guesser also slows down a test."""
    monkeypatch.setattr(pins, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def sets(member: Phone, pin: str = PIN) -> None:
    """Set a PIN as the member."""
    member.dials(None, "6")
    member.picks("PIN", "Set a PIN")
    member.types(pin, pin)
    member.sees("Saved. From now on the first screen looks like a newcomer's")


def sets_second(member: Phone, first: str = PIN, second: str = SECOND) -> None:
    """Set a second PIN, which opens an empty account."""
    member.dials(None, first, "6")
    member.picks("PIN", "Second PIN: off", "Set it")
    member.types(second, second)
    member.sees("Saved.")


@pytest.fixture
def owner(amina: Phone, juma: Phone, group: Group, meeting: Meeting, opening: Play) -> Phone:
    """Return Amina, with a group, a responder who agreed, a help text and a PIN."""

    def begins() -> None:
        joins(amina)
        agrees(amina, juma, "Juma")
        amina.texts("mytext Bring the blue umbrella")
        sets(amina)

    opening(begins, amina, juma)
    return amina
