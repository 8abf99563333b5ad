"""News that nobody is helping after all asks again: a "1" that follows it is for that, whatever was asked before it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from smsgate.models import HelpRecipient, Meeting, Responder, ResponderStatus
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import chooses, joins

Passes = Callable[..., None]


@pytest.mark.parametrize("words", ["1", "yes"])
def test_before_an_invitation_that_came_earlier(
    words: str, ready: Phone, juma: Phone, fatuma: Phone, otieno: Phone, service: Service, time_passes: Passes
) -> None:
    joins(otieno, "Otieno")
    ready.dials(None, "1", "2")
    fatuma.texts("1")
    juma.hears("somebody is helping")
    time_passes(minutes=20)
    chooses(otieno, juma, "Juma")
    juma.hears("may they text you")
    time_passes(minutes=2)
    fatuma.texts("2")
    juma.hears("nobody is helping after all", "Reply 1 if you can help")
    assert "knows you can help" in juma.texts(words)
    ready.hears("Juma is helping")
    with service.database.reading() as session:
        assert session.scalars(select(Responder.agreed).order_by(Responder.id.desc())).first() is ResponderStatus.ASKED


def test_before_a_reminder_that_came_earlier(
    ready: Phone, juma: Phone, fatuma: Phone, meeting: Meeting, service: Service, time_passes: Passes
) -> None:
    joins(juma, "Juma")
    time_passes(hours=28, minutes=30)
    ready.dials(None, "1", "2")
    fatuma.texts("1")
    juma.hears("somebody is helping")
    time_passes(minutes=30)
    juma.hears("Coming?")
    fatuma.texts("2")
    juma.hears("nobody is helping after all")
    assert "knows you can help" in juma.texts("1")


def test_news_of_an_earlier_request_asks_nothing_about_a_later_one(
    ready: Phone, juma: Phone, fatuma: Phone, service: Service, time_passes: Passes
) -> None:
    ready.dials(None, "1", "2")
    fatuma.texts("1")
    fatuma.texts("2")
    juma.hears("nobody is helping after all")
    ready.texts("I am fine now")
    time_passes(minutes=5)
    ready.dials(None, "1", "2")
    assert "knows you can help" in juma.texts("1")
    with service.database.reading() as session:
        answered = session.scalars(select(HelpRecipient.answered_at).order_by(HelpRecipient.id)).all()
    assert sum(at is not None for at in answered) == 1
