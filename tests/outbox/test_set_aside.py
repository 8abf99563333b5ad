"""One unreadable message stops no lane: it is set aside, listed, retried, and the operator is told."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import text

from smsgate.gateways import Verdict
from smsgate.models import Lane, MessageKind, MessageStatus
from smsgate.outbox import delivery_reports, operator_alerts, set_aside
from smsgate.outbox.calls import lost_replies
from smsgate.outbox.claims import LEASE
from smsgate.service import Service
from tests.support.command_line import Typed
from tests.support.outbox import Outbox
from tests.support.people import Clock

pytestmark = pytest.mark.both_databases
OPERATOR = "+254711000009"
# A kind that a newer release writes, and words whose key is missing.
SPOILS = {
    "kind": "UPDATE messages SET kind = 'poll' WHERE id = :id",
    "words": "UPDATE messages SET words = :sealed WHERE id = :id",
}
NUMBER = "UPDATE phones SET number = :sealed WHERE id = (SELECT phone_id FROM messages WHERE id = :id)"


@pytest.fixture
def outbox(service: Service) -> Outbox:
    return Outbox(service)


def spoils(outbox: Outbox, message_id: int, sql: str) -> None:
    with outbox.service.database.transaction() as session:
        statement = text(sql)
        values = {"id": message_id, "sealed": bytes(34)}
        session.execute(statement, {name: values[name] for name in statement.compile().params})


def state(outbox: Outbox, message_id: int) -> str:
    with outbox.service.database.reading() as session:
        return str(session.scalar(text(f"SELECT state FROM messages WHERE id = {message_id}")))


@pytest.mark.parametrize("sql", SPOILS.values(), ids=list(SPOILS))
def test_a_message_that_cannot_be_read_holds_up_no_help_text(outbox: Outbox, sql: str) -> None:
    bad, good = outbox.help()[0], outbox.help()[0]
    spoils(outbox, bad, sql)
    assert outbox.claims(Lane.URGENT) == []  # it is found by reading messages one by one
    (claimed,) = outbox.claims(Lane.URGENT)
    assert claimed.id == good
    assert state(outbox, bad) == "set_aside"


@pytest.mark.parametrize("sql", SPOILS.values(), ids=list(SPOILS))
def test_what_dead_workers_held_comes_back_though_one_message_cannot_be_read(
    outbox: Outbox, clock: Clock, sql: str
) -> None:
    """A newer release claimed a kind of its own and died; the release before was started again."""
    bad, good = outbox.help()[0], outbox.help()[0]
    assert len(outbox.claims(Lane.URGENT)) == 2
    spoils(outbox, bad, sql)
    clock.time += 2 * LEASE
    outbox.takes_back()
    assert outbox.state(good) == "waiting"


@pytest.mark.parametrize("sql", [*SPOILS.values(), NUMBER], ids=[*SPOILS, "number"])
def test_a_help_text_in_doubt_is_tried_again_though_another_cannot_be_read(outbox: Outbox, sql: str) -> None:
    now = outbox.service.now()
    reported, bad, good = (outbox.help()[0] for _ in range(3))
    outbox.changes(outbox.row(reported), sent_at=now - timedelta(hours=1), report="Success")
    for doubtful in (bad, good):
        outbox.changes(outbox.row(doubtful), state=MessageStatus.UNKNOWN, repeats=1)
    spoils(outbox, bad, sql)
    with outbox.service.database.transaction() as session:
        lost_replies.try_once_more(session, outbox.service.now())
    assert outbox.state(good) == "waiting"


def test_reports_are_heard_though_one_is_about_a_number_that_cannot_be_read(outbox: Outbox) -> None:
    bad, good, now = outbox.queues_one(), outbox.queues_one(), outbox.service.now()
    for claimed in outbox.claims():
        outbox.records([claimed], Verdict.ACCEPTED, f"id of {claimed.id}")
    spoils(outbox, bad, NUMBER)
    with outbox.service.database.transaction() as session:
        delivery_reports.receive(session, f"id of {bad}", "Failed", "UserDoesNotExist", None, now)
        delivery_reports.receive(session, f"id of {bad}", "Failed", "UserInBlackList", None, now)
        delivery_reports.receive(session, f"id of {good}", "Success", None, None, now)
    with outbox.service.database.transaction() as session:
        assert delivery_reports.apply_next(session, now) == 3
    assert [outbox.state(each) for each in (bad, good)] == ["failed", "delivered"]


def test_a_group_whose_time_zone_is_gone_holds_up_no_other_group(outbox: Outbox) -> None:
    bad, good = outbox.group(), outbox.group()
    outbox.changes(bad, zone="US/Gone", quiet_from=time(21), quiet_until=time(7))
    lane = {"kind": MessageKind.MEETING_NEWS, "lane": Lane.NORMAL}
    made = [
        outbox.queues_one(phone_id=outbox.member(group).phone_id, group_id=group.id, key=f"x:{group.id}", **lane)
        for group in (bad, good)
    ]
    outbox.claims()
    (claimed,) = outbox.claims()
    assert claimed.id == made[1]
    assert state(outbox, made[0]) == "set_aside"


def test_it_is_tried_again_by_itself_and_sent_once_it_can_be_read(outbox: Outbox, clock: Clock) -> None:
    bad = outbox.queues_one()
    spoils(outbox, bad, SPOILS["kind"])
    for minutes in (1, 2, 4):
        outbox.claims()
        assert state(outbox, bad) == "set_aside"
        clock.time += timedelta(minutes=minutes)
        retries(outbox)
        assert state(outbox, bad) == "waiting", minutes
    spoils(outbox, bad, "UPDATE messages SET kind = 'reply' WHERE id = :id")
    outbox.records(outbox.claims(), Verdict.ACCEPTED, "ATXid_1")
    assert outbox.state(bad) == "sent"
    clock.time += timedelta(hours=1)
    retries(outbox)
    with outbox.service.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM row_failures")) == 0


def retries(outbox: Outbox) -> None:
    with outbox.service.database.transaction() as session:
        set_aside.retry_due(session, outbox.service.now())


def test_one_that_expired_meanwhile_ends_as_too_late(outbox: Outbox, clock: Clock) -> None:
    bad = outbox.queues_one()
    spoils(outbox, bad, SPOILS["words"])
    outbox.claims()
    clock.time += timedelta(hours=3)
    retries(outbox)
    assert state(outbox, bad) == "too_late"
    retries(outbox)
    with outbox.service.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM row_failures")) == 0


def test_the_operator_is_told_once_and_sees_which(outbox: Outbox, clock: Clock, types: Typed) -> None:
    bad = outbox.queues_one()
    spoils(outbox, bad, SPOILS["words"])
    for _try in range(5):
        outbox.claims()
        with outbox.service.database.transaction() as session:
            operator_alerts.tell_of_failures(session, outbox.service.now(), OPERATOR)
        clock.time += timedelta(minutes=20)
        retries(outbox)
    (alert,) = outbox.claims(Lane.URGENT)
    assert (alert.number, "smsgate failures" in alert.words) == (OPERATOR, True)
    shown = types("failures")
    assert "outbox" in shown
    assert "WrongKey" in shown
    assert OPERATOR not in shown
    assert "tried again now" in types("failures", "--retry")
    assert state(outbox, bad) == "waiting"


def test_without_a_failure_it_says_so(types: Typed) -> None:
    assert types("failures").strip() == "Nothing is set aside."
