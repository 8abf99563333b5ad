"""In whatever order events come, delivery reports only move messages forward, and a claim belongs to one worker."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, rule
from sqlalchemy import select

from smsgate.gateways import Outcome, Verdict
from smsgate.models import FINAL, DeliveryReport, Lane, MessageKind, MessageStatus, Phone
from smsgate.outbox import claims, delivery_reports, recording
from smsgate.outbox.calls import handover
from smsgate.outbox.claims import LEASE, Claimed
from smsgate.outbox.recording import REPEATED_KINDS
from tests.support.state_machines import Machine, runs

WORDS = ["Success", "Failed", "Rejected", "Sent", "Buffered", "Teleported"]
VERDICTS = [Verdict.UNKNOWN, Verdict.ACCEPTED, Verdict.FAILED]
REASONS = [None, "DeliveryFailure", "UserIsInactive", "UserInBlackList"]


class Reports(Machine):
    """Reports come early, late, twice, in any order, for texts that are sent, unknown, waiting or not ours."""

    texts = Bundle("texts")

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, list[str]] = {}  # by provider id, in the order in which reports were stored
        self.known: set[str] = set()  # provider ids in the database
        self.refused: set[str] = set()  # provider ids whose message the gateway then refused

    @rule(target=texts, help_text=st.booleans(), sent=st.booleans())
    def a_text_waits_or_is_sent(self, help_text: bool, sent: bool) -> int:
        kind = {"kind": MessageKind.HELP_NEWS, "lane": Lane.URGENT} if help_text else {}
        made = self.outbox.queues_one(key=f"text:{len(self.seen)}", **kind)
        if sent:
            self.a_worker_sends(Verdict.ACCEPTED)
        return made

    @rule(verdict=st.sampled_from([Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.RETRY, Verdict.FAILED]))
    def a_worker_sends(self, verdict: Verdict) -> None:
        for lane in (Lane.URGENT, Lane.NORMAL):
            for one in self.outbox.claims(lane, limit=1):
                given = f"ATXid_{one.id}" if verdict in (Verdict.ACCEPTED, Verdict.UNKNOWN) else None
                self.known |= {given} if given else set()
                self.refused |= {f"ATXid_{one.id}"} if verdict is Verdict.FAILED else set()
                self.outbox.records([one], verdict, given)

    # With few rules and several words at a time, most examples contain reports that contradict each other.
    @rule(
        text=texts | st.just("nobody"),
        words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
        reason=st.sampled_from(REASONS),
        applied=st.booleans(),
    )
    def the_network_reports(self, text: int | str, words: list[str], reason: str | None, applied: bool) -> None:
        for word in words:
            self.said.setdefault(f"ATXid_{text}", []).append(word)
            self.does(delivery_reports.receive, f"ATXid_{text}", word, reason, "63902")
        if applied:
            self.apply_all()

    def apply_all(self) -> None:
        while self.does(delivery_reports.apply_next):
            pass

    @rule(minutes=st.integers(0, 10))
    def the_clock_comes_round(self, minutes: int) -> None:
        self.clock.time += timedelta(minutes=minutes)
        self.does(delivery_reports.match_unmatched)

    def teardown(self) -> None:
        """Check that once all reports are applied, "delivered" wins, else the first one; and none is left over."""
        self.apply_all()
        ours = (MessageStatus.WITHDRAWN, MessageStatus.TOO_LATE)
        for row in self.rows():
            if row.provider_id in self.known - self.refused and row.state not in ours:
                final = [
                    delivery_reports.FINAL_STATUSES[word]
                    for word in self.said.get(row.provider_id, [])
                    if word in delivery_reports.FINAL_STATUSES
                ]
                arrived = MessageStatus.DELIVERED in final
                expected = MessageStatus.DELIVERED if arrived else final[0] if final else None
                assert row.state is expected if expected else row.state not in FINAL
        with self.service.database.reading() as session:
            kept = set(session.scalars(select(DeliveryReport.provider_id)))
        assert not kept & self.known
        super().teardown()


class Claims(Machine):
    """Workers claim, call, are late or die; leases expire; people text STOP in between."""

    texts = Bundle("texts")
    hands = Bundle("hands")  # what a worker has claimed

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[int, int] = {}  # by message: number of gateway calls
        self.held: dict[int, tuple[int, Any]] = {}  # by message: the newest attempt, and when its lease ends
        self.called: set[tuple[int, int]] = set()  # (message, attempt)
        self.stopped: set[int] = set()

    @rule(target=texts, help_text=st.booleans())
    def a_text_waits(self, help_text: bool) -> int:
        kind = {"kind": MessageKind.HELP_NEWS} if help_text else {}
        return self.outbox.queues_one(key=f"text:{len(self.seen)}", **kind)

    @rule(target=hands, limit=st.integers(1, 3), calls=st.booleans(), verdict=st.none() | st.sampled_from(VERDICTS))
    def a_worker_claims(self, limit: int, calls: bool, verdict: Verdict | None) -> list[Claimed]:
        """The worker may go on to call and record at once."""
        claimed = self.outbox.claims(limit=limit)
        now = self.service.now()
        for one in claimed:
            attempt, until = self.held.get(one.id, (0, now))
            assert one.attempt > attempt
            assert until <= now, "claimed by two at once"
            assert one.phone_id not in self.stopped
            self.held[one.id] = (one.attempt, now + LEASE)
        if calls:
            self.it_looks_again_and_calls(claimed)
        if verdict is not None:
            self.it_records_perhaps_late(claimed, verdict)
        return claimed

    @rule(claimed=hands)
    def it_looks_again_and_calls(self, claimed: list[Claimed]) -> None:
        """A suspended worker may resume with claims that are no longer its own: it hands none of those over."""
        fresh = [one for one in claimed if (one.id, one.attempt) not in self.called]
        for one in self.does(handover.hand_over, self.does(claims.recheck, fresh)).texts:
            assert self.held[one.id][0] == one.attempt
            assert one.phone_id not in self.stopped
            self.calls[one.id] = self.calls.get(one.id, 0) + 1
            self.called.add((one.id, one.attempt))

    @rule(claimed=hands, verdict=st.sampled_from(VERDICTS))
    def it_records_perhaps_late(self, claimed: list[Claimed], verdict: Verdict) -> None:
        told = [one for one in claimed if (one.id, one.attempt) in self.called]
        outcomes = [Outcome(one.number, verdict, f"ATXid_{one.id}_{one.attempt}") for one in told]
        if told:
            self.does(recording.record, told, outcomes)
            self.release(told)

    @rule(claimed=hands)
    def it_is_refused_and_will_try_again(self, claimed: list[Claimed]) -> None:
        """The gateway definitely did not accept it, so this was no copy."""
        told = [one for one in claimed if (one.id, one.attempt) in self.called and one.id not in self.settled(claimed)]
        if told:
            self.does(recording.record, told, [Outcome(one.number, Verdict.RETRY) for one in told])
            self.release(told)
            for one in told:
                self.called.discard((one.id, one.attempt))
                self.calls[one.id] -= 1

    def settled(self, claimed: list[Claimed]) -> set[int]:
        """Return the messages with an outcome recorded since; a refusal no longer counts for them."""
        rows = {row.id: row for row in self.rows()}
        return {
            one.id
            for one in claimed
            if rows[one.id].state is not MessageStatus.SENDING or rows[one.id].attempt != one.attempt
        }

    @rule(claimed=consumes(hands))
    def it_hands_back_what_it_did_not_try(self, claimed: list[Claimed]) -> None:
        settled = self.settled(claimed)
        rest = [one for one in claimed if (one.id, one.attempt) not in self.called and one.id not in settled]
        self.does(lambda session, _now: claims.release(session, rest))
        self.release(rest)

    @rule(claimed=consumes(hands))
    def it_dies(self, claimed: list[Claimed]) -> None:
        """The worker dies without a word; its leases expire."""

    @rule(seconds=st.sampled_from([1, 5, 10, 30]))
    def time_passes(self, seconds: int) -> None:
        self.clock.time += timedelta(seconds=seconds)

    @rule(late=st.booleans())
    def the_clock_takes_back(self, late: bool) -> None:
        self.clock.time += LEASE if late else timedelta()
        self.outbox.takes_back()

    @rule(text=texts)
    def somebody_says_stop(self, text: int) -> None:
        phone_id = self.outbox.row(text).phone_id
        with self.service.database.transaction() as session:
            session.get_one(Phone, phone_id).stopped_at = self.service.now()
        self.stopped.add(phone_id)

    def release(self, claimed: list[Claimed]) -> None:
        for one in claimed:
            if self.held[one.id][0] == one.attempt:
                self.held[one.id] = (one.attempt, self.service.now())

    @invariant()
    def nothing_is_sent_twice_and_help_not_three_times(self) -> None:
        rows = {row.id: row for row in self.rows()}
        for message, count in self.calls.items():
            assert count <= (2 if rows[message].kind in REPEATED_KINDS else 1), f"{rows[message].kind}: {count} copies"


@pytest.mark.parametrize("machine", [Reports, Claims], ids=["reports", "claims"])
def test_whatever_order_things_come_in(machine: type[Machine], sqlite_template: Path, redis_url: str) -> None:
    machine.template, machine.redis_url = sqlite_template, redis_url
    runs(machine, examples=machine.examples, depth=30)
