"""Help goes on at its times although something around it can't be read: the scheduler reads past it, as a turn does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from smsgate.core.encryption import Keyring
from smsgate.help import requests
from smsgate.models import (
    HelpPlan,
    HelpRecipient,
    HelpRequest,
    HelpText,
    Member,
    Message,
    MessageKind,
    MessageStatus,
    Responder,
    ResponderStatus,
    RowFailure,
)
from smsgate.service import Service
from smsgate.workers import scheduler
from tests.support.outbox import Outbox
from tests.support.people import Clock

NO_KEY = Keyring(["ab" * 32]).seal("x", "elsewhere")
ASKED, NEXT = ("WHERE id = (SELECT min(id) FROM responders)", "WHERE id = (SELECT min(id) + 1 FROM responders)")


@dataclass
class Help:
    """A member who asked, and her three people: the first was asked, the others are to be, five minutes apart."""

    outbox: Outbox
    clock: Clock
    member: Member
    people: list[Responder]

    def spoils(self, change: str) -> None:
        with self.outbox.service.database.engine.begin() as connection:
            assert connection.execute(text(change), {"v": NO_KEY}).rowcount

    def waits(self, minutes: int) -> None:
        for _minute in range(minutes):
            self.clock.time += timedelta(minutes=1)
            scheduler.run_scheduled_tasks(self.outbox.service, forgetting=False)

    def asked(self) -> list[int]:
        with self.outbox.service.database.reading() as session:
            rows = select(HelpRecipient.responder_id).where(HelpRecipient.message_id.is_not(None))
            return list(session.scalars(rows.order_by(HelpRecipient.id)))

    def first_text(self) -> Message:
        with self.outbox.service.database.reading() as session:
            return session.scalars(select(Message).order_by(Message.id).limit(1)).one()

    def told(self) -> list[int]:
        """Return who got news of it."""
        with self.outbox.service.database.reading() as session:
            return list(session.scalars(select(Message.phone_id).where(Message.kind == MessageKind.HELP_NEWS)))

    def failed(self) -> list[str]:
        with self.outbox.service.database.reading() as session:
            return list(session.scalars(select(RowFailure.task)))


@pytest.fixture
def asks(service: Service, clock: Clock) -> Help:
    outbox = Outbox(service)
    now, member = service.now(), outbox.member(outbox.group())
    outbox.changes(member, name="Amina")
    outbox.adds(HelpPlan(member_id=member.id, then="next lines", wait_minutes=5, pause_seconds=0, helps="Tea"))
    outbox.adds(HelpText(member_id=member.id, words="Please call me", changed_at=now))
    agreed = {"member_id": member.id, "agreed": ResponderStatus.YES, "asked_at": now}
    people = [outbox.adds(Responder(phone_id=outbox.phone().id, position=n, name=f"R{n}", **agreed)) for n in (1, 2, 3)]
    with service.database.transaction() as session:
        requests.raise_help(session, session.get_one(Member, member.id), now)
        session.scalars(select(HelpRequest)).one()
    return Help(outbox, clock, member, people)


CHANGES = [
    "UPDATE members SET name = :v",
    "UPDATE help_texts SET words = :v",
    "UPDATE help_plans SET helps = :v, word = :v",
    f"UPDATE responders SET name = :v {ASKED}",
    f"UPDATE responders SET agreed = 'later' {ASKED}",
    f"UPDATE responders SET name = :v {NEXT}",
    f"UPDATE responders SET agreed = 'later' {NEXT}",
    f"UPDATE phones SET number = :v WHERE id = (SELECT phone_id FROM responders {ASKED})",
    f"UPDATE phones SET number = :v WHERE id = (SELECT phone_id FROM responders {NEXT})",
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_next_people_are_asked_in_time(asks: Help, change: str) -> None:
    asks.spoils(change)
    asks.waits(12)
    assert asks.people[2].id in asks.asked()
    assert asks.failed() == []
    asks.waits(12)
    assert asks.told().count(asks.member.phone_id) >= 1  # nobody has answered yet


@pytest.mark.parametrize("change", [one for one in CHANGES if "agreed" not in one])
def test_the_member_hears_in_time_whom_it_did_not_reach(asks: Help, change: str) -> None:
    asks.spoils(change)
    asks.outbox.changes(asks.first_text(), state=MessageStatus.FAILED)
    asks.waits(2)
    assert asks.failed() == []
    assert asks.told().count(asks.member.phone_id) == 1
    assert asks.people[1].id in asks.asked()  # at once


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_over_after_a_day(asks: Help, change: str) -> None:
    asks.spoils(change)
    asks.clock.time += timedelta(hours=25)
    asks.waits(1)
    with asks.outbox.service.database.reading() as session:
        assert session.scalars(select(HelpRequest.closed_at)).one() is not None
    assert asks.failed() == []
