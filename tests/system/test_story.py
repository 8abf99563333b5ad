"""The main journey from end to end, as members and responders experience it."""

from __future__ import annotations

from collections.abc import Callable

from smsgate.models import Group, Meeting
from tests.support.people import Phone
from tests.support.stories import agrees, joins


def test_dial_join_prepare_send_and_hear_back(amina: Phone, juma: Phone, fatuma: Phone, group: Group) -> None:
    amina.dials()
    amina.sees("Welcome / Karibu / Bienvenue", "1 English", "2 Kiswahili")
    amina.types("1")
    amina.sees("Get group meeting news", "1 Join", "2 Not now")
    amina.types("1")
    amina.sees("Join a group?")
    amina.types("1", "9999")
    amina.sees("There is no group with code 9999")
    amina.types("4521")
    amina.sees("Join Tumaini?")
    amina.types("1")
    amina.sees("What name", "1 No name")
    amina.types("Amina")
    amina.sees("You've joined Tumaini")
    assert not amina.in_a_call

    amina.dials(None, "3")
    amina.sees("You haven't written your own text")
    amina.types("1", "4")
    amina.sees("Saved.")

    agrees(amina, juma, "Juma")
    agrees(amina, fatuma, "Fatuma")
    amina.dials(None, "4")
    amina.sees("Juma: agreed", "Fatuma: agreed")

    amina.dials(None, "1")
    amina.sees("Send your help text to 2 people?", "No police unless I ask", "1 Not now", "2 Yes, send it now")
    amina.types("2")
    amina.sees("on its way to 2 people")
    juma.hears("Amina (+254 711 000001)", "Please sit with me. No police unless I ask.", "Reply 1")
    fatuma.hears("Please sit with me")
    juma.got_it()

    amina.dials(None, "1")
    amina.sees("Juma: got it", "Fatuma: sent")
    assert "knows you can help" in juma.texts("1")
    amina.hears("Juma is helping.")
    fatuma.hears("somebody is helping")
    amina.dials(None, "1")
    amina.sees("Juma: helping", "Fatuma: sent")
    amina.types("2")
    amina.sees("Everyone who got your text knows now")
    juma.hears("I am fine now")
    fatuma.hears("I am fine now")


def test_reminders_come_once_each_in_time(
    amina: Phone, group: Group, meeting: Meeting, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    amina.dials(None, "2")
    amina.sees("Wed 25 Nov 14:00 Tumaini")
    amina.types("1")
    amina.sees("Community hall", "1 I am coming")
    amina.types("1")
    amina.sees("Good.")
    time_passes(hours=28)  # the day before, an hour too early
    amina.hears_nothing_new()
    time_passes(hours=1, minutes=1)
    amina.hears("Reminder: Wed 25 Nov 14:00")
    time_passes(minutes=10)
    amina.hears_nothing_new()
    time_passes(hours=22)
    amina.hears("Reminder")
    assert len(amina.inbox) == 2
    time_passes(hours=5)
    amina.hears_nothing_new()
