"""A process dies at the worst moments, for every kind of message; the scheduler and a fresh worker recover.

A child process is really killed. What counts is what the provider accepted: help texts once or twice, anything else at
most once, and nothing without a trace.
"""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from smsgate.core.config import Settings
from smsgate.gateways.rehearsal.ledger import read
from smsgate.gateways.rehearsal.provider import Provider, rehearsing
from smsgate.matching.wishes import Wishes
from smsgate.models import (
    Lane,
    Match,
    MatchState,
    Member,
    MessageKind,
    Programme,
    Responder,
    ResponderStatus,
    Supporter,
)
from smsgate.outbox import keys, messages, queues, recording
from smsgate.outbox.calls import dispatch, handover
from smsgate.outbox.claims import LEASE
from smsgate.service import Service
from smsgate.workers import drain
from tests.support.outbox import Outbox, through
from tests.support.people import Clock, passes
from tests.support.waiting import wire_patiently

# Each combination of kind and point runs on one database, so that each point runs on both, with different kinds.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

REPEATED = {MessageKind.HELP, MessageKind.HELP_NEWS}
HELD = {"unknown"}  # final unless a delivery report comes


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with rehearsing(tmp_path / "ledger.jsonl", "instant") as made:
        yield made


@pytest.fixture
def service(settings: Settings, provider: Provider, clock: Clock) -> Iterator[Service]:
    made = wire_patiently(through(settings, provider), now=clock.now)
    yield made
    made.close()


@pytest.fixture
def outbox(service: Service) -> Outbox:
    return Outbox(service)


def made(outbox: Outbox, kind: MessageKind) -> tuple[int, Lane]:
    """Queue a text of this kind that should be sent; return its id and lane."""
    if kind is MessageKind.HELP:
        return outbox.help()[0], Lane.URGENT
    if kind is MessageKind.HELP_NEWS:
        return outbox.queues_one(kind=kind, lane=Lane.URGENT), Lane.URGENT
    if kind in (MessageKind.REPLY, MessageKind.CONFIRMATION):
        return outbox.queues_one(kind=kind), Lane.NORMAL
    member = outbox.member(outbox.group())
    if kind is MessageKind.INVITATION:
        now, asked = outbox.service.now(), outbox.phone()
        row = Responder(member_id=member.id, phone_id=asked.id, agreed=ResponderStatus.ASKED, asked_at=now)
        responder = outbox.adds(row).id
        key = f"invitation:{member.id}:{responder}"
        return outbox.queues_one(phone_id=asked.id, kind=kind, key=key, responder_id=responder), Lane.NORMAL
    if kind in (MessageKind.WALK_REMINDER, MessageKind.CARRIED):
        return outbox.queues_one(phone_id=member.phone_id, kind=kind, match_id=walks(outbox, member)), Lane.NORMAL
    group = outbox.group()
    member = outbox.member(group)
    meeting = outbox.meeting(group, days=5)  # far enough ahead that no reminder is due
    ours: dict[str, Any] = {"phone_id": member.phone_id, "group_id": group.id, "kind": kind}
    if kind is MessageKind.NOTICE:
        notice = outbox.notice(group)
        ours |= {"notice_id": notice.id, "key": f"notice:{notice.id}", "lane": Lane.BULK}
        return outbox.queues_one(**ours), Lane.BULK
    if kind is MessageKind.REMINDER:
        ours |= {"key": f"reminder:{meeting.id}:0:1d", "meeting_moves": 0, "reminder": "1d"}
    else:
        ours |= {"key": f"moved:{meeting.id}:1"}
    return outbox.queues_one(**ours, meeting_id=meeting.id), Lane.NORMAL


def walks(outbox: Outbox, member: Member) -> int:
    """Create a match for a member and return its id."""
    now = outbox.service.now()
    programme = outbox.adds(
        Programme(name="Two", zone="Africa/Nairobi", words={}, interests={}, languages=[], areas=[], created_at=now)
    )
    times = {"since": now, "until": now + timedelta(days=365)}
    other = outbox.member(outbox.group())
    supporter = outbox.adds(
        Supporter(programme_id=programme.id, member_id=other.id, said=Wishes().stored(), room=1, **times)
    )
    two = {"programme_id": programme.id, "member_id": member.id, "supporter_id": supporter.id}
    match: Match = outbox.adds(
        Match(**two, state=MatchState.WALKING, proposed_at=now, began_at=now, ends_at=now + timedelta(days=300))
    )
    return match.id


def dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_it_is_handed_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(handover, "hand_over", lambda *_: dies())


def before_the_call(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dispatch.GatewayChannel, "carry", lambda *_: dies())


def after_the_call(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drain.Drainer, "_record", lambda *_: dies())


def before_the_record_is_committed(patch: pytest.MonkeyPatch) -> None:
    record = recording.record

    def records(*arguments: Any) -> list[int]:
        record(*arguments)
        dies()
        return []

    patch.setattr(recording, "record", records)


POINTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], int]] = {  # with the provider's copies by then
    "before it is handed over": (before_it_is_handed_over, 0),
    "before the call": (before_the_call, 0),
    "after the call": (after_the_call, 1),
    "before the record is committed": (before_the_record_is_committed, 1),
}


def in_a_process_that_is_killed(service: Service, work: Callable[[], object]) -> None:
    child = os.fork()
    if child == 0:
        try:
            service.database.engine.dispose(close=False)
            work()
        finally:
            os._exit(0)  # it should have died by now
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def copies(provider: Provider) -> int:
    return read(provider.ledger.path).accepted


def lives_on(service: Service, clock: Clock) -> None:
    """Run the scheduler and fresh workers until the lease and the pauses are over."""
    for _round in range(4):
        passes(service, clock, seconds=LEASE.total_seconds())


@pytest.mark.by_day(8)
@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_is_killed(
    point: str, kind: MessageKind, outbox: Outbox, service: Service, provider: Provider, clock: Clock
) -> None:
    message, lane = made(outbox, kind)
    arrange, taken = POINTS[point]
    with pytest.MonkeyPatch.context() as patch:
        arrange(patch)
        drain.use(service)
        in_a_process_that_is_killed(service, lambda: drain.drain(lane))
    assert copies(provider) == taken
    assert outbox.state(message) == "sending"
    lives_on(service, clock)
    if kind in REPEATED or point == "before it is handed over":
        assert copies(provider) == taken + 1
        assert outbox.state(message) == "sent"
    else:
        assert copies(provider) == taken
        assert outbox.state(message) in HELD
        assert outbox.row(message).reason == "WorkerLost"


@pytest.mark.parametrize("kind", MessageKind)
def test_who_decided_is_killed_after_the_commit(
    kind: MessageKind,
    outbox: Outbox,
    service: Service,
    provider: Provider,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message is in the database, but no worker was woken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queues, "wake", lambda *_: None)
        message, _lane = made(outbox, kind)
    draft = dataclasses.replace(outbox.draft(), key=keys.reply("killed"))
    monkeypatch.setattr(queues, "wake", lambda *_: dies())

    def decides() -> None:
        with service.database.transaction() as session:
            messages.send_text(session, draft.phone_id, draft, service.now())

    in_a_process_that_is_killed(service, decides)
    monkeypatch.undo()
    lives_on(service, clock)
    assert outbox.state(message) == "sent"
    assert copies(provider) == 2


def test_who_decided_is_killed_before_the_commit_and_nothing_was_decided(
    outbox: Outbox, service: Service, provider: Provider, clock: Clock
) -> None:
    draft = outbox.draft()

    def decides() -> None:
        with service.database.transaction() as session:
            messages.send_text(session, draft.phone_id, draft, service.now())
            dies()

    in_a_process_that_is_killed(service, decides)
    lives_on(service, clock)
    assert copies(provider) == 0


def test_a_delivery_report_settles_what_a_killed_worker_left_open(
    outbox: Outbox, service: Service, clock: Clock
) -> None:
    message, lane = made(outbox, MessageKind.NOTICE)
    with pytest.MonkeyPatch.context() as patch:
        after_the_call(patch)
        drain.use(service)
        in_a_process_that_is_killed(service, lambda: drain.drain(lane))
    lives_on(service, clock)
    assert outbox.state(message) == "unknown"
    clock.time += timedelta(hours=1)
    lives_on(service, clock)
    assert outbox.state(message) == "unknown"
