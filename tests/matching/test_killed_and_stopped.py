"""The scheduler is killed or suspended while it works for one-to-one support: nothing is lost or done twice.

A child process is really killed, or suspended while another scheduler works and then resumed. What counts is the state
of the outbox and the tables afterwards: reminders, questions, lapsed proposals, endings.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from smsgate.core.waits import deadlines
from smsgate.matching import check_ins, endings, feedback, matches, meetings, programmes, waiting
from smsgate.matching.wishes import Wishes
from smsgate.models import (
    CheckIn,
    Group,
    Match,
    MatchMeeting,
    MatchState,
    MeetingState,
    Member,
    Message,
    MessageKind,
    Phone,
    Programme,
    Seeker,
    SeekerState,
    Supporter,
    row_failures,
)
from smsgate.service import Service
from smsgate.workers import scheduler
from tests.support.outbox import Outbox
from tests.support.people import Clock
from tests.support.walks import CODE

pytestmark = [pytest.mark.both_databases, pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")]
PAIRS = 3
WALKS = (MessageKind.WALK, MessageKind.WALK_REMINDER)


@pytest.fixture
def outbox(service: Service) -> Outbox:
    return Outbox(service)


@dataclass(frozen=True)
class Due:
    """Something due for each pair: how to bring it about, and how many texts each pair has afterwards, by event."""

    comes: Callable[[Session, Match, datetime], None]
    texts: dict[str, int]
    meetings: int = 0
    open: bool = True


def a_reminder(session: Session, match: Match, now: datetime) -> None:
    agreed = {"match_id": match.id, "by_supporter": True, "state": MeetingState.AGREED}
    session.add(MatchMeeting(**agreed, starts_at=now + timedelta(hours=20)))


def the_next_meeting(session: Session, match: Match, now: datetime) -> None:
    agreed = {"match_id": match.id, "by_supporter": True, "state": MeetingState.AGREED}
    session.add(MatchMeeting(**agreed, starts_at=now - timedelta(hours=2)))


def a_check_in(session: Session, match: Match, now: datetime) -> None:
    session.add(CheckIn(match_id=match.id, due_at=now - timedelta(hours=1)))


def the_end_is_near(session: Session, match: Match, now: datetime) -> None:
    match.ends_at = now + timedelta(days=20)


def the_end(session: Session, match: Match, now: datetime) -> None:
    match.ends_at, match.warned_at = now - timedelta(hours=1), now - timedelta(days=28)
    match.surveyed_at = now + timedelta(days=1)


def how_it_was(session: Session, match: Match, now: datetime) -> None:
    match.began_at = now - timedelta(days=91)


def how_it_is(session: Session, match: Match, now: datetime) -> None:
    """Make the question due that people get after two years, while both of the pair have nobody."""
    match.programme.created_at = now - timedelta(days=731)
    match.state, match.ended_at, match.surveyed_at = MatchState.ENDED, now, now + timedelta(days=1)
    session.execute(update(Seeker).values(state=SeekerState.WAITING))


def nobody_answers(session: Session, match: Match, now: datetime) -> None:
    match.state, match.began_at, match.proposed_at = MatchState.PROPOSED, None, now - timedelta(days=15)
    match.supporter_agreed = False


DUE = {
    "a reminder": Due(a_reminder, {"walk_reminder": 2}, meetings=1),
    "the next meeting": Due(the_next_meeting, {}, meetings=2),
    "a check-in": Due(a_check_in, {"check_in": 1}),
    "the end is near": Due(the_end_is_near, {"ends_soon": 2}),
    "the end": Due(the_end, {"over": 2}, open=False),
    "how it was": Due(how_it_was, {"how_was_it": 2}),
    "how it is, of all": Due(how_it_is, {"how_is_it": 2}, open=False),
    "nobody answers": Due(nobody_answers, {"not_this_time": 1}, open=False),
}


def prepares(service: Service, outbox: Outbox, group: Group, due: Due) -> None:
    """Create three pairs for which it is due now."""
    now = service.now()
    with service.database.transaction() as session:
        programme = programmes.create(session, "Side by side", "Africa/Nairobi", now)
        for _pair in range(PAIRS):
            person, other = (session.get_one(Member, outbox_member(session)) for _one in range(2))
            row = {"programme_id": programme.id, "member_id": other.id, "said": Wishes().stored(), "room": 1}
            supporter = Supporter(**row, since=now, until=now + timedelta(days=400))
            session.add(supporter)
            session.flush()
            waiting.ask(session, person, programme, Wishes(), now)
            match = begins(session, programme, person, supporter, now)
            later = update(CheckIn).where(CheckIn.match_id == match.id)
            session.execute(later.values(due_at=now + timedelta(days=300)))
            due.comes(session, match, now)
        session.execute(delete(Message))


def outbox_member(session: Session) -> int:
    number = f"+2547110{session.query(Phone).count():05}"
    phone = Phone(number=number, created_at=datetime.now().astimezone(), language="en")
    session.add(phone)
    session.flush()
    member = Member(phone_id=phone.id, name="Amina", joined_at=phone.created_at)
    session.add(member)
    session.flush()
    return member.id


def begins(session: Session, programme: Programme, person: Member, supporter: Supporter, now: datetime) -> Match:
    seeker = waiting.seeker_of(session, person.id)
    assert seeker
    match = matches.propose(session, programme, seeker.id, supporter.id, now, CODE)
    assert isinstance(match, Match)
    for side in (True, False):
        matches.answer(session, match.id, supporter=side, yes=True, now=now, code=CODE)
    return match


def runs(service: Service) -> None:
    """Run the scheduler's tasks for one-to-one support, in one transaction as always."""
    with service.database.transaction() as session:
        scheduler._run_walk_tasks(session, service)


def in_a_child(service: Service, work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        try:
            service.database.engine.dispose(close=False)
            work()
        finally:
            os._exit(0)
    return child


def holds(service: Service, due: Due) -> None:
    """Check that each person got each text once, and that the tables look as if nothing had gone wrong."""
    with service.database.reading() as session:
        texts = session.scalars(select(Message).where(Message.kind.in_(WALKS))).all()
        events = Counter(text.key.split(":")[0 if text.kind is MessageKind.WALK_REMINDER else -1] for text in texts)
        assert events == {name: count * PAIRS for name, count in due.texts.items()}
        assert len({(text.phone_id, text.key) for text in texts}) == len(texts)
        assert len(session.scalars(select(MatchMeeting.id)).all()) == due.meetings * PAIRS
        walk = session.scalars(select(Match.id).where(Match.state == MatchState.WALKING)).all()
        assert len(walk) == (PAIRS if due.open else 0)
        assert row_failures.failures(session) == []


def by_night_but(*day: str, names: Iterable[str] = DUE) -> list[Any]:
    """Return all of these, those not in `day` marked to run by night only."""
    return [name if name in day else pytest.param(name, marks=pytest.mark.by_night) for name in names]


@pytest.mark.parametrize("point", by_night_but("in the middle", names=("in the middle", "before the commit")))
@pytest.mark.parametrize("name", by_night_but("a reminder"))
def test_a_scheduler_that_is_killed(name: str, point: str, service: Service, outbox: Outbox, group: Group) -> None:
    prepares(service, outbox, group, DUE[name])

    def dies(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def works() -> None:
        if point == "in the middle":
            seen = iter(range(2))
            event.listen(Session, "after_flush", lambda *_: dies() if next(seen, None) is None else None)
        event.listen(Session, "before_commit", dies)
        runs(service)

    child = in_a_child(service, works)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    for _round in range(3):
        runs(service)
    holds(service, DUE[name])


@pytest.mark.parametrize("name", by_night_but("how it was"))
def test_a_scheduler_that_is_stopped_while_another_works(
    name: str, service: Service, outbox: Outbox, group: Group, clock: Clock
) -> None:
    """The suspended one has read what is due, and goes on when the other is done."""
    prepares(service, outbox, group, DUE[name])

    def works() -> None:
        stops = iter(["once"])

        def stopped(session: Session, task: str, ids: Any, work: Any, now: datetime) -> None:
            ids = list(ids)
            if ids and next(stops, None):
                os.kill(os.getpid(), signal.SIGSTOP)
            row_failures.work_on_each(session, task, ids, work, now)

        with pytest.MonkeyPatch.context() as patch:
            for module in (check_ins, endings, feedback, meetings):
                patch.setattr(module, "work_on_each", stopped)
            runs(service)

    child = in_a_child(service, works)
    try:
        stopped = os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])
        assert stopped
        clock.time += timedelta(seconds=5)
        try_to_run(service)
    finally:
        os.kill(child, signal.SIGCONT)
    os.waitpid(child, 0)
    for _round in range(2):
        runs(service)
    holds(service, DUE[name])


def try_to_run(service: Service) -> None:
    """Let the other one work; what the suspended one holds may keep it from doing so for now."""
    with suppress(OperationalError), deadlines.deadline(1.0):
        runs(service)
