"""The scheduler: two of every process do the same as one, and an hour's downtime loses nothing still worth sending."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from datetime import time as at_time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from smsgate.conversations.sms import router
from smsgate.gateways.rehearsal import ledger
from smsgate.gateways.rehearsal.provider import Provider
from smsgate.groups import groups
from smsgate.meetings import meetings
from smsgate.models import Group, Lane, Meeting, Member, Message, MessageKind, MessageStatus, Phone, SchedulerRun
from smsgate.notices import notices
from smsgate.outbox import queues, summary
from smsgate.service import Service
from smsgate.workers import scheduler
from tests.support.outbox import Outbox
from tests.support.people import Clock, passes, work
from tests.support.people import Phone as Person
from tests.support.processes import Starts
from tests.support.stories import agrees, joins
from tests.support.waiting import wire_patiently

pytestmark = pytest.mark.both_databases

NAIROBI = ZoneInfo("Africa/Nairobi")
CODE = "*384*77#"
MEMBERS = 12
QUEUES = (queues.INBOUND, *Lane)
CAME_OF_IT = {  # (kind, status, copies that the provider accepted): number of messages
    (MessageKind.NOTICE, MessageStatus.SENT, 1): MEMBERS - 1,
    (MessageKind.NOTICE, MessageStatus.WITHDRAWN, 0): 1,  # opted out meanwhile
    (MessageKind.REMINDER, MessageStatus.SENT, 1): MEMBERS - 1,
    (MessageKind.MEETING_NEWS, MessageStatus.SENT, 1): MEMBERS - 1,
    (MessageKind.MEETING_NEWS, MessageStatus.WITHDRAWN, 0): 1,
    (MessageKind.HELP, MessageStatus.SENT, 1): 3,
    (MessageKind.REPLY, MessageStatus.UNKNOWN, 0): 1,  # its worker died
    (MessageKind.REPLY, MessageStatus.TOO_LATE, 0): 1,
    (MessageKind.CONFIRMATION, MessageStatus.SENT, 1): 1,  # the reply to an inbound text
}  # fmt: skip
Result = Counter[tuple[MessageKind, MessageStatus, int]]


class World:
    """One of everything that the scheduler does, all due at the same moment."""

    def __init__(self, box: Outbox) -> None:
        self.outbox, self.service = box, box.service
        with self.service.database.reading() as session:
            self.after = session.scalar(select(func.max(Message.id))) or 0
        for _ in range(3):
            box.help()
        lost = box.queues_one()
        claimed = box.claims(Lane.NORMAL) + box.claims(Lane.URGENT, limit=1)
        assert lost in {one.id for one in box.hands_over(claimed)}
        box.loses(claimed)
        box.queues_one(expires_at=self.service.now())
        router.receive(self.service, f"in-{lost}", box.phone().number, "INFO")
        self._group()

    def _group(self) -> None:
        now, group = self.service.now(), self.outbox.group()
        members = [self.outbox.member(group) for _ in range(MEMBERS)]
        self.outbox.meeting(group, minutes=90)
        off = self.outbox.meeting(group, days=5)
        with self.service.database.transaction() as session:
            notices.send(session, session.get_one(Group, group.id), "Bring a cup", now)
        with self.service.database.transaction() as session:
            meetings.cancel(session, session.get_one(Meeting, off.id), now, CODE)
        with self.service.database.transaction() as session:
            session.get_one(Phone, members[0].phone_id).stopped_at = now

    def rows(self) -> list[Message]:
        with self.service.database.reading() as session:
            return list(session.scalars(select(Message).where(Message.id > self.after)))

    def result(self, provider: Provider) -> Result:
        taken = ledger.read(provider.ledger.path, provider.ledger.start).copies
        with self.service.database.reading() as session:
            numbers = {phone.id: phone.number for phone in session.scalars(select(Phone))}
        return Counter((one.kind, one.state, taken[numbers[one.phone_id], one.words or ""]) for one in self.rows())


def open_rows(world: World) -> int:
    return sum(one.state in (MessageStatus.WAITING, MessageStatus.SENDING) for one in world.rows())


def waits_until_done(world: World, seconds: float = 90) -> None:
    """Wait until everything is done or nothing changes any more, and the schedulers have run once more since."""
    until, done_at = time.monotonic() + seconds, None
    while time.monotonic() < until:
        ready = len(world.rows()) >= sum(CAME_OF_IT.values()) and not open_rows(world)
        with world.service.database.reading() as session:
            last = session.scalar(select(func.max(SchedulerRun.at)))
        if ready and done_at and last and last > done_at:
            return
        done_at = (done_at or world.service.now()) if ready else None
        time.sleep(0.1)


@pytest.mark.by_night
@pytest.mark.parametrize(
    "database_url", [pytest.param("sqlite", marks=pytest.mark.by_night), "postgresql"], indirect=True
)  # SQLite is meant for one process of each kind
@pytest.mark.xdist_group("processes")
def test_two_clocks_and_two_workers_on_each_lane_do_what_one_does(
    outbox: Outbox,
    carrier: Provider,
    starts: Starts,
) -> None:
    alone = World(outbox)
    for _round in range(2):
        scheduler.run_scheduled_tasks(outbox.service)
        work(outbox.service)
    assert alone.result(carrier) == CAME_OF_IT
    crowded = World(outbox)
    for _twice in range(2):
        for words in (("scheduler",), *(("worker", queue) for queue in QUEUES)):
            starts(*words)
    waits_until_done(crowded)
    assert crowded.result(carrier) == CAME_OF_IT


def test_schedulers_whose_runs_fall_together_take_turns(service: Service, clock: Clock) -> None:
    outbox = Outbox(service)
    others = [service, *(wire_patiently(service.settings, now=clock.now) for _ in range(2))]
    group = outbox.group()
    for _ in range(20):
        outbox.member(group)
    for hours in (1.5, 20, 26):
        outbox.meeting(group, hours=hours)
    start = threading.Barrier(len(others))

    def rounds(mine: Service) -> None:
        for _ in range(4):
            start.wait()
            scheduler.run_scheduled_tasks(mine)
            start.wait()
            if mine is service:
                clock.time += timedelta(hours=1)

    threads = [threading.Thread(target=rounds, args=(one,)) for one in others]
    with capture_logs() as told:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [one["event"] for one in told if one["event"] == "round_failed"] == []
    with service.database.reading() as session:
        made = session.scalars(select(Message)).all()
    assert Counter(one.key for one in made) == {f"reminder:{n}:0:{step}": 20 for n, step in
                                                  ((1, "2h"), (2, "1d"), (3, "1d"))}  # fmt: skip
    for one in others[1:]:
        one.database.engine.dispose()
        one.redis.close()


def local(clock: Clock, day: int, hour: int, minute: int = 0) -> None:
    clock.time = datetime(2026, 11, day, hour, minute, tzinfo=NAIROBI).astimezone(UTC)


@pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.by_night)], indirect=True
)
def test_after_an_hour_of_downtime_what_is_worth_it_leaves_and_the_rest_is_seen_to_be_too_late(
    amina: Person, juma: Person, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    other = Outbox(service).group()  # without quiet hours
    with service.database.transaction() as session:
        session.add(group)
        groups.set_quiet_hours(session, group, (at_time(20, 53), at_time(7)), service.now())
        meetings.plan(session, group, datetime(2026, 11, 25, 6, 30), None, service.now())  # reminded at 19:53
        groups.join(session, session.scalars(select(Member)).one(), other.id, service.now())
        tonight = meetings.plan(session, other, datetime(2026, 11, 24, 20, 40), None, service.now())
        meetings.plan(session, other, datetime(2026, 11, 24, 22, 15), None, service.now())  # reminded at 20:15
    for moment in ((24, 7, 30), (24, 19, 0), (24, 19, 50)):
        local(clock, *moment)
        passes(service, clock)
    before = Counter(amina.reads())
    with service.database.reading() as session:
        assert {one.state for one in summary.current_counts(session, service.now())} == {MessageStatus.SENT}

    local(clock, 24, 20, 5)  # from now on neither workers nor schedulers run
    with service.database.transaction() as session:
        notices.send(session, session.get_one(Group, other.id), "Bring a cup", service.now())
        meetings.cancel(session, session.get_one(Meeting, tonight.id), service.now(), CODE)
    amina.dials(None, "1", "2")
    local(clock, 24, 20, 54)
    passes(service, clock)
    new = list((Counter(amina.reads()) - before).elements())
    for words in ("Bring a cup", "Reminder: Tue 24 Nov 22:15"):
        assert len([one for one in new if one.startswith(words)]) == 1
    assert not [words for words in new if "25 Nov" in words or "Cancelled" in words]
    juma.hears("Reply 1 if you can help")
    with service.database.reading() as session:
        late = [one for one in summary.current_counts(session, service.now()) if one.state is MessageStatus.TOO_LATE]
    assert {(one.kind, one.count) for one in late} == {(MessageKind.MEETING_NEWS, 1), (MessageKind.REMINDER, 1)}
