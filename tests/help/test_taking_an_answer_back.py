"""Responders who said they can help, or agreed to be asked, but can't after all; and one who is asked again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from smsgate.models import Group, LimitUse, Message, MessageKind, Responder, ResponderStatus, lookup
from smsgate.outbox.limits import LIMITS, Cause, Scope
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import agrees, chooses, copies, joins, plans

Passes = Callable[..., None]


@pytest.fixture
def helped(ready: Phone, juma: Phone, fatuma: Phone) -> Phone:
    """Return Amina, whose help text Juma answered before it was sent again."""
    plans(ready, "If nobody answers", "Send again", "5 minutes", "Nothing more")
    ready.dials(None, "1", "2")
    fatuma.hears("Reply 1 if you can help")
    juma.hears("Reply 1 if you can help")
    assert "If you can't after all, reply 2." in juma.texts("nakuja")
    ready.hears("Juma is helping.")
    fatuma.hears("somebody is helping")
    return ready


@pytest.mark.parametrize(
    "words", ["2", "NO", "hapana", "sorry I can't", "je ne peux pas", "2 no", "👎", "REST", "PUMZIKA"]
)
def test_the_member_is_told_and_what_was_to_follow_goes_on(
    words: str, helped: Phone, juma: Phone, fatuma: Phone, time_passes: Passes
) -> None:
    assert juma.texts(words)
    helped.hears("Juma can't help right now.")
    fatuma.hears("nobody is helping after all", "Reply 1")
    before = copies(fatuma)
    time_passes(minutes=1)
    assert copies(fatuma) == before + 1


def test_changes_count_as_many_sms_as_they_cost(helped: Phone, juma: Phone, service: Service) -> None:
    """With a name in another alphabet each text to the others is two SMS."""
    with service.database.transaction() as session:
        member = lookup.find_member_by_number(session, helped.number)
        assert member
        member.name = "\u0623\u0645\u064a\u0646\u0629"
    juma.texts("2")
    before = _sms(service)
    for answer in "121212121212":
        juma.texts(answer)
    with service.database.reading() as session:
        counted = session.scalar(select(func.sum(LimitUse.amount)).where(LimitUse.cause == Cause.NEWS)) or 0
    assert 0 < _sms(service) - before <= counted <= LIMITS[Cause.NEWS][Scope.NUMBER].hour


def _sms(service: Service) -> int:
    with service.database.reading() as session:
        return session.scalar(select(func.sum(Message.segments)).where(Message.kind == MessageKind.HELP_NEWS)) or 0


def test_by_the_menu(helped: Phone, juma: Phone) -> None:
    juma.dials(None, "1", "1")
    juma.sees("You told Amina", "1 Keep as it is", "2 I can't help after all")
    juma.types("2")
    juma.sees("They know you can't right now.")
    helped.hears("Juma can't help right now.")


def test_after_a_menu_by_text_too(helped: Phone, juma: Phone) -> None:
    juma.texts("MENU")
    assert "Who chose me" in juma.inbox[-1]
    assert "They chose you" in juma.texts("1")  # a key of the menu
    assert "I can't help after all" in juma.texts("1")
    juma.texts("2")
    helped.hears("Juma can't help right now.")


def test_said_again_it_changes_nothing_and_no_later_key_joins_anything(helped: Phone, juma: Phone) -> None:
    before = len(helped.reads())
    for words in ("1", "yes", "nakuja"):
        assert "knows you can help" in juma.texts(words), words
    for words in ("3", "9", "hm"):
        assert "Join" not in juma.texts(words), words
    assert len(helped.reads()) == before


def test_with_a_reminder_that_waits_it_is_asked_what_a_no_is_for(
    ready: Phone, juma: Phone, service: Service, time_passes: Passes, meeting: object
) -> None:
    joins(juma, "Juma")
    time_passes(hours=29)
    juma.hears("Coming?")
    ready.dials(None, "1", "2")
    assert "knows you can help" in juma.texts("1")
    assert "1 Amina" in juma.texts("no")
    juma.texts("1")
    juma.texts("2")
    ready.hears("Juma can't help right now.")


@pytest.mark.parametrize(
    ("first", "then", "is_agreed"),
    [("1", "2", ResponderStatus.LEFT), ("2", "1", ResponderStatus.YES), ("yes", "NO", ResponderStatus.LEFT),
     ("1", "1", ResponderStatus.YES), ("2", "2", ResponderStatus.NO), ("non", "oui", ResponderStatus.YES)],
)  # fmt: skip
def test_the_answer_to_an_invitation_may_be_said_again_or_changed(
    first: str, then: str, is_agreed: ResponderStatus, amina: Phone, juma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    chooses(amina, juma, "Juma")
    juma.reads()
    juma.texts(first)
    assert "English" not in juma.texts(then)
    with service.database.reading() as session:
        assert session.scalars(select(Responder.agreed)).one() is is_agreed


@pytest.mark.parametrize("how", ["left", "stopped and started", "stopped before an answer", "did not answer"])
def test_a_responder_can_be_asked_again(how: str, amina: Phone, juma: Phone, group: Group, time_passes: Passes) -> None:
    joins(amina)
    if how in ("left", "stopped and started"):
        agrees(amina, juma, "Juma")
    else:
        chooses(amina, juma, "Juma")
        juma.hears("may they text you")
    if how == "left":
        juma.texts("LEAVE")
    elif how == "did not answer":
        time_passes(days=8)
    else:
        juma.texts("STOP")
        amina.dials(None, "4", "1")
        amina.picks("Ask again")
        amina.sees("We can't ask this number.")
        juma.texts("START")
    before = copies(juma, "may they text you")
    amina.dials(None, "4", "1")
    amina.picks("Ask again")
    amina.sees("We've asked them.")
    assert copies(juma, "may they text you") == before + 1
    assert "Thank you" in juma.texts("sure")
    amina.dials(None, "4")
    amina.sees("1 Juma: agreed", "2 Add a person")


def test_by_typing_the_number_again_too_and_within_the_limits(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    for _time in range(3):
        agrees(amina, juma, "Juma")
        juma.texts("LEAVE")
    amina.dials(None, "4", "1")
    amina.picks("Ask again")
    amina.sees("We can't ask any more people today")


def test_who_said_no_is_left_alone_for_a_week(amina: Phone, juma: Phone, group: Group, time_passes: Passes) -> None:
    joins(amina)
    chooses(amina, juma, "Juma")
    juma.texts("no")
    amina.dials(None, "4")
    amina.picks("Add a person")
    amina.types(juma.number, "Juma", "1")
    amina.sees("on your list already")
    time_passes(days=8)
    chooses(amina, juma, "Juma")
    assert copies(juma, "may they text you") == 2
