"""The outbox on both databases: one row per key and number, one worker per claim, nothing sent late, nothing lost."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from smsgate.core.database import after_commit
from smsgate.gateways import Outcome, Verdict
from smsgate.models import DeliveryReport, GatewayCall, Lane, Member, Message, MessageKind, MessageStatus, Phone
from smsgate.outbox import claims, delivery_reports, messages, recording, summary
from smsgate.service import Service
from tests.support.outbox import Outbox
from tests.support.people import Clock

pytestmark = [pytest.mark.both_databases, pytest.mark.every_example]


@pytest.fixture
def outbox(service: Service) -> Outbox:
    return Outbox(service)


def passes(clock: Clock, **time: float) -> None:
    clock.time += timedelta(**time)


def test_one_row_for_one_cause_and_number(outbox: Outbox) -> None:
    draft, other = outbox.draft(), outbox.draft()
    assert len(outbox.queues(draft, other, draft)) == 2
    assert outbox.queues(draft, other) == []
    assert len(outbox.queues(outbox.draft(draft.phone_id, key="reply:2"))) == 1


def test_words_are_transliterated_and_segments_counted(outbox: Outbox) -> None:
    made = outbox.queues_one(words="It’s " + "a" * 160)
    row = outbox.row(made)
    assert row.words is not None
    assert row.words.startswith("It's ")
    assert row.segments == 2


def test_a_number_that_said_stop_or_blocks_us_gets_a_confirmation_at_most(outbox: Outbox) -> None:
    now = outbox.service.now()
    stopped, blocked = outbox.phone(), outbox.phone()
    outbox.changes(stopped, stopped_at=now)
    outbox.changes(blocked, blocked_at=now)
    for phone in (stopped, blocked):
        assert outbox.queues(outbox.draft(phone.id)) == []
        assert len(outbox.queues(outbox.draft(phone.id, kind=MessageKind.CONFIRMATION))) == 1


def test_nothing_wakes_before_the_commit_and_nothing_after_a_failure(service: Service, outbox: Outbox) -> None:
    woken: list[str] = []
    draft = outbox.draft()

    def fails() -> None:
        with service.database.transaction() as session:
            session.info["wake"] = woken.append
            messages.send_text(session, draft.phone_id, draft, service.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert woken == []
    with service.database.transaction() as session:
        session.info["wake"] = woken.append
        messages.send_text(session, draft.phone_id, draft, service.now())
        after_commit(session, "look", lambda: woken.append("committed"))
        assert woken == []
    assert woken == ["normal", "committed"]


def test_a_message_waits_for_its_time(outbox: Outbox, clock: Clock) -> None:
    outbox.queues_one(due_at=clock.now() + timedelta(minutes=10))
    assert outbox.claims() == []
    passes(clock, minutes=10)
    assert len(outbox.claims()) == 1


def test_a_claimed_message_is_nobody_else_s(outbox: Outbox) -> None:
    made = outbox.queues_one()
    (claimed,) = outbox.claims()
    assert (claimed.id, claimed.attempt, claimed.words) == (made, 1, "Habari")
    assert outbox.claims() == []
    assert outbox.state(made) == "sending"


def test_two_workers_at_once_never_get_the_same_row(outbox: Outbox) -> None:
    phones = [outbox.phone() for _ in range(60)]
    outbox.queues(*(outbox.draft(phone.id) for phone in phones))
    taken: list[int] = []
    start = threading.Barrier(4)

    def takes() -> None:
        start.wait()
        while batch := outbox.claims(limit=3):
            taken.extend(one.id for one in batch)

    workers = [threading.Thread(target=takes) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == len(set(taken)) == 60


def test_what_claimed_messages_look_like_in_a_log_tells_nothing(outbox: Outbox) -> None:
    draft = outbox.draft(words="Please sit with me")
    outbox.queues(draft)
    (claimed,) = outbox.claims()
    assert "sit" not in f"{draft}{claimed}"
    assert claimed.number not in f"{claimed}"


def test_a_late_worker_cannot_overwrite(outbox: Outbox, clock: Clock) -> None:
    made, *_ = outbox.help()
    first = outbox.claims(Lane.URGENT)
    passes(clock, seconds=61)
    outbox.takes_back()
    second = outbox.claims(Lane.URGENT)
    assert [one.attempt for one in second] == [2]
    outbox.records(second, Verdict.ACCEPTED, "ATXid_2")
    outbox.records(first, Verdict.FAILED)
    row = outbox.row(made)
    assert (row.state, row.provider_id) == ("sent", "ATXid_2")


def test_a_slow_worker_knows_better_than_unknown(outbox: Outbox, clock: Clock) -> None:
    made = outbox.queues_one()
    claimed = outbox.hands_over(outbox.claims())
    passes(clock, seconds=61)
    outbox.takes_back()
    assert outbox.state(made) == "unknown"
    outbox.records(claimed, Verdict.ACCEPTED, "ATXid_1")
    assert outbox.state(made) == "sent"


def test_a_lost_worker_s_help_text_goes_once_more_and_all_else_is_held(outbox: Outbox, clock: Clock) -> None:
    urgent, *_ = outbox.help()
    held = outbox.queues_one()
    for time in (1, 2):
        assert len(outbox.hands_over(outbox.claims(Lane.URGENT))) == 1, time
        outbox.hands_over(outbox.claims())
        outbox.takes_back()  # the leases have not expired
        passes(clock, seconds=61)
        outbox.takes_back()
    assert outbox.state(urgent) == "unknown"
    assert outbox.state(held) == "unknown"
    assert outbox.row(held).attempt == 1


def test_what_a_lost_worker_had_not_handed_over_waits_as_before(outbox: Outbox, clock: Clock) -> None:
    urgent, *_ = outbox.help()
    others = [outbox.queues_one(words=f"Code {n}") for n in range(3)]
    for _death in range(3):
        outbox.claims(Lane.URGENT)
        outbox.hands_over(outbox.claims()[:0])
        passes(clock, seconds=61)
        outbox.takes_back()
    assert {outbox.state(made) for made in (urgent, *others)} == {"waiting"}
    assert outbox.row(urgent).repeats == 0  # its one repeat is not used up
    first, *_rest = outbox.claims()
    outbox.hands_over([first])
    passes(clock, seconds=61)
    outbox.takes_back()
    assert sorted(outbox.state(made) for made in others) == ["unknown", "waiting", "waiting"]
    with outbox.service.database.reading() as session:
        assert session.scalars(select(GatewayCall)).all() == []  # nothing is left of the call


def test_a_worker_that_was_stopped_hands_over_nothing_that_is_no_longer_its_own(outbox: Outbox, clock: Clock) -> None:
    made, *_ = outbox.help()
    stopped = outbox.claims(Lane.URGENT)
    passes(clock, seconds=61)
    outbox.takes_back()
    assert outbox.hands_over(stopped) == []
    (again,) = outbox.claims(Lane.URGENT)
    assert outbox.hands_over(stopped) == []
    assert outbox.hands_over([again]) == [again]
    outbox.records([again], Verdict.ACCEPTED, "ATXid_1")
    assert outbox.state(made) == "sent"


def test_an_unknown_outcome_repeats_help_once(outbox: Outbox, clock: Clock) -> None:
    urgent, *_ = outbox.help()
    for _ in range(2):
        outbox.records(outbox.claims(Lane.URGENT), Verdict.UNKNOWN)
        passes(clock, seconds=30)
    assert outbox.state(urgent) == "unknown"
    assert outbox.claims(Lane.URGENT) == []
    held = outbox.queues_one()
    outbox.records(outbox.claims(), Verdict.UNKNOWN, "ATXid_held")
    assert outbox.state(held) == "unknown"
    assert outbox.row(held).provider_id == "ATXid_held"


ENDS: list[tuple[Verdict, str]] = [
    (Verdict.ACCEPTED, "sent"), (Verdict.FAILED, "failed"), (Verdict.BLOCKED, "failed"), (Verdict.RETRY, "waiting"),
    (Verdict.PAUSED, "waiting"), (Verdict.UNKNOWN, "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "state"), ENDS)
def test_what_a_verdict_does(outbox: Outbox, verdict: Verdict, state: str) -> None:
    made = outbox.queues_one()
    outbox.records(outbox.claims(), verdict, reason="Word")
    row = outbox.row(made)
    assert row.state == state
    assert row.leased_until is None
    assert (row.ended_at is not None) == (state == "failed")
    assert (row.sent_at is not None) == (state == "sent")


def test_each_recipient_has_an_outcome_of_their_own(outbox: Outbox, service: Service) -> None:
    first, second = outbox.queues_one(), outbox.queues_one()
    claimed = outbox.claims()
    outcomes = [
        Outcome(claimed[1].number, Verdict.FAILED, reason="CouldNotRoute"),
        Outcome(claimed[0].number, Verdict.ACCEPTED, "ATXid_1", "KES 0.8000"),
    ]
    with service.database.transaction() as session:
        recording.record(session, claimed, outcomes, service.now())
    assert (outbox.state(first), outbox.row(first).cost) == ("sent", "KES 0.8000")
    assert (outbox.state(second), outbox.row(second).reason) == ("failed", "CouldNotRoute")


def test_one_of_whom_the_gateway_said_nothing_is_unknown(outbox: Outbox, service: Service) -> None:
    made = outbox.queues_one()
    with service.database.transaction() as session:
        recording.record(session, outbox.claims(), [], service.now())
    assert outbox.state(made) == "unknown"


def test_blocked_is_an_opt_out(outbox: Outbox) -> None:
    phone = outbox.phone()
    outbox.queues(outbox.draft(phone.id))
    outbox.records(outbox.claims(), Verdict.BLOCKED)
    assert outbox.queues(outbox.draft(phone.id, key="reply:2")) == []


def test_gaps_grow_and_help_is_tried_again_soon(outbox: Outbox, clock: Clock) -> None:
    urgent, *_ = outbox.help()
    normal = outbox.queues_one(expires_at=clock.now() + timedelta(days=1))
    gaps: dict[str, list[float]] = {"urgent": [], "normal": []}
    for _ in range(4):
        for made, lane in ((urgent, Lane.URGENT), (normal, Lane.NORMAL)):
            outbox.records(outbox.claims(lane), Verdict.RETRY)
            gaps[lane].append(outbox.due_in(made))
        passes(clock, seconds=max(outbox.due_in(urgent), outbox.due_in(normal)))
    assert gaps["urgent"][0] < 8
    assert gaps["urgent"][-1] < 80
    assert gaps["normal"] == sorted(gaps["normal"])
    assert 120 < gaps["normal"][-1] < 220


def test_what_cannot_leave_in_time_ends_too_late_and_not_later(outbox: Outbox, clock: Clock) -> None:
    made = outbox.queues_one(expires_at=clock.now() + timedelta(seconds=20))
    outbox.records(outbox.claims(), Verdict.RETRY)
    assert outbox.due_in(made) <= 20
    passes(clock, seconds=20)
    assert outbox.claims() == []
    row = outbox.row(made)
    assert row.state == "too_late"
    assert row.ended_at is not None
    assert timedelta(0) <= clock.now() - row.ended_at < timedelta(seconds=1)


def test_a_claim_of_nothing_eligible_is_not_the_end(outbox: Outbox, clock: Clock) -> None:
    phones = [outbox.phone() for _ in range(3)]
    outbox.queues(*(outbox.draft(phone.id) for phone in phones))
    for phone in phones[:2]:
        outbox.changes(phone, stopped_at=clock.now())
    found = []
    for _ in range(3):
        with outbox.service.database.transaction() as session:
            found.append(claims.claim(session, Lane.NORMAL, clock.now(), 2))
    assert [one if one is None else len(one) for one in found] == [0, 1, None]


def test_what_a_worker_hands_back_is_due_at_once(outbox: Outbox, service: Service) -> None:
    made = outbox.queues_one()
    claimed = outbox.claims()
    with service.database.transaction() as session:
        claims.release(session, claimed)
    assert outbox.state(made) == "waiting"
    assert [one.attempt for one in outbox.claims()] == [2]


# --- the recheck just before sending


def reminder(outbox: Outbox, member_phone: int, group_id: int, meeting_id: int, moves: int = 0) -> int:
    return outbox.queues_one(
        phone_id=member_phone, key=f"reminder:{meeting_id}:{moves}:1d", kind=MessageKind.REMINDER, group_id=group_id,
        meeting_id=meeting_id, meeting_moves=moves, reminder="1d",
    )  # fmt: skip


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("phone", {"stopped_at": "now"}), ("phone", {"blocked_at": "now"}), ("member", {"paused_at": "now"}),
    ("member", {"reminders": False}), ("meeting", {"cancelled_at": "now"}), ("meeting", {"moves": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "change"), CHANGES, ids=str)
def test_a_reminder_is_withdrawn_when_it_is_no_longer_due(
    outbox: Outbox, clock: Clock, what: str, change: dict[str, Any]
) -> None:
    group = outbox.group()
    member, meeting = outbox.member(group), outbox.meeting(group, hours=20)
    made = reminder(outbox, member.phone_id, group.id, meeting.id)
    with outbox.service.database.reading() as session:
        phone = session.get_one(Phone, member.phone_id)
    row = {"phone": phone, "member": member, "meeting": meeting}[what]
    outbox.changes(row, **{name: clock.now() if value == "now" else value for name, value in change.items()})
    assert outbox.claims() == []
    assert outbox.state(made) == "withdrawn"


def test_a_reminder_leaves_when_nothing_changed_and_never_once_the_meeting_began(outbox: Outbox, clock: Clock) -> None:
    group = outbox.group()
    member, meeting = outbox.member(group), outbox.meeting(group, minutes=30)
    made = reminder(outbox, member.phone_id, group.id, meeting.id)
    outbox.records(outbox.claims(), Verdict.RETRY)
    passes(clock, minutes=30)
    assert outbox.claims() == []
    assert outbox.state(made) in ("too_late", "withdrawn")


@pytest.mark.parametrize("kind", [MessageKind.NOTICE, MessageKind.MEETING_NEWS, MessageKind.REMINDER])
def test_who_left_the_group_hears_nothing_of_it(outbox: Outbox, kind: MessageKind) -> None:
    group, other = outbox.group(), outbox.group()
    stranger, meeting = outbox.member(other), outbox.meeting(group, hours=20)
    made = outbox.queues_one(phone_id=stranger.phone_id, kind=kind, group_id=group.id, meeting_id=meeting.id)
    assert outbox.claims() == []
    assert outbox.state(made) == "withdrawn"


def test_a_stopped_notice_goes_no_further(outbox: Outbox, clock: Clock) -> None:
    group = outbox.group()
    notice = outbox.notice(group)
    members = [outbox.member(group) for _ in range(3)]
    made = outbox.queues(
        *(
            outbox.draft(m.phone_id, key="notice:1", kind=MessageKind.NOTICE, group_id=group.id, notice_id=notice.id)
            for m in members
        )
    )
    assert len(outbox.claims(limit=1)) == 1
    outbox.changes(notice, stopped_at=clock.now())
    assert outbox.claims() == []
    assert [outbox.state(one) for one in made] == ["sending", "withdrawn", "withdrawn"]


def test_a_pause_of_group_messages_leaves_help_working(outbox: Outbox, clock: Clock) -> None:
    made, responder, _ = outbox.help()
    outbox.adds(Member(phone_id=responder.phone_id, joined_at=clock.now(), paused_at=clock.now()))
    assert [one.id for one in outbox.claims(Lane.URGENT)] == [made]


@pytest.mark.parametrize("left", ["left", "no", "asked"])
def test_help_goes_only_to_who_agrees_still(outbox: Outbox, left: str) -> None:
    made, responder, _ = outbox.help()
    outbox.changes(responder, agreed=left)
    assert outbox.claims(Lane.URGENT) == []
    assert outbox.state(made) == "withdrawn"


def test_help_that_is_not_needed_any_more_does_not_leave(outbox: Outbox, clock: Clock) -> None:
    made, _, request = outbox.help()
    outbox.changes(request, closed_at=clock.now())
    assert outbox.claims(Lane.URGENT) == []
    assert outbox.state(made) == "withdrawn"


# --- delivery reports


def reported(outbox: Outbox, provider_id: str, status: str, reason: str | None = None) -> None:
    with outbox.service.database.transaction() as session:
        delivery_reports.receive(session, provider_id, status, reason, "63902", outbox.service.now())
    with outbox.service.database.transaction() as session:
        delivery_reports.apply_next(session, outbox.service.now())


def sent(outbox: Outbox, provider_id: str = "ATXid_1") -> int:
    made = outbox.queues_one()
    outbox.records(outbox.claims(), Verdict.ACCEPTED, provider_id)
    return made


WORDS = [
    ("Success", "delivered"), ("Failed", "failed"), ("Rejected", "failed"), ("Sent", "sent"), ("Submitted", "sent"),
    ("Buffered", "sent"), ("AbsentSubscriber", "sent"), ("Expired", "failed"), ("Teleported", "sent"),
    ("x" * 300, "sent"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "state"), WORDS)
def test_what_a_report_does(outbox: Outbox, word: str, state: str) -> None:
    made = sent(outbox)
    reported(outbox, "ATXid_1", word)
    row = outbox.row(made)
    assert (row.state, row.report, row.network) == (state, word[:40], "63902")


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("Success", "Sent", "Failed"), "delivered"),
        (("Failed", "Success"), "delivered"),
        (("Buffered", "Success", "Success"), "delivered"),
        (("Sent", "AbsentSubscriber", "Submitted"), "sent"),
    ],
)
@pytest.mark.parametrize("early", [0, 1, 3])
def test_reports_move_forward_only_and_may_come_before_the_reply(
    outbox: Outbox, words: tuple[str, ...], state: str, early: int
) -> None:
    made = outbox.queues_one()
    claimed = outbox.claims()
    for word in words[:early]:
        reported(outbox, "ATXid_1", word)
    outbox.records(claimed, Verdict.ACCEPTED, "ATXid_1")
    for word in words[early:]:
        reported(outbox, "ATXid_1", word)
    assert outbox.state(made) == state


def test_a_report_settles_what_was_unknown(outbox: Outbox) -> None:
    made = outbox.queues_one()
    outbox.records(outbox.claims(), Verdict.UNKNOWN, "ATXid_1")
    reported(outbox, "ATXid_1", "Success")
    assert outbox.state(made) == "delivered"


def test_help_that_was_delivered_after_all_is_not_sent_again(outbox: Outbox) -> None:
    made, *_ = outbox.help()
    outbox.records(outbox.claims(Lane.URGENT), Verdict.UNKNOWN, "ATXid_1")
    reported(outbox, "ATXid_1", "Success")
    assert outbox.state(made) == "delivered"
    assert outbox.claims(Lane.URGENT) == []


@pytest.mark.parametrize("reason", ["UserInBlackList", "UserInBlacklist"])
def test_a_report_that_the_person_blocked_us_is_an_opt_out(outbox: Outbox, reason: str) -> None:
    made = sent(outbox)
    reported(outbox, "ATXid_1", "Rejected", reason)
    row = outbox.row(made)
    assert row.reason == reason
    assert outbox.queues(outbox.draft(row.phone_id, key="reply:2")) == []


def test_a_report_that_crossed_with_the_send_is_found_by_the_clock(outbox: Outbox, service: Service) -> None:
    reported(outbox, "ATXid_1", "Success")
    made = outbox.queues_one()
    (claimed,) = outbox.claims()
    with service.database.transaction() as session:  # as if both had committed without seeing each other
        message = session.get_one(Message, claimed.id)
        message.state, message.provider_id = MessageStatus.SENT, "ATXid_1"
    with service.database.transaction() as session:
        delivery_reports.match_unmatched(session, service.now())
    assert outbox.state(made) == "delivered"
    with service.database.transaction() as session:
        assert session.scalars(select(DeliveryReport)).all() == []


# --- maintenance


def test_how_long_each_lane_waits(outbox: Outbox, clock: Clock, service: Service) -> None:
    outbox.queues_one(lane=Lane.BULK)
    outbox.queues_one(due_at=clock.now() + timedelta(hours=1))
    passes(clock, seconds=90)
    with service.database.reading() as session:
        assert summary.oldest_waiting_seconds(session, clock.now()) == {"urgent": 0, "normal": 0, "bulk": 90}


def test_an_error_of_the_database_names_no_number_and_no_text(
    outbox: Outbox, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    number = "+254711999888"
    caplog.set_level(logging.DEBUG)

    def twice() -> None:
        with service.database.transaction() as session:
            for _ in range(2):
                session.add(Phone(number=number, created_at=service.now(), language="swahili"))
                session.flush()

    with pytest.raises(IntegrityError) as raised:
        twice()
    told = f"{raised.value!r} {raised.value} {caplog.text}"
    assert "711999888" not in told
    assert "swahili" not in told
