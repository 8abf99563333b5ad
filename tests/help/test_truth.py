"""What a member reads is true at that moment: who got the text, who didn't, who opted out, who is helping."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from smsgate.models import Group, Message, MessageStatus
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import HELP, agrees, joins, plans

Passes = Callable[..., None]


@pytest.fixture
def sent(ready: Phone, juma: Phone, fatuma: Phone) -> Phone:
    """Return Amina, whose help text Juma and Fatuma have read."""
    ready.dials(None, "1", "2")
    assert HELP in juma.hears("Reply 1")
    assert HELP in fatuma.hears("Reply 1")
    ready.reads()
    return ready


def status(member: Phone) -> str:
    return member.dials(None, "1")


@pytest.mark.parametrize(("column", "broken"), [("words", b"no longer sealed"), ("kind", "odd")])
def test_texts_that_cannot_be_read_hide_nothing_of_a_request(
    column: str, broken: object, ready: Phone, juma: Phone, service: Service
) -> None:
    ready.dials(None, "1", "2")
    juma.hears("Reply 1")
    ready.texts("hello")
    with service.database.transaction() as session:
        session.execute(text(f"UPDATE messages SET {column} = :broken"), {"broken": broken})
    ready.dials(None, "1")
    ready.sees("Juma: sent")
    assert "knows you can help" in juma.texts("1")
    ready.hears("Juma is helping.")
    assert "We have no question" in ready.texts("hello")
    assert "Everyone who got your text knows now" in ready.texts("fine")
    juma.hears("I am fine now")


@pytest.mark.parametrize("said", ["STOP", "LEAVE", "ERASE"])
def test_who_left_after_it_was_sent_is_shown_so(said: str, sent: Phone, juma: Phone) -> None:
    juma.texts(said)
    if said == "ERASE":
        juma.texts("2")
    sent.hears("Juma gets no more texts from you.")
    shown = status(sent)
    assert "Juma: sent" not in shown
    assert "Juma: can't right now" not in shown
    assert "Fatuma: sent" in shown
    if said != "ERASE":  # which leaves nothing of them
        assert "Juma: stopped" in shown


def test_who_takes_it_back_after_its_readers_left_does_not_read_that_nobody_was_told(
    sent: Phone, juma: Phone, fatuma: Phone
) -> None:
    juma.texts("STOP")
    fatuma.texts("ERASE")
    fatuma.texts("2")
    assert "Nobody was told" not in sent.texts("FINE")


def test_nor_who_takes_their_readers_off_the_list(sent: Phone) -> None:
    for _person in range(2):
        sent.dials(None, "4", "1")
        sent.picks("Take off my list")
        sent.sees("They may have read your help text")
    sent.dials(None, "1")
    sent.picks("I am fine now")
    sent.sees("Good to hear.")
    sent.sees_not("Nobody was told", "Everyone who got your text")


def test_who_takes_back_what_is_over_reads_that_it_is(ready: Phone, time_passes: Passes) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    ready.dials(None, "1", "2")
    ready.sees("Cancel it")
    assert "Nobody was told" in ready.texts("FINE")
    ready.picks("Cancel it")
    ready.sees("already over")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["Failed"], "did not arrive"),
        (["failed"], "did not arrive"),
        (["EXPIRED"], "did not arrive"),
        (["Rejected"], "did not arrive"),
        (["success"], "got it"),
        ([" Success "], "got it"),
        (["Failed", "Success"], "got it"),
        (["expired", "Submitted", "success"], "got it"),
        (["Success", "Failed"], "got it"),
        (["AbsentSubscriber"], "sent"),
        (["Buffered", "absentsubscriber"], "sent"),
        (["Teleported"], "sent"),
    ],
)
def test_what_the_network_says_is_shown_as_it_is(words: list[str], shown: str, sent: Phone, juma: Phone) -> None:
    for word in words:
        juma.reports(juma.ids[-1], word)
    assert f"Juma: {shown}" in status(sent)


@pytest.mark.parametrize("word", ["Expired", "expired", "FAILED"])
def test_the_member_is_told_that_it_did_not_arrive(word: str, sent: Phone, juma: Phone, time_passes: Passes) -> None:
    juma.reports(juma.ids[-1], word)
    time_passes(seconds=15)
    sent.hears("Your text may not have reached Juma.")


@pytest.mark.parametrize("word", ["AbsentSubscriber", "ABSENTSUBSCRIBER", "Submitted", ""])
def test_after_its_life_a_text_without_a_final_word_tells_its_sender(
    word: str, sent: Phone, juma: Phone, fatuma: Phone, time_passes: Passes, service: Service
) -> None:
    fatuma.got_it()
    if word:
        juma.reports(juma.ids[-1], word)
    time_passes(hours=1, minutes=50)
    sent.hears_nothing_new()
    time_passes(minutes=15)
    sent.hears("Your text may not have reached Juma.")
    time_passes(minutes=15)
    sent.hears_nothing_new()
    with service.database.reading() as session:
        states = session.scalars(select(Message.state).where(Message.report == "AbsentSubscriber")).all()
    assert list(states) == ([MessageStatus.FAILED] if word.casefold() == "absentsubscriber" else [])


def test_where_somebody_is_on_it_a_missing_report_is_no_news(
    sent: Phone, juma: Phone, fatuma: Phone, time_passes: Passes
) -> None:
    fatuma.texts("1")
    sent.hears("Fatuma is helping.")
    time_passes(hours=2, minutes=5)
    sent.hears_nothing_new()


def test_who_is_on_it_hears_that_somebody_else_is_too(sent: Phone, juma: Phone, fatuma: Phone) -> None:
    juma.texts("1")
    fatuma.hears("somebody is helping. Thank you.")
    fatuma.texts("1")
    juma.hears("somebody else is helping too. Thank you.")


def test_a_late_report_that_it_arrived_mends_any_text(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.texts("info")
    for word in ("failed", "SUCCESS", "Failed"):
        amina.reports(amina.ids[-1], word)
    with service.database.reading() as session:
        (row,) = session.scalars(select(Message)).all()
    assert (row.state, row.report, row.reason) == (MessageStatus.DELIVERED, "Success", None)


@pytest.mark.parametrize("reason", ["UserInBlackList", "userinblacklist", "UserInBlacklist"])
def test_a_reason_counts_in_any_case(reason: str, amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    juma.reports(juma.ids[-1], "failed", reason)
    amina.dials(None, "1")
    amina.sees("None of your people can be reached")
