"""People with phones, as tests speak of them: they dial, type, text, read, and lose the connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import ColumnElement, Select, bindparam, exists, literal, select, union_all

from smsgate.core.database import Instant
from smsgate.core.gsm7 import units
from smsgate.gateways.handset import Handset
from smsgate.gateways.simulator import on_the_air
from smsgate.groups.imports import number_imports
from smsgate.models import DeliveryReport, Inbound, Lane, Message, MessageStatus, Notice, NumberImport
from smsgate.outbox import claims, queues
from smsgate.outbox.calls import handover
from smsgate.service import Service
from smsgate.workers import drain, scheduler

TOKEN = "test-token-0123456789"
TYPING = timedelta(seconds=6)  # to read a text and write one
START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # a Monday, 9 in the morning in Nairobi


@dataclass
class Clock:
    """The clock of the whole service in a test. It advances whenever it is read, so that no two times are equal."""

    time: datetime = START
    tick: timedelta = timedelta(milliseconds=1)

    def now(self) -> datetime:
        """Return the current time and advance by a tick."""
        moment, self.time = self.time, self.time + self.tick
        return moment


@contextmanager
def server_goes_by(clock: Clock) -> Iterator[None]:
    """Make leases, which go by the database's clock, use the test's clock instead."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (claims, handover):
            patch.setattr(module, "server_time", lambda _session: clock.now())
        yield


@dataclass
class Phone:
    """Someone with a phone. Dialling goes through the real app, and texts through the outbox and the gateway."""

    client: FlaskClient
    service: Service
    number: str
    limit: int = 160
    mark: str = "0"
    inbox: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.handset = Handset(self._post, self.number, self.service.settings.service_code, now=self._time)

    def _time(self) -> datetime:
        """Return the network's time, which is the service's, without advancing its clock."""
        clock = getattr(self.service.now, "__self__", None)
        return clock.time if isinstance(clock, Clock) else datetime.now(UTC)

    def _post(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        reply = self.client.post(f"/hooks/{TOKEN}/africastalking/{path}", data=form)
        return reply.status_code, reply.get_data(as_text=True)

    def dials(self, code: str | None = None, *keys: str) -> str:
        """Dial, type each of `keys` in turn, and return the last screen."""
        screen = self.handset.dials(code)
        for key in keys:
            screen = self.types(key)
        return self._fits(screen)

    def types(self, *texts: str) -> str:
        """Type answers, one after the other, and return the last screen."""
        for text in texts:
            screen = self._fits(self.handset.types(text))
        return screen

    def picks(self, *labels: str) -> str:
        """Choose options by their labels, one after the other, and return the last screen."""
        for label in labels:
            found = [line for line in self.handset.screen.splitlines() if line.partition(" ")[2].startswith(label)]
            assert found, f"{label!r} is no choice on the screen:\n{self.handset.screen}"
            self.types(found[0].split()[0])
        return self.handset.screen

    def _fits(self, screen: str) -> str:
        assert units(screen) <= self.limit, f"{units(screen)} characters: {screen}"
        return screen

    def sees(self, *words: str) -> None:
        """Assert that these words are on the screen."""
        for one in words:
            assert one in self.handset.screen, f"{one!r} is not on the screen:\n{self.handset.screen}"

    def sees_not(self, *words: str) -> None:
        """Assert that these words are not on the screen."""
        for one in words:
            assert one not in self.handset.screen, f"{one!r} is on the screen:\n{self.handset.screen}"

    def drops(self) -> None:
        """Lose the connection."""
        self.handset.drops()

    @property
    def in_a_call(self) -> bool:
        """Whether a session is open and the service waits for an answer."""
        return bool(self.handset.session)

    def texts(self, text: str, message_id: str | None = None) -> str:
        """Text the service and return the newest text that came back, or ""."""
        before = len(self.reads())
        self.writes(text, message_id)
        return self.inbox[-1] if len(self.reads()) > before else ""

    def writes(self, text: str, message_id: str | None = None) -> None:
        """Text the service, after the seconds that it takes a person to write."""
        clock = getattr(self.service.now, "__self__", None)
        if isinstance(clock, Clock):
            clock.time += TYPING
        assert self.handset.texts(text, message_id=message_id) == 200

    def reads(self) -> list[str]:
        """Run the workers and return all texts that this phone has got so far."""
        work(self.service)
        return self.receives()

    def receives(self) -> list[str]:
        """Return all texts that this phone has got so far."""
        found, self.mark = on_the_air(self.service.redis, self.mark)
        mine = [text for text in found if text["to"] == self.number]
        self.inbox += [text["text"] for text in mine]
        self.ids += [text["id"] for text in mine]
        return self.inbox

    def hears(self, *words: str) -> str:
        """Assert that the newest text contains these words, and return it."""
        assert self.reads(), "no text came"
        for one in words:
            assert one in self.inbox[-1], f"{one!r} is not in {self.inbox[-1]!r}"
        return self.inbox[-1]

    def hears_nothing_new(self) -> None:
        """Assert that no text has come since the last check."""
        before = len(self.inbox)
        assert self.reads()[before:] == []

    def got_it(self) -> None:
        """Let the network report the newest text as delivered."""
        self.reads()
        self.reports(self.ids[-1])

    def reports(self, text_id: str, status: str = "Success", reason: str = "") -> None:
        """Let the network send a delivery report."""
        assert self.handset.reports(text_id, status, reason) == 200
        work(self.service)


def work(service: Service) -> None:
    """Drain every lane with something due, as the workers do; draining the others would be most of a test's cost."""
    drain.use(service)
    busy = _busy(service)
    for queue in (queues.INBOUND, *Lane):
        if queue in busy:
            drain.drain(queue)
            busy = _busy(service)
        else:
            queues.clear_wake(service.redis, queue)


def _busy(service: Service) -> set[str]:
    """Return the lanes that have something to do."""
    with service.database.reading() as session:
        return set(session.scalars(BUSY, {"now": service.now()}))


def _one_if(lane: str, *there: ColumnElement[bool]) -> Select[str]:
    return select(literal(lane)).where(exists().where(*there))


BUSY = union_all(
    _one_if(queues.INBOUND, Inbound.worked_on_at.is_(None), Inbound.due_at <= bindparam("now", type_=Instant)),
    _one_if(queues.INBOUND, DeliveryReport.looked_at.is_(None)),
    _one_if(Lane.BULK, Notice.queued_to.is_not(None)),
    _one_if(Lane.BULK, NumberImport.stage.in_(number_imports.IN_HAND)),
    *(
        _one_if(
            lane,
            Message.lane == lane,
            Message.stands(MessageStatus.WAITING),
            Message.due_at <= bindparam("now", type_=Instant),
        )
        for lane in Lane
    ),
)


def work_if_woken(service: Service) -> None:
    """Drain each lane that was woken until none is, as the workers do without the scheduler's help."""
    drain.use(service)
    lanes = [(lane, queues.queue(service.redis, lane)) for lane in (queues.INBOUND, *Lane)]
    while woken := [(lane, queue) for lane, queue in lanes if queue.count]:
        for lane, queue in woken:
            queue.empty()  # type: ignore[no-untyped-call]
            drain.drain(lane)


def passes(service: Service, clock: Clock, **time: float) -> None:
    """Let time go by, then run the scheduled tasks and the workers."""
    clock.time += timedelta(**time)
    scheduler.run_scheduled_tasks(service)
    work(service)
