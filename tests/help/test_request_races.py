"""Two acts on a help request at the same moment: one comes first, and what people are told is true."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from smsgate.core.database import Database
from smsgate.gateways import Verdict
from smsgate.help import answers, endings, escalation, plans, requests, responders, undelivered
from smsgate.help.requests import HelpOptions
from smsgate.members import leaving
from smsgate.models import (
    Group,
    HelpRecipient,
    HelpRequest,
    Lane,
    Member,
    Message,
    MessageKind,
    Phone,
    Responder,
    ResponderStatus,
)
from smsgate.outbox import claims
from smsgate.service import Service
from tests.support.outbox import Outbox
from tests.support.people import Clock
from tests.support.waiting import eventually

pytestmark = pytest.mark.both_databases
CODE = "*384*77#"
Act = Callable[[Session], Any]


class Moment:
    """Runs other acts while someone's act is in the middle of its transaction."""

    def __init__(self, service: Service) -> None:
        self.database: Database = service.database

    @contextmanager
    def in_the_middle_of(self, first: Act, *others: Act) -> Iterator[list[Any]]:
        """Run `others` after `first` has written and before it commits; yield the list that collects their results."""
        returned: list[Any] = []
        threads = [threading.Thread(target=self._does, args=(other, returned)) for other in others]
        with self.database.transaction() as session:
            first(session)
            session.flush()
            for thread in threads:
                thread.start()
            if session.get_bind().dialect.name == "postgresql":
                eventually(lambda: self._waiting() + len(returned) >= len(others))
        for thread in threads:
            thread.join()
        yield returned

    def _does(self, act: Act, returned: list[Any]) -> None:
        with self.database.transaction() as session:
            result = act(session)
        returned.append(result)

    def _waiting(self) -> int:
        """Return how many transactions of this database wait for a lock."""
        with self.database.engine.connect() as connection:
            rows = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            return int(connection.execute(text(rows)).scalar_one())


@pytest.fixture
def outbox(service: Service) -> Outbox:
    return Outbox(service)


@pytest.fixture
def moment(service: Service) -> Moment:
    return Moment(service)


def chosen(outbox: Outbox, member: Member, phone: Phone, position: int = 1) -> Responder:
    row = {"agreed": ResponderStatus.YES, "asked_at": outbox.service.now(), "position": position}
    made: Responder = outbox.adds(Responder(member_id=member.id, phone_id=phone.id, **row))
    return made


def raises(member: Member, clock: Clock, **options: Any) -> Act:
    def act(session: Session) -> requests.SendResult:
        mine = session.get(Member, member.id)
        if mine is None:
            return requests.SendResult(0)
        return requests.raise_help(session, mine, clock.now(), HelpOptions(**options))

    return act


def escalates(member: Member) -> Act:
    return lambda session: plans.set_escalation(session, session.get_one(Member, member.id), "again lines", 5)


def fine(member: Member, clock: Clock) -> Act:
    return lambda session: endings.report_fine(session, session.get_one(Member, member.id), clock.now())


def texts_to(service: Service, phone: Phone) -> list[str]:
    with service.database.reading() as session:
        rows = select(Message).where(Message.phone_id == phone.id).order_by(Message.id)
        return [message.words or "" for message in session.scalars(rows)]


def does(service: Service, act: Act) -> Any:
    with service.database.transaction() as session:
        return act(session)


def test_two_who_send_at_once_get_digits_of_their_own(
    outbox: Outbox, moment: Moment, clock: Clock, group: Group
) -> None:
    amina, baraka, juma = outbox.member(group), outbox.member(group), outbox.phone()
    chosen(outbox, amina, juma)
    chosen(outbox, baraka, juma)
    with moment.in_the_middle_of(raises(amina, clock), raises(baraka, clock)):
        pass
    first, second = sorted(texts_to(outbox.service, juma), key=lambda words: words.split("Reply ")[1])
    assert "Reply 1 if you can help, 2" in first
    assert "Reply 3 if you can help, 4" in second


def test_the_word_and_the_key_at_once_make_one_request(
    outbox: Outbox, moment: Moment, clock: Clock, group: Group
) -> None:
    amina, juma = outbox.member(group), outbox.phone()
    chosen(outbox, amina, juma)
    with moment.in_the_middle_of(raises(amina, clock), raises(amina, clock)) as (second,):
        assert second == requests.SendResult(1)
    assert len(texts_to(outbox.service, juma)) == 1
    assert does(outbox.service, fine(amina, clock)).told == 0
    with outbox.service.database.reading() as session:
        assert [one.closed_at is None for one in session.scalars(select(HelpRequest))] == [False]


def test_what_a_worker_takes_while_it_is_taken_back_counts_as_told(
    outbox: Outbox, service: Service, moment: Moment, clock: Clock, group: Group
) -> None:
    amina, juma = outbox.member(group), outbox.phone()
    chosen(outbox, amina, juma)
    does(service, raises(amina, clock, pause=30))
    clock.time += timedelta(seconds=31)
    taken: list[Any] = []

    def claim(session: Session) -> None:
        taken.extend(claims.claim(session, Lane.URGENT, clock.now(), 10) or [])

    with moment.in_the_middle_of(claim, fine(amina, clock)) as (end,):
        assert (end.told, end.was_read) == (1, True)
    assert outbox.claims(Lane.URGENT) == [], "what follows waits until the help text has left the worker's hands"
    outbox.records(taken, Verdict.ACCEPTED, "ATXid_1")
    assert outbox.state(taken[0].id) == "sent"
    assert [text.kind for text in outbox.claims(Lane.URGENT)] == [MessageKind.HELP_NEWS]
    assert texts_to(service, juma)[-1].endswith("I am fine now. Thank you.")


def test_what_was_taken_back_first_is_in_no_workers_hand(
    outbox: Outbox, service: Service, moment: Moment, clock: Clock, group: Group
) -> None:
    amina, juma = outbox.member(group), outbox.phone()
    chosen(outbox, amina, juma)
    does(service, raises(amina, clock))
    with moment.in_the_middle_of(fine(amina, clock)):
        pass
    assert outbox.claims(Lane.URGENT) == []
    assert texts_to(service, juma) == [""]


def test_nobody_has_answered_is_not_said_after_an_answer(
    outbox: Outbox, service: Service, moment: Moment, clock: Clock, group: Group
) -> None:
    amina = outbox.member(group)
    for position in (1, 2):
        chosen(outbox, amina, outbox.phone(), position)
    does(service, lambda session: plans.set_escalation(session, session.get_one(Member, amina.id), "lines", 15))
    does(service, raises(amina, clock))
    one, other = outbox.claims(Lane.URGENT)
    outbox.records([one], Verdict.ACCEPTED)
    outbox.records([other], Verdict.FAILED)

    def first(session: Session) -> HelpRecipient:
        return session.scalars(select(HelpRecipient).where(HelpRecipient.message_id == one.id)).one()

    does(service, lambda session: answers.decline(session, first(session), clock.now()))

    def after_all(session: Session) -> None:
        assert answers.acknowledge(session, first(session), clock.now())

    with moment.in_the_middle_of(
        after_all, lambda session: undelivered.tell_undelivered(session, [other.id], clock.now(), CODE)
    ):
        pass
    clock.time += timedelta(seconds=5)
    does(service, lambda session: escalation.escalate_due(session, clock.now(), CODE))
    told = texts_to(service, service_phone(service, amina))
    assert not any("Nobody has answered" in words for words in told), told


def service_phone(service: Service, member: Member) -> Phone:
    with service.database.reading() as session:
        return session.get_one(Phone, member.phone_id)


def test_an_answer_and_an_end_at_once(
    outbox: Outbox, service: Service, moment: Moment, clock: Clock, group: Group
) -> None:
    amina, juma = outbox.member(group), outbox.phone()
    chosen(outbox, amina, juma)
    does(service, raises(amina, clock))
    outbox.records(outbox.claims(Lane.URGENT), Verdict.ACCEPTED)

    def on_it(session: Session) -> bool:
        (recipient,) = session.scalars(select(HelpRecipient)).all()
        return answers.acknowledge(session, recipient, clock.now())

    with moment.in_the_middle_of(fine(amina, clock), on_it) as (counted,):
        assert counted is False
    assert texts_to(service, service_phone(service, amina)) == []


def test_everything_at_once_ends_without_a_deadlock(
    outbox: Outbox, service: Service, clock: Clock, group: Group
) -> None:
    """Members who chose each other send, answer, opt out, say they're fine and are erased; each act waits its turn."""
    people = [outbox.member(group) for _one in range(4)]
    phones = [service_phone(service, member) for member in people]
    for member in people:
        for position, phone in enumerate(phones):
            if phone.id != member.phone_id:
                chosen(outbox, member, phone, position)
        does(service, escalates(member))
        does(service, raises(member, clock))
    for text_ in outbox.claims(Lane.URGENT):
        outbox.records([text_], Verdict.ACCEPTED)
    clock.time += timedelta(minutes=6)

    def answers_one(phone: Phone) -> Act:
        def act(session: Session) -> None:
            session.get_one(Phone, phone.id).heard_at = clock.now()  # as every inbound text does first
            session.flush()
            for recipient in answers.open_recipients(session, phone.id)[:1]:
                answers.acknowledge(session, recipient, clock.now())

        return act

    def erases(phone: Phone) -> Act:
        return lambda session: leaving.erase(session, session.get_one(Phone, phone.id), clock.now())

    acts: list[Act] = [
        *(raises(member, clock, again=True) for member in people),
        *(answers_one(phone) for phone in phones[:2]),
        lambda session: escalation.escalate_due(session, clock.now(), CODE),
        lambda session: undelivered.run_scheduled_tasks(session, clock.now(), CODE),
        lambda session: responders.stop_being_chosen(session, phones[1].id, clock.now()),
        *(erases(phone) for phone in phones[2:]),
        fine(people[0], clock),
    ]
    start, failed = threading.Barrier(len(acts)), list[BaseException]()

    def run(act: Act) -> None:
        start.wait()
        try:
            does(service, act)
        except Exception as error:  # noqa: BLE001 - shown below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
