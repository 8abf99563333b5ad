"""What strangers can cause: limits by a number that survive its erasure, a day of the worst caller, and the alarm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select

from smsgate.models import Group, Message, MessageKind
from smsgate.outbox import limits
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import joins

Numbers = Callable[[str], Phone]
HOUR = timedelta(hours=1)


def sms_to(service: Service, *kinds: MessageKind) -> int:
    """SMS that were queued, as they are billed."""
    with service.database.reading() as session:
        rows = select(func.sum(Message.segments))
        return session.scalar(rows.where(Message.kind.in_(kinds)) if kinds else rows) or 0


def erases(person: Phone) -> None:
    person.texts("erase")
    person.texts("1")


def test_who_erases_themselves_begins_no_new_day(amina: Phone, group: Group, phone: Numbers, service: Service) -> None:
    asked = 0
    for number in range(12):
        joins(amina)
        amina.dials(None, "4")
        amina.picks("Add a person")
        amina.types(f"+2547221{number:05}", "Juma", "1")
        asked += "Asked." in amina.handset.screen
        if "Asked." not in amina.handset.screen:
            amina.sees("Enough people were asked")
        amina.dials(None)
        from smsgate.members import leaving
        from smsgate.models import lookup

        with service.database.transaction() as session:
            row = lookup.find_phone(session, amina.number)
            assert row
            leaving.erase(session, row, service.now())
    assert asked == limits.LIMITS[limits.Cause.INVITATION][limits.Scope.NUMBER].day
