"""A help text with two calls in doubt is sent a third time only if reports come, but none for its number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from smsgate.core.encryption import keys_of
from smsgate.gateways import Outcome, Verdict
from smsgate.models import DeliveryReport, Group, Lane, MessageKind
from smsgate.outbox.calls import lost_replies
from smsgate.outbox.delivery_reports import number_tag
from smsgate.service import Service
from tests.support.outbox import Outbox
from tests.support.people import Clock, Phone
from tests.support.stories import HELP

Passes = Callable[..., None]


class Line:
    """The line to Juma's phone: until it is mended, the provider's reply to each help text to him is lost."""

    def __init__(self, service: Service, number: str) -> None:
        self.send, self.number = service.gateway.send, number
        self.calls, self.is_mended = 0, False

    def __call__(self, words: str, numbers: Sequence[str]) -> list[Outcome]:
        if list(numbers) == [self.number] and HELP in words:
            self.calls += 1
            if not self.is_mended:
                return [Outcome(self.number, Verdict.UNKNOWN)]
        return self.send(words, list(numbers))


@pytest.fixture
def line(amina: Phone, ready: Phone, juma: Phone, service: Service) -> Line:
    """Send Amina's help text so that both calls with the copy for Juma are in doubt."""
    made = Line(service, juma.number)
    service.gateway.send = made  # type: ignore[method-assign]
    ready.dials(None, "1", "2")
    juma.reads()
    juma.reads()
    assert made.calls == 2
    return made


def tag_of(service: Service, person: Phone) -> str:
    """Return the tag that reports on texts to this phone have."""
    return number_tag(keys_of(service.database.engine.dialect), person.number)


def reported(*people: Phone) -> None:
    """Let the network report every text that arrived."""
    for person in people:
        person.reads()
        for text_id in person.ids:
            person.reports(text_id)


@pytest.mark.both_databases
def test_where_reports_come_and_none_came_for_it_it_is_tried_once_more(
    line: Line, amina: Phone, juma: Phone, fatuma: Phone, time_passes: Callable[..., None]
) -> None:
    reported(amina, juma, fatuma)
    time_passes(seconds=90)
    assert line.calls == 2
    line.is_mended = True
    time_passes(seconds=40)
    assert HELP in juma.receives()[-1]
    time_passes(minutes=30)
    assert line.calls == 3


def test_a_broadcast_that_waits_for_the_morning_says_nothing_of_reports(
    line: Line, amina: Phone, juma: Phone, fatuma: Phone, group: Group, service: Service, time_passes: Passes
) -> None:
    outbox = Outbox(service)
    due = service.now() + timedelta(hours=9)
    outbox.queues(
        *(outbox.draft(key=f"notice:{n}", kind=MessageKind.NOTICE, lane=Lane.BULK, due_at=due) for n in range(210))
    )
    reported(amina, juma, fatuma)
    time_passes(minutes=3)
    assert line.calls == 3


@pytest.mark.parametrize("examined", [False, True])
def test_a_report_on_another_text_to_its_number_says_nothing(
    line: Line, amina: Phone, juma: Phone, fatuma: Phone, service: Service, clock: Clock, time_passes: Passes,
    examined: bool,
) -> None:  # fmt: skip
    """It may come before it is known which text it is about: the worker is busy, or the call still goes on."""
    reported(amina, juma, fatuma)
    clock.time += timedelta(seconds=125)
    outbox = Outbox(service)
    outbox.queues_one()
    another = outbox.claims()
    report = outbox.adds(
        DeliveryReport(
            provider_id="another", status="Success", number_tag=tag_of(service, juma), at=service.now(),
            looked_at=service.now() if examined else None,
        )
    )  # fmt: skip
    with service.database.transaction() as session:
        lost_replies.try_once_more(session, service.now())
    outbox.records(another, Verdict.ACCEPTED, report.provider_id)
    time_passes(minutes=2)
    assert line.calls == 3


def test_once_more_and_then_not_again(
    line: Line, amina: Phone, juma: Phone, fatuma: Phone, time_passes: Callable[..., None]
) -> None:
    reported(amina, juma, fatuma)
    for _n in range(20):
        time_passes(minutes=2)
    assert line.calls == 3


@pytest.mark.parametrize("status", ["Success", "Sent", "Failed"])
def test_where_its_number_was_reported_on_it_may_have_arrived(
    line: Line, amina: Phone, juma: Phone, fatuma: Phone, time_passes: Callable[..., None], status: str
) -> None:
    reported(amina, juma, fatuma)
    juma.reports("ATXid_nobody_heard_of_it", status)
    for _n in range(10):
        time_passes(minutes=2)
    assert line.calls == 2


def test_where_few_texts_are_reported_on_silence_says_little(
    line: Line, fatuma: Phone, time_passes: Callable[..., None]
) -> None:
    fatuma.got_it()
    for _n in range(10):
        time_passes(minutes=2)
    assert line.calls == 2


def test_where_no_reports_come_silence_says_nothing(line: Line, time_passes: Callable[..., None]) -> None:
    for _n in range(10):
        time_passes(minutes=2)
    assert line.calls == 2


def test_who_is_fine_again_has_nothing_sent_for_them(
    line: Line, amina: Phone, fatuma: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    reported(amina, juma, fatuma)
    amina.texts("FINE")
    line.is_mended = True
    time_passes(minutes=5)
    assert line.calls == 2
    assert not any(HELP in text for text in juma.receives())
