"""Texts sent from the console: previewed with count, words and price, confirmed, and stopped from one list."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from smsgate.core.config import Settings
from smsgate.groups import invitations
from smsgate.models import AuditEntry, Group, Message, Role
from smsgate.service import Service
from tests.support.console import Console, leads
from tests.support.openings import Play
from tests.support.people import Phone
from tests.support.stories import joins
from tests.support.surveys import RIDE

HOME = "/console/groups/4521"
NOTICES = f"{HOME}/notices"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, price="KES 0.80")


@pytest.fixture
def console(app: Flask, service: Service, group: Group, amina: Phone, juma: Phone, opening: Play) -> Console:
    """Sign in Amina, who leads Tumaini; Juma is a member."""
    console = Console(app, service)

    def begins() -> None:
        joins(juma)
        leads(service, amina, group, Role.ADMIN)
        console.signs_in(amina)

    opening(begins, console, amina, juma)
    return console


def texts(service: Service) -> int:
    with service.database.reading() as session:
        return len(session.scalars(select(Message.id)).all())


def a_survey_with_a_code(console: Console) -> None:
    console.opens(f"{HOME}/flows")
    console.sends("Start", file=(io.BytesIO(json.dumps(RIDE).encode()), "ride.yaml"))
    console.sends("Publish")
    console.sends("Save", form=1, code="712")


def test_what_to_dial_is_previewed_scheduled_listed_and_stopped(
    console: Console, service: Service, juma: Phone, time_passes: Callable[..., None]
) -> None:
    a_survey_with_a_code(console)
    console.follows("Answers")
    queued = texts(service)
    console.sends("Tell members what to dial", at="2026-11-26T18:00")
    console.sees("Fewer than 5 people get it, Thu 26 Nov 18:00", "*384*77*712#", "This will cost at most KES 3.20")
    assert texts(service) == queued, "a preview queues nothing"
    console.sends("Send")
    console.sees("Sending. Members will read what to dial.")
    console.opens(NOTICES)
    console.sees("Sent and scheduled", "What to dial for:", "Thu 26 Nov 18:00", "waiting: fewer than 5")
    console.sends("Stop sending: What to dial for: Getting there")
    console.sees("Stopped.")
    console.sees_not("waiting: fewer than 5")
    time_passes(days=4)
    assert not [one for one in juma.reads() if "712" in one]
    with service.database.reading() as session:
        assert "texts_stopped:1" in [one.what for one in session.scalars(select(AuditEntry))]


def test_a_preview_that_was_changed_is_previewed_again(console: Console, juma: Phone) -> None:
    a_survey_with_a_code(console)
    console.follows("Answers")
    console.sends("Tell members what to dial")
    console.sends("Send", at="2026-11-26T18:00")
    console.sees("Fewer than 5 people get it, Thu 26 Nov 18:00")
    juma.hears_nothing_new()


def test_numbers_of_a_file_are_checked_before_they_are_invited_and_can_be_stopped(
    console: Console, service: Service
) -> None:
    console.opens(f"{HOME}/invitations")
    console.sends("Upload and check", file=(io.BytesIO(b"phone\n0711000007\n0711000008\n"), "numbers.csv"))
    console.sees("2 numbers will be invited, now", "You are invited", "This will cost at most KES 1.60")
    form = console.form("Send invitations")
    console.sends("Send invitations")
    console.sees("2 numbers added")
    console.posts(form.action, {**dict(form.values), "do": "do"})
    console.sees("This was already done.")
    console.opens(NOTICES)
    console.sees("Invitations", "waiting: 2")
    console.follows("Stop sending: Invitations")
    console.follows("Withdraw all")
    console.sends("Withdraw all")
    with service.database.transaction() as session:
        invitations.send_due(session, service.now(), service.settings.service_code)
        assert not [one for one in session.scalars(select(Message)) if one.invitation_id]


@pytest.mark.parametrize(("field", "value", "says"), [("code", "4777", "4777"), ("zone", "Africa/Kampala", "Kampala")])
def test_settings_that_text_the_members_are_previewed(
    console: Console, service: Service, juma: Phone, field: str, value: str, says: str
) -> None:
    plans_a_meeting(console)
    console.opens(f"{HOME}/settings")
    queued = texts(service)
    typed: dict[str, Any] = {field: value}
    console.sends("Save the group", **typed)
    console.sees("Fewer than 5 people get it", says, "This will cost at most KES")
    assert texts(service) == queued
    console.sends("Save and tell members")
    console.sees("Saved.")
    juma.hears(says)
    console.opens(f"/console/groups/{value if field == 'code' else '4521'}/notices")
    console.sees("News about the group", "sent out")


def plans_a_meeting(console: Console) -> None:
    console.opens(f"{HOME}/meetings/new")
    console.sends("Plan meeting", day="2026-12-05", at="15:00")


def test_a_cancelled_meeting_can_be_kept_from_being_told_at_night(
    console: Console, amina: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    plans_a_meeting(console)
    time_passes(hours=13)  # quiet hours
    console.signs_in(amina)
    console.opens(f"{HOME}/meetings/1")
    console.sends("Cancel meeting…")
    console.sees("when the quiet hours are over", "This will cost at most KES")
    console.sends("Cancel meeting")
    console.opens(NOTICES)
    console.sees("News about the meeting on", "waiting: fewer than 5")
    before = len(juma.reads())
    console.sends(next(one for form in console.page.forms for one in form.buttons if one.startswith("Stop sending")))
    time_passes(hours=14)
    assert len(juma.reads()) == before


def test_nobody_stops_what_another_group_sends(console: Console, service: Service) -> None:
    console.opens(NOTICES)
    token = re_token(console)
    for key in ("", "survey:1:20261126", "reply:1", "sign_in:1", "%"):
        console.posts(f"{NOTICES}/stop", {"csrf_token": token, "once": key or "x", "key": key})
        console.sees("Too late to stop: everything had been sent.")


def re_token(console: Console) -> str:
    return dict(console.page.forms[0].values)["csrf_token"]


def test_a_scheduled_notice_says_when_it_goes(console: Console) -> None:
    console.opens(f"{NOTICES}/new")
    console.sends("Preview", words="Tea at four", when="later", at="2026-11-26T18:00")
    console.sends("Send")
    console.sees("It will be sent on Thu 26 Nov 18:00")
    console.opens(NOTICES)
    console.sees("Notice: Tea at four", "Thu 26 Nov 18:00", "Stop sending")


def test_that_another_has_to_approve_is_said_before_it_is_sent(console: Console, service: Service) -> None:
    object.__setattr__(service.settings, "second_agrees", 1)
    console.opens(f"{NOTICES}/new")
    console.sends("Preview", words="Tea at four")
    console.sees("Another leader has to approve it before it's sent")
