"""A long file of numbers and real workers, one killed and one suspended: nothing is lost or done twice."""

from __future__ import annotations

import os
import signal

import pytest
from sqlalchemy import func, select

from smsgate.groups import groups
from smsgate.groups.imports import number_imports
from smsgate.models import Group, ImportStage, Invitation, Lane, NumberImport
from tests.support.outbox import Outbox
from tests.support.processes import Starts, listening
from tests.support.waiting import eventually

ROWS = 9_000
CONTENT = b"phone\n" + b"\n".join(b"07%08d" % (20_000_000 + n) for n in range(ROWS))
BULK = ("worker", Lane.BULK.value)

pytestmark = [pytest.mark.by_night, pytest.mark.both_databases, pytest.mark.xdist_group("processes")]


def begins(outbox: Outbox) -> None:
    with outbox.service.database.transaction() as session:
        group = groups.create(session, "Tumaini", "Africa/Nairobi", outbox.service.now(), code="4521")
        groups.set_quiet_hours(session, group, None, outbox.service.now())
        number_imports.begin(session, group, CONTENT, "en", outbox.service.now())


def how_far(outbox: Outbox) -> tuple[ImportStage, int]:
    with outbox.service.database.reading() as session:
        one = session.query(NumberImport).one()
        return one.stage, one.done


def test_a_killed_and_a_stopped_worker_lose_and_double_nothing(outbox: Outbox, starts: Starts) -> None:
    begins(outbox)
    first = starts(*BULK)
    eventually(lambda: how_far(outbox)[1] > 0, every=0.01)
    first.kill()
    first.wait()
    second = starts(*BULK)
    starts("scheduler")
    eventually(lambda: how_far(outbox)[0] is ImportStage.READ)
    with outbox.service.database.transaction() as session:
        one = session.query(NumberImport).one()
        assert len(number_imports.found_in(one).numbers) == ROWS
        assert number_imports.invite(session, session.get_one(Group, one.group_id), one) == ROWS
    eventually(lambda: how_far(outbox)[1] > 0, every=0.01)
    os.kill(second.pid, signal.SIGSTOP)
    starts(*BULK)
    listening(outbox.service.settings.redis_url, Lane.BULK.value)
    os.kill(second.pid, signal.SIGCONT)
    eventually(lambda: how_far(outbox)[0] is ImportStage.DONE)
    with outbox.service.database.reading() as session:
        assert session.scalar(select(func.count(Invitation.tag.distinct()))) == ROWS
        assert session.scalar(select(func.count()).select_from(Invitation)) == ROWS
