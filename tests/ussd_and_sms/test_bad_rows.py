"""A name, a number or a word that can't be read keeps back no help text, by USSD or by SMS."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from smsgate.core.encryption import Keyring
from smsgate.models import HelpPlan, HelpText, lookup
from smsgate.service import Service
from tests.support.outbox import Outbox
from tests.support.people import Phone
from tests.support.stories import agrees, joins

NO_KEY = Keyring(["ab" * 32]).seal("x", "elsewhere")
NEWEST = "WHERE id = (SELECT max(id) FROM responders)"
# What is spoilt, and what the help text says then
SPOILT = {
    f"UPDATE responders SET name = :v {NEWEST}": "Amina (+254 711 000001): Please call me",
    "UPDATE help_texts SET words = :v": "Amina (+254 711 000001): Please get in touch with me.",
    f"UPDATE responders SET agreed = 'later' {NEWEST}": "Amina (+254 711 000001): Please call me",
    f"UPDATE phones SET number = :v WHERE id = (SELECT phone_id FROM responders {NEWEST})":
        "Amina (+254 711 000001): Please call me",
    "UPDATE members SET name = :v WHERE id = 1": "+254 711 000001: Please call me",
    "UPDATE help_plans SET helps = :v, hinders = :v": "Please call me Please do not call: Nobody",
    "UPDATE help_plans SET avoid = :v": "What doesn't help: Noise. Reply 1",
    "UPDATE help_plans SET word = :v": "Amina (+254 711 000001): Please call me",
}  # fmt: skip


@pytest.fixture
def member(service: Service, group: object, amina: Phone, juma: Phone, fatuma: Phone) -> Phone:
    """A member with words, a plan, and two people who agreed."""
    joins(amina)
    agrees(amina, juma, "Juma")
    agrees(amina, fatuma, "Fatuma")
    with service.database.reading() as session:
        mine = lookup.find_member_by_number(session, amina.number)
        assert mine
    outbox = Outbox(service)
    outbox.adds(HelpText(member_id=mine.id, words="Please call me", changed_at=service.now()))
    outbox.adds(HelpPlan(member_id=mine.id, helps="Tea", hinders="Noise", avoid="Nobody", word="rafiki"))
    return amina


def spoils(service: Service, change: str) -> None:
    with service.database.engine.begin() as connection:
        assert connection.execute(text(change), {"v": NO_KEY}).rowcount


@pytest.mark.by_day(3)
@pytest.mark.parametrize(("change", "words"), SPOILT.items())
def test_a_help_text_leaves_without_what_cannot_be_read(
    service: Service, member: Phone, juma: Phone, change: str, words: str
) -> None:
    spoils(service, change)
    member.dials()
    member.picks("My people")
    member.sees("Juma: agreed")
    member.dials()
    member.picks("Send my help text", "Yes, send it now")
    member.sees("on its way to")
    assert words in juma.reads()[-1]
    member.dials()
    member.picks("See who answered")


def test_a_help_text_leaves_by_its_word_too(service: Service, member: Phone, juma: Phone) -> None:
    spoils(service, f"UPDATE responders SET name = :v {NEWEST}")
    member.texts("rafiki")
    assert "Amina (+254 711 000001): Please call me" in juma.reads()[-1]


@pytest.mark.by_day(2)
@pytest.mark.parametrize("change", SPOILT)
def test_a_help_text_leaves_by_a_missed_call_too(
    service: Service, member: Phone, juma: Phone, time_passes: Callable[..., None], change: str
) -> None:
    spoils(service, change)
    spoils(service, "UPDATE help_plans SET rings = true, pause_seconds = 0")
    member.handset.rings()
    member.hears("Done. It will be sent in 60 seconds")
    time_passes(minutes=2)
    assert "Reply 1" in juma.reads()[-1]
