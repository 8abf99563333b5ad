"""Responders who have not joined are answered in the language of the question, or in that of their answer."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from smsgate.models import Group
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.people import Phone


@pytest.fixture
def asked(amina: Phone, juma: Phone, group: Group) -> Phone:
    """Return Juma, whom Amina asked in Swahili."""
    amina.dials("*384*77*4521#", "2", "1", "Amina", "1")
    amina.dials(None, "4", "1", juma.number, "Juma", "1")
    juma.hears("Amina")
    return juma


@pytest.mark.parametrize(
    ("said", "answer", "language"),
    [
        ("1", "Asante", None),
        ("2", "Sawa", None),
        ("Ndiyo", "Asante", "sw"),
        ("Oui", "Merci", "fr"),
        ("Non", "D'accord", "fr"),
    ],
)
def test_both_ways(said: str, answer: str, language: str | None, asked: Phone, service: Service) -> None:
    reply = asked.texts(said)
    assert "Thank you" not in reply
    assert "That is fine" not in reply
    with service.database.reading() as session:
        kept = session.scalars(select(PhoneRow.language).where(PhoneRow.number == asked.number)).one()
    assert kept == language, (reply, answer)


def test_dialling_speaks_it_too(asked: Phone) -> None:
    asked.dials()
    asked.sees_not("Who chose me")
    asked.sees("1 ")
