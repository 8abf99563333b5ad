"""From a new group to a working one: first steps that tick themselves off, cards to hand out, a leader's tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from smsgate.core.config import Settings
from smsgate.gateways import Outcome, Verdict
from smsgate.models import Group, Role
from smsgate.service import Service
from tests.support.console import Console, leads, looks_after_the_network
from tests.support.openings import Play
from tests.support.people import Phone
from tests.support.stories import joins, refuse

HOME = "/console/groups/4521"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, price="KES 0.80")


@pytest.fixture
def console(app: Flask, service: Service, group: Group, amina: Phone, opening: Play) -> Console:
    """Sign in Amina, who leads Tumaini and is its only member."""
    console = Console(app, service)

    def begins() -> None:
        joins(amina)
        leads(service, amina, group, Role.ADMIN)
        console.signs_in(amina, own=True)

    opening(begins, console, amina)
    return console


def test_first_steps_tick_themselves_until_they_are_put_away(console: Console, juma: Phone) -> None:
    console.opens(HOME)
    console.sees("First steps", "0 of 6 done", "Print cards. Done when someone has joined.")
    console.follows("Plan the first meeting")
    console.sends("Plan meeting", day="2026-11-27", at="15:00")
    joins(juma, "Juma")
    console.opens(HOME)
    console.sees("2 of 6 done", "Plan the first meeting done", "Hand out the join code done")
    console.sees_not("Print cards.")
    console.follows("Write a welcome")
    console.sees("Shown after joining")
    console.opens(HOME)
    console.sends("Hide this list")
    console.sees("First steps hidden.")
    console.opens(HOME)
    console.sees_not("of 6 done")


def test_a_facilitator_sees_the_first_steps_and_cannot_put_them_away(
    console: Console, app: Flask, service: Service, group: Group, juma: Phone
) -> None:
    joins(juma, "Juma")
    leads(service, juma, group)
    other = Console(app, service)
    other.signs_in(juma)
    other.opens(HOME)
    other.sees("First steps", "Find a second leader done")
    other.sees_not("Hide this list")
    console.opens(HOME)
    other.posts(console.form("Hide this list").action, {"csrf_token": other.form("Sign out").values[0][1]}, 403)


def test_the_join_code_is_on_cards_that_name_no_group(console: Console) -> None:
    console.opens(f"{HOME}/card")
    console.sees("*384*77*4521#", "Join our group by phone", "Jiunge na kikundi chetu kwa simu", "text STOP")
    cards = console.last.text.partition("<main")[2]
    assert "Tumaini" not in cards
    assert cards.count("*384*77*4521#") == 8


def test_the_overview_says_what_waits_and_leads_there(
    console: Console, service: Service, juma: Phone, time_passes: Callable[..., None]
) -> None:
    joins(juma, "Juma")
    refuse(service, juma.number, Outcome(juma.number, Verdict.FAILED, reason="UserInBlacklist"))
    console.opens(f"{HOME}/notices/new")
    console.sends("Preview", words="Tea at four")
    console.sends("Send")
    console.opens(f"{HOME}/meetings/new")
    console.sends("Plan meeting", day="2026-11-23", at="15:00")
    time_passes(hours=8)
    console.opens(HOME)
    console.sees(
        "Waiting for you", "Not delivered: fewer than 5 of “Tea at four”", "How many people came to the last meeting?"
    )
    console.follows("See why")
    console.sees("Tea at four")
    console.opens(HOME)
    console.follows("Enter the number")
    console.sees("How many came")


def test_last_month_stands_beside_this_one(console: Console, juma: Phone, time_passes: Callable[..., None]) -> None:
    joins(juma, "Juma")
    console.opens(f"{HOME}/notices/new")
    console.sends("Preview", words="Tea at four")
    console.sends("Send")
    juma.reads()
    console.opens(HOME)
    console.sees("This month", "fewer than 5 texts sent")
    time_passes(days=10)
    console.opens(HOME)
    console.sees("This month", "0 texts sent", "Last month: fewer than 5 texts.")


def test_the_menu_switches_to_another_group(app: Flask, service: Service, console: Console, amina: Phone) -> None:
    looks_after_the_network(service, amina)
    console.opens("/console/new-group")
    console.sends("Create group", name="Pamoja", code="8888")
    console.opens(HOME)
    console.follows("Pamoja 8888")
    console.sees("Pamoja", "First steps")
    console.follows("All groups")
    console.sees("Tumaini", "Pamoja")


def test_an_empty_network_shows_the_form_of_its_first_group(app: Flask, service: Service, juma: Phone) -> None:
    """The first meeting is planned with it or later, never only in part."""
    looks_after_the_network(service, juma)
    console = Console(app, service)
    console.signs_in(juma)
    console.sees("No groups yet.", "Create the first group")
    console.sends("Create group", 422, name="Pamoja", code="8888", day="2026-11-27")
    console.sees("Enter the day and the time.")
    console.sends("Create group", 422, at="15:00", day="2026-11-01")
    console.sees("That is in the past.")
    console.sends("Create group", day="2026-11-27")
    console.sees("Pamoja has the code 8888.", "Plan the first meeting done", "Fri 27 Nov 15:00", "Invite people")
    console.opens("/console/")
    console.sees_not("Create the first group")


def test_people_are_invited_from_the_overview_which_says_what_leaves(
    console: Console, phone: Callable[..., Phone], time_passes: Callable[..., None]
) -> None:
    console.opens(HOME)
    console.sees(
        "Mobile number",
        "You are invited to join a group.",
        "Unaalikwa",
        "It will be sent now. One text costs KES 0.80.",
    )
    console.sends("Invite", number="0711000009")
    console.sees("it gets one text", "Next: Plan the first meeting", "Write a welcome")
    time_passes(seconds=6)
    phone("+254711000009").hears("You are invited")
    console.opens(HOME)
    console.sees("Invite people done")
    console.sees_not("Mobile number")
