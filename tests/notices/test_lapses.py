"""A notice that waits for its time or approval is sent only if its conditions still hold; nobody is left waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from smsgate.core.config import Settings
from smsgate.groups import roles
from smsgate.meetings import meetings
from smsgate.models import Audience, Group, Meeting, Notice, NoticeStatus, Role, lookup
from smsgate.notices import approval, notices
from smsgate.notices.approval import ApprovalResult
from smsgate.notices.notices import NoticeContent
from smsgate.service import Service
from smsgate.web.console.notices import story
from tests.support.people import Clock, Phone
from tests.support.stories import becomes, joins

DIAL = "*384*77#"
OPERATOR = "+254711000009"
Passes = Callable[..., None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, second_agrees=0, operator_number=OPERATOR)


@pytest.fixture
def large(service: Service) -> None:
    """Make every notice need a second approver."""
    object.__setattr__(service.settings, "second_agrees", 1)


@pytest.fixture
def lead(amina: Phone, service: Service, group: Group) -> Phone:
    becomes(amina, service, group, Role.FACILITATOR)
    return amina


def submits(service: Service, author: Phone, group: Group, hours: float = 3, **more: Any) -> ApprovalResult:
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, author.number)
        assert phone is not None
        content = NoticeContent("Bring a friend", due_at=service.now() + timedelta(hours=hours), **more)
        return approval.submit(
            session, phone.id, group.id, content, service.now(), service.settings, anyway=True
        ).result  # fmt: skip


def revokes(service: Service, group: Group, leader: Phone) -> None:
    with service.database.transaction() as session:
        everybody = roles.assignments_in(session, group.id, service.now())
        (mine,) = [role for role in everybody if role.phone.number == leader.number]
        roles.revoke(session, None, mine, service.now(), DIAL)


def approves(service: Service, leader: Phone) -> ApprovalResult:
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, leader.number)
        assert phone is not None
        notice = session.scalars(select(Notice)).one()
        return approval.approve(session, notice, phone.id, True, service.now(), DIAL).result


def stage(service: Service) -> NoticeStatus:
    with service.database.reading() as session:
        return session.scalars(select(Notice.stage)).one()


def test_not_sent_once_its_author_s_role_was_revoked(
    lead: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group, time_passes: Passes
) -> None:
    joins(juma, "Juma")
    becomes(fatuma, service, group)
    assert submits(service, lead, group) is ApprovalResult.TIMED
    revokes(service, group, lead)
    time_passes(hours=3, minutes=1)
    juma.hears_nothing_new()
    fatuma.hears("its author no longer leads the group")
    assert "Tumaini" not in fatuma.inbox[-1]
    time_passes(hours=3)
    fatuma.hears_nothing_new()
    assert stage(service) is NoticeStatus.DROPPED


def test_not_sent_once_its_author_was_erased(
    lead: Phone, juma: Phone, service: Service, group: Group, time_passes: Passes
) -> None:
    joins(juma, "Juma")
    submits(service, lead, group)
    lead.texts("ERASE")
    lead.texts("2")
    time_passes(hours=3, minutes=1)
    juma.hears_nothing_new()


def test_not_sent_once_its_author_s_role_expired(
    lead: Phone, juma: Phone, service: Service, group: Group, time_passes: Passes
) -> None:
    joins(juma, "Juma")
    time_passes(days=364, hours=22)
    submits(service, lead, group)
    juma.reads()
    time_passes(hours=3, minutes=1)
    assert "Bring a friend" not in juma.reads()[-1:]


def test_who_opted_out_still_leads(
    lead: Phone, juma: Phone, service: Service, group: Group, time_passes: Passes
) -> None:  # fmt: skip
    joins(juma, "Juma")
    submits(service, lead, group)
    lead.texts("STOP")
    time_passes(hours=3, minutes=1)
    juma.hears("Bring a friend")


def test_not_sent_to_the_guests_of_a_cancelled_meeting(
    lead: Phone, juma: Phone, service: Service, group: Group, meeting: Meeting, time_passes: Passes
) -> None:
    joins(juma, "Juma")
    juma.dials(None, "2", "1", "1")
    submits(service, lead, group, audience=Audience.COMING)
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), DIAL)
    juma.hears("Cancelled")
    time_passes(hours=3, minutes=1)
    juma.hears_nothing_new()
    lead.hears("its meeting is cancelled")


def test_approved_after_its_time_it_is_not_sent(
    lead: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group, large: None, time_passes: Passes
) -> None:
    becomes(juma, service, group)
    joins(fatuma, "Fatuma")
    assert submits(service, lead, group, hours=1) is ApprovalResult.ASKED
    code = juma.hears("A notice waits").split("reply ")[1][:4]
    time_passes(hours=5)
    lead.hears("Nobody agreed to your notice: it was not sent")
    assert "Its time has passed" in juma.texts(f"{code} ok")
    fatuma.hears_nothing_new()
    assert stage(service) is NoticeStatus.DROPPED


def test_approved_after_its_time_before_the_scheduler_looked(
    lead: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group, large: None, clock: Clock
) -> None:
    becomes(juma, service, group)
    joins(fatuma, "Fatuma")
    submits(service, lead, group, hours=1)
    clock.time += timedelta(hours=2)
    assert approves(service, juma) is ApprovalResult.MISSED
    lead.hears("it was not sent")
    fatuma.hears_nothing_new()


def test_a_code_given_after_its_time_sends_nothing(
    lead: Phone, fatuma: Phone, service: Service, group: Group, clock: Clock
) -> None:
    joins(fatuma, "Fatuma")
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, lead.number)
        assert phone is not None
        content = NoticeContent("Bring a friend", due_at=service.now() + timedelta(minutes=10))
        found = session.get_one(Group, group.id)
        code = approval.draft(session, phone.id, found, content, service.now()).code
    clock.time += timedelta(minutes=15)
    assert "in the past" in lead.texts(str(code))
    fatuma.hears_nothing_new()


def test_a_notice_of_somebody_who_leads_no_longer_is_not_approved(
    lead: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group, large: None, time_passes: Passes
) -> None:
    becomes(juma, service, group)
    joins(fatuma, "Fatuma")
    submits(service, lead, group, hours=10)
    revokes(service, group, lead)
    assert approves(service, juma) is ApprovalResult.AUTHOR_GONE
    time_passes(hours=11)
    fatuma.hears_nothing_new()


@pytest.mark.parametrize("word", ["STOP", "silent"])
def test_a_second_approver_who_cannot_be_texted_is_no_dead_end(
    lead: Phone, juma: Phone, phone: Callable[[str], Phone], service: Service, group: Group, large: None, word: str
) -> None:
    becomes(juma, service, group)
    with service.database.transaction() as session:
        row = lookup.find_phone(session, juma.number)
        assert row is not None
        row.stopped_at = service.now() if word == "STOP" else None
        row.silent_at = service.now() if word == "silent" else None
    assert submits(service, lead, group) is ApprovalResult.OPERATOR
    assert "smsgate notice" in phone(OPERATOR).hears("waits until a second person agrees")
    juma.hears_nothing_new()


def test_an_approver_whose_role_ends_leaves_it_to_the_operator(
    lead: Phone, juma: Phone, phone: Callable[[str], Phone], service: Service, group: Group, large: None,
    time_passes: Passes,
) -> None:  # fmt: skip
    becomes(juma, service, group)
    assert submits(service, lead, group) is ApprovalResult.ASKED
    operator = phone(OPERATOR)
    time_passes(minutes=1)
    assert operator.reads() == []
    revokes(service, group, juma)
    time_passes(minutes=1)
    operator.hears("waits until a second person agrees")
    time_passes(minutes=1)
    operator.hears_nothing_new()


def test_a_leader_who_is_new_is_asked_too(
    lead: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group, large: None, time_passes: Passes
) -> None:
    becomes(juma, service, group)
    submits(service, lead, group)
    becomes(fatuma, service, group)
    time_passes(minutes=1)
    fatuma.hears("A notice waits")
    assert len([said for said in juma.reads() if "A notice waits" in said]) == 1


def test_nobody_is_asked_in_the_morning_about_what_was_decided_at_night(
    lead: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group, large: None, clock: Clock,
    time_passes: Passes,
) -> None:  # fmt: skip
    becomes(juma, service, group)
    becomes(fatuma, service, group)
    clock.time = clock.time.replace(hour=19)  # ten in the evening
    submits(service, lead, group, hours=15)
    time_passes(minutes=1)
    assert approves(service, juma) is ApprovalResult.TIMED
    clock.time += timedelta(hours=9, minutes=15)
    time_passes(minutes=1)
    assert not [said for said in [*juma.reads(), *fatuma.reads()] if "A notice waits" in said]
    lead.hears("agreed to your notice")


@pytest.mark.both_databases
def test_stopped_and_approved_at_once_it_is_stopped(
    lead: Phone, juma: Phone, group: Group, service: Service, large: None
) -> None:
    """Whoever comes second reads what the first did; else "sent" is said of a notice that never leaves."""
    becomes(juma, service, group, Role.FACILITATOR)
    submits(service, lead, group)
    results = list[ApprovalResult]()

    def agrees() -> None:
        with service.database.transaction() as session:
            notice, phone = session.scalars(select(Notice)).one(), lookup.find_phone(session, juma.number)
            assert phone is not None
            results.append(approval.approve(session, notice, phone.id, True, service.now(), DIAL).result)

    second = threading.Thread(target=agrees)
    with service.database.transaction() as session:
        notices.stop(session, session.scalars(select(Notice)).one(), service.now())
        session.flush()
        second.start()
        second.join(timeout=0.5)  # it waits, or does not care
    second.join()
    assert results == [ApprovalResult.USED]
    with service.database.reading() as session:
        assert session.scalars(select(Notice.stage)).one() is NoticeStatus.DROPPED


def test_a_day_late_it_is_not_sent_and_its_author_reads_so(
    lead: Phone, juma: Phone, service: Service, group: Group, clock: Clock, time_passes: Passes
) -> None:
    """No scheduler ran at its time, nor on the day after it."""
    joins(juma, "Juma")
    submits(service, lead, group, hours=200)
    clock.time += timedelta(hours=225)
    time_passes(minutes=1)
    juma.hears_nothing_new()
    lead.hears("Your notice was not sent: it would have come a day late")
    time_passes(minutes=1)
    lead.hears_nothing_new()
    with service.database.reading() as session:
        (notice,) = session.scalars(select(Notice).where(notices.left_its_author())).all()
        assert story.state_of(notice, {}).said == "not sent"
        assert "day late" in story.timeline(session, notice, service.now())[-1][1]


def test_a_notice_held_at_night_is_not_sent_in_the_morning_once_its_author_leads_no_longer(
    lead: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group, clock: Clock, time_passes: Passes
) -> None:
    joins(juma, "Juma")
    becomes(fatuma, service, group)
    clock.time = clock.time.replace(hour=19)  # ten in the evening
    assert submits(service, lead, group, hours=0.001) is ApprovalResult.TIMED
    time_passes(minutes=1)
    assert stage(service) is NoticeStatus.GOING
    revokes(service, group, lead)
    clock.time += timedelta(hours=9, minutes=15)
    time_passes(minutes=1)
    juma.hears_nothing_new()
    fatuma.hears("its author no longer leads the group")


def test_a_notice_that_has_begun_goes_on(
    lead: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group, time_passes: Passes
) -> None:
    joins(juma, "Juma")
    submits(service, lead, group, hours=0.001)
    time_passes(minutes=1)
    juma.hears("Bring a friend")
    revokes(service, group, lead)
    becomes(fatuma, service, group)
    time_passes(minutes=1)
    fatuma.hears_nothing_new()


def test_who_waits_to_read_that_it_was_approved_does_not_read_so_once_it_was_stopped(
    lead: Phone, juma: Phone, service: Service, group: Group, large: None, clock: Clock, time_passes: Passes
) -> None:
    becomes(juma, service, group)
    clock.time = clock.time.replace(hour=19)
    submits(service, lead, group, hours=15)
    assert approves(service, juma) is ApprovalResult.TIMED
    with service.database.transaction() as session:
        notices.stop(session, session.scalars(select(Notice)).one(), service.now())
    clock.time += timedelta(hours=9, minutes=15)
    time_passes(minutes=1)
    assert not [said for said in lead.reads() if "agreed to your notice" in said]
