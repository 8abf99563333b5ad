"""A row that raises an error stops nobody else's help texts, reminders, invitations or notices."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, select, text

import smsgate
from smsgate.groups.imports import number_imports
from smsgate.help import requests
from smsgate.models import (
    Base,
    GatewayCall,
    HelpPlan,
    HelpRequest,
    JoinRequest,
    Lane,
    Member,
    Message,
    MessageKind,
    Notice,
    NumberImport,
    Phone,
    Pin,
    Responder,
    ResponderStatus,
    RowFailure,
    Series,
    Survey,
    SurveyAnswer,
    SurveyVersion,
)
from smsgate.notices import notices
from smsgate.service import Service
from smsgate.workers import scheduler
from smsgate.workers.drain import Drainer
from tests.support.outbox import Outbox
from tests.support.people import Clock

pytestmark = pytest.mark.both_databases


@pytest.fixture
def outbox(service: Service) -> Outbox:
    return Outbox(service)


def runs(outbox: Outbox, clock: Clock, times: int = 10, minutes: int = 1) -> None:
    for _time in range(times):
        clock.time += timedelta(minutes=minutes)
        scheduler.run_scheduled_tasks(outbox.service, forgetting=False)


def texts(outbox: Outbox, kind: MessageKind) -> list[Message]:
    with outbox.service.database.reading() as session:
        return list(session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))


def failed(outbox: Outbox) -> set[tuple[str, int]]:
    with outbox.service.database.reading() as session:
        return {(row.task, row.row_id) for row in session.scalars(select(RowFailure))}


def asks_for_help(outbox: Outbox) -> tuple[HelpRequest, Member]:
    """Raise help for a member whose plan, if nobody answers, is to send again and then show numbers to call."""
    now, member = outbox.service.now(), outbox.member(outbox.group())
    outbox.adds(HelpPlan(member_id=member.id, then="again lines", wait_minutes=5, pause_seconds=0))
    outbox.adds(Responder(member_id=member.id, phone_id=outbox.phone().id, agreed=ResponderStatus.YES, asked_at=now))
    with outbox.service.database.transaction() as session:
        requests.raise_help(session, session.get_one(Member, member.id), now)
        request = session.scalars(select(HelpRequest).where(HelpRequest.member_id == member.id)).one()
    return request, member


@pytest.mark.by_night
def test_a_step_that_nobody_knows_stops_no_other_escalation(outbox: Outbox, clock: Clock) -> None:
    (bad, _theirs), (_good, member) = asks_for_help(outbox), asks_for_help(outbox)
    outbox.changes(bad, then="call_a_taxi")
    runs(outbox, clock, 20)
    assert ("escalation of a member's help request", bad.member_id) in failed(outbox)
    told = [message for message in texts(outbox, MessageKind.HELP_NEWS) if message.phone_id == member.phone_id]
    assert told  # "nobody has answered yet"
    outbox.changes(bad, then="lines")
    runs(outbox, clock, 70)
    assert failed(outbox) == set()


def test_a_time_zone_that_is_gone_stops_no_other_group_s_reminders(outbox: Outbox, clock: Clock) -> None:
    bad, good = outbox.group(), outbox.group()
    for group in (bad, good):
        outbox.member(group)
        outbox.meeting(group, hours=3)
    outbox.changes(bad, zone="US/Gone", quiet_from=clock.time.time(), quiet_until=clock.time.time())
    runs(outbox, clock, 26, minutes=5)
    assert [message.group_id for message in texts(outbox, MessageKind.REMINDER)] == [good.id]
    assert {task for task, _row in failed(outbox)} == {"reminders"}


def test_what_failed_is_listed_until_it_is_over(outbox: Outbox, clock: Clock) -> None:
    group = outbox.group()
    outbox.member(group)
    outbox.meeting(group, hours=3)
    outbox.changes(group, zone="US/Gone", quiet_from=clock.time.time(), quiet_until=clock.time.time())
    runs(outbox, clock, 26, minutes=5)
    clock.time += timedelta(days=1)
    scheduler.run_scheduled_tasks(outbox.service)
    assert {task for task, _row in failed(outbox)} == {"reminders"}
    clock.time += timedelta(days=3)
    scheduler.run_scheduled_tasks(outbox.service)
    assert failed(outbox) == set()


def test_a_series_whose_zone_is_gone_stops_no_other_series(outbox: Outbox, clock: Clock) -> None:
    now = outbox.service.now()
    made: list[Series] = []
    for zone in ("US/Gone", "Africa/Nairobi"):
        row: dict[str, Any] = {"rule": "FREQ=WEEKLY;BYDAY=SA", "first": now.date(), "at": now.time(), "minutes": 60}
        made.append(outbox.adds(Series(group_id=outbox.group().id, zone=zone, look_at=now, created_at=now, **row)))
    runs(outbox, clock, 1)
    with outbox.service.database.reading() as session:
        planned = set(session.scalars(text("SELECT DISTINCT series_id FROM meetings")))
    assert planned == {made[1].id}
    assert failed(outbox) == {("dates of series", made[0].id)}


def spoils_words(outbox: Outbox, notice: Notice) -> None:
    with outbox.service.database.transaction() as session:
        session.execute(
            text("UPDATE notices SET words = :sealed WHERE id = :id"), {"sealed": bytes(34), "id": notice.id}
        )


def test_a_notice_that_cannot_be_read_does_not_block_the_lane(outbox: Outbox, clock: Clock) -> None:
    sent: list[Notice] = []
    for _group in range(2):
        group = outbox.group()
        outbox.member(group)
        sent.append(outbox.notice(group))
        outbox.changes(sent[-1], queued_to=0)
    spoils_words(outbox, sent[0])
    with outbox.service.database.transaction() as session:
        while notices.queue_more(session, clock.now()):
            pass
    assert [message.notice_id for message in texts(outbox, MessageKind.NOTICE)] == [sent[1].id]
    assert len(outbox.claims(Lane.BULK)) == 1


def test_a_pin_whose_member_cannot_be_read_stops_no_other(outbox: Outbox, clock: Clock) -> None:
    now = outbox.service.now()
    members = [outbox.member(outbox.group()) for _ in range(2)]
    for member in members:
        outbox.adds(Pin(member_id=member.id, first="x", off_at=now + timedelta(minutes=1), off_told_at=now))
    with outbox.service.database.transaction() as session:
        session.execute(text("UPDATE phones SET number = :n WHERE id = :i"), {"n": bytes(34), "i": members[0].phone_id})
    runs(outbox, clock, 3)
    with outbox.service.database.reading() as session:
        assert session.scalars(select(Pin.member_id)).all() == [members[0].id]


def spoils(outbox: Outbox, row: Base, column: str, value: object = bytes(34)) -> None:
    """Store what no key opens, or what only a newer release knows."""
    with outbox.service.database.transaction() as session:
        session.execute(
            text(f"UPDATE {row.__tablename__} SET {column} = :value WHERE id = :id"), {"value": value, "id": row.id}
        )


def test_requests_end_after_a_day_though_a_text_of_one_cannot_be_read(outbox: Outbox, clock: Clock) -> None:
    (_text, _theirs, bad), (_other, _own, good) = outbox.help(), outbox.help()
    with outbox.service.database.reading() as session:
        message = session.scalars(select(Message).order_by(Message.id)).first()
    assert message
    clock.time += timedelta(hours=25)
    spoils(outbox, message, "lane", "express")
    runs(outbox, clock, 1)
    with outbox.service.database.reading() as session:
        open_ = select(HelpRequest.id).where(HelpRequest.closed_at.is_(None))
        assert session.scalars(open_).all() == [bad.id]
    assert good.id != bad.id


@pytest.mark.parametrize(
    ("column", "value"),
    [("content", bytes(34)), ("found", bytes(34)), ("stage", "shredding")],
    ids=["content", "found", "stage"],
)
def test_a_file_of_numbers_that_cannot_be_read_stops_no_notice_and_is_forgotten(
    outbox: Outbox, clock: Clock, column: str, value: object
) -> None:
    group = outbox.group()
    outbox.member(group)
    with outbox.service.database.transaction() as session:
        one = number_imports.begin(session, group, b"phone\n0711000001", "en", outbox.service.now())
    spoils(outbox, one, column, value)
    with outbox.service.database.transaction() as session:
        number_imports.wake_unfinished(session)  # in the task that wakes every lane
    notice = outbox.notice(group)
    outbox.changes(notice, queued_to=0)
    Drainer(outbox.service).drain("bulk")
    assert [message.notice_id for message in texts(outbox, MessageKind.NOTICE)] == [notice.id]
    assert outbox.claims(Lane.BULK) == []  # it was sent
    clock.time += timedelta(days=2)
    scheduler.run_scheduled_tasks(outbox.service)
    with outbox.service.database.reading() as session:
        assert session.scalars(select(NumberImport.id)).all() == []


def test_a_note_of_a_call_in_another_shape_keeps_no_dead_worker_s_texts(outbox: Outbox, clock: Clock) -> None:
    """A later release may note more, or something else."""
    made = [outbox.queues_one(lane=Lane.URGENT), outbox.queues_one(lane=Lane.URGENT)]
    (first, _second) = outbox.claims(Lane.URGENT)
    outbox.adds(GatewayCall(claims=[[first.id, first.attempt, "sms"]], made_at=clock.time))
    outbox.adds(GatewayCall(claims=[{"message": made[1]}], made_at=clock.time))
    outbox.adds(GatewayCall(claims=[made[1]], made_at=clock.time))
    clock.time += timedelta(minutes=10)
    with outbox.service.database.transaction() as session:
        session.execute(text("UPDATE messages SET leased_until = :past"), {"past": datetime(2020, 1, 1)})
    scheduler.run_scheduled_tasks(outbox.service, forgetting=False)
    assert [outbox.state(one) for one in made] == ["unknown", "waiting"]
    with outbox.service.database.reading() as session:
        assert session.scalars(select(GatewayCall.id)).all() == []


def test_what_is_too_old_is_forgotten_though_a_request_to_join_and_a_survey_cannot_be_read(
    outbox: Outbox, clock: Clock
) -> None:
    bad, good = outbox.group(), outbox.group()
    for group in (bad, good):
        member = outbox.member(outbox.group())
        with outbox.service.database.reading() as session:
            member_phone = session.get_one(Phone, member.phone_id)
        outbox.adds(JoinRequest(member_id=member.id, group_id=group.id, asked_at=clock.time))
        survey = outbox.adds(Survey(group_id=group.id, name="mood", draft="{}", created_at=clock.time))
        definition = '{"keep_days": 30}' if group is good else "(of a newer release)"
        version = SurveyVersion(survey_id=survey.id, number=1, definition=definition, published_at=clock.time)
        answer = {"survey_id": survey.id, "version_id": outbox.adds(version).id, "respondent": "r", "at": clock.time}
        outbox.adds(SurveyAnswer(**answer, step="mood", value="good"))
        if group is bad:
            spoils(outbox, member_phone, "number")
    clock.time += timedelta(days=31)
    scheduler.run_scheduled_tasks(outbox.service)
    with outbox.service.database.reading() as session:
        assert session.scalars(select(JoinRequest.group_id)).all() == [bad.id]
        assert len(session.scalars(select(SurveyAnswer.id)).all()) == 1
        assert {task for task, _row in failed(outbox)} == {"requests to join", "old answers to a survey"}


def test_the_name_of_a_task_fits_its_column() -> None:
    """PostgreSQL refuses a longer one, and that while a failure is being recorded."""
    column = RowFailure.__table__.c.task.type
    assert isinstance(column, String)
    assert column.length
    texts = [path.read_text() for path in Path(smsgate.__file__).parent.rglob("*.py")]
    named = [name for source in texts for name in re.findall(r'work_on_each\(session, "([^"]+)"', source)]
    assert len(named) > 20
    assert [name for name in named if len(name) > column.length] == []
