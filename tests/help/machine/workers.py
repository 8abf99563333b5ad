"""What happens by itself: workers that call, die or are late, reports that are late or wrong, the scheduler."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, rule

from smsgate.gateways import Verdict
from smsgate.help import escalation, responders, undelivered
from smsgate.models import Lane, MessageKind
from smsgate.outbox import claims, delivery_reports
from smsgate.outbox.calls import handover
from smsgate.outbox.claims import LEASE, Claimed
from tests.help.machine.knowledge import CODE, KEY, Copy, Knowledge

CALLS = [Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.RETRY, Verdict.FAILED, "dies"]  # a call's outcome
HOW = st.sampled_from(CALLS)
HOW_IF = st.sampled_from([*CALLS, None])  # None: the worker calls later
DIALOGUES_KEPT = 6 * 3600  # seconds


class Workers(Knowledge):
    """Sends texts, or fails to; who asks for what is up to the layers above."""

    hands = Bundle("hands")

    def a_worker_claims_at_once(self, how: Any, lane: Lane = Lane.URGENT) -> None:
        self.calls(self.claims(lane, 10), how)

    def claims(self, lane: Lane, limit: int) -> list[Claimed]:
        claimed = self.outbox.claims(lane, limit)
        for one in claimed:
            self.held[one.id] = (one.attempt, self.clock.now() + LEASE)
        return claimed

    @rule(target=hands, limit=st.integers(1, 4), how=HOW_IF)
    def a_worker_claims(self, limit: int, how: Any) -> list[Claimed]:
        """The worker may call at once, or later."""
        claimed = self.claims(Lane.URGENT, limit)
        if how is not None:
            self.calls(claimed, how)
            return []
        return claimed

    @rule(claimed=consumes(hands), how=HOW)
    def it_calls_later(self, claimed: list[Claimed], how: Any) -> None:
        self.calls(claimed, how)

    def calls(self, claimed: list[Claimed], how: Any) -> None:
        for one in self.does(handover.hand_over, self.does(claims.recheck, claimed)).texts:
            verdict = Verdict.ACCEPTED if how == "dies" else how
            if one.kind is MessageKind.HELP:
                self.goes_over_the_wire(one, verdict, told=how != "dies")
            elif one.kind is MessageKind.INVITATION and verdict not in (Verdict.RETRY, Verdict.FAILED):
                self.invited.setdefault(self.outbox.row(one.id).responder_id or 0, []).append(self.clock.time)
            if how != "dies":
                self.outbox.records([one], verdict, f"ATXid_{one.id}_{one.attempt}")
                if verdict is Verdict.FAILED:
                    self.does(lambda session, now, id_=one.id: undelivered.tell_undelivered(session, [id_], now, CODE))

    def goes_over_the_wire(self, one: Claimed, verdict: Verdict, *, told: bool) -> None:
        row = self.outbox.row(one.id)
        request = int(row.key.split(":")[1])
        assert request in self.raised, "a help text without an act of the member"
        assert request not in self.closed, "a help text after it was over"
        assert self.clock.time >= self.due[request], "a help text in the time to take it back"
        assert one.words.startswith("Only a practice") == self.raised[request][1], "a practice that is not marked"
        assert self.may_hear(request, one.phone_id), "a help text to somebody who did not agree to it now"
        assert (request, one.phone_id) not in self.said, "a second copy to who answered"
        if verdict not in (Verdict.RETRY, Verdict.FAILED):
            self.sent[request, one.phone_id] += 1
            assert self.sent[request, one.phone_id] <= 2, "a third copy"
            self.has_a_digit_of_its_own(request, one)
            accepted = told and verdict is Verdict.ACCEPTED
            given = f"ATXid_{one.id}_{one.attempt}"
            self.copies.append(Copy(request, one.id, one.phone_id, given, one.words, accepted, self.clock.time))

    def has_a_digit_of_its_own(self, request: int, one: Claimed) -> None:
        """Check the digits: if two requests reach one person, answers tell them apart; a practice comes second."""
        digit = KEY.search(one.words)
        assert digit
        _who, practice = self.raised[request]
        for other in self.copies:
            waits = other.request not in self.closed and other.number in self.asked(other.request)
            waits = waits and self.may_hear(other.request, other.number, resting=False)  # except those who left
            of_another = self.raised[other.request] != self.raised[request]
            before = practice or not self.raised[other.request][1]
            if waits and of_another and before and other.number == one.phone_id:
                read = KEY.search(other.words)
                assert read
                assert read[1] != digit[1], "two who ask at once are answered by one digit"

    @rule(which=st.integers(0, 3), word=st.sampled_from(["Success", "Failed"]))
    def the_network_reports(self, which: int, word: str) -> None:
        known = [one for one in self.copies if one.accepted]
        if known:
            copy = known[-1 - which % len(known)]
            copy.reports.append(word)
            self.does(lambda session, now: delivery_reports.receive(session, copy.provider_id, word, None, None, now))
            while self.does(delivery_reports.apply_next):
                pass

    @rule()
    def a_moment_passes(self) -> None:
        """The simplest rule: Hypothesis spends one example of each run on nothing else."""
        self.clock.time += timedelta(seconds=1)

    @rule(seconds=st.sampled_from([11, 61, 301, 301, 1801, 1801, 3600 * 25]), how=HOW_IF)
    def time_passes(self, seconds: int, how: Any) -> None:
        """The scheduler runs, and a worker may send what is due."""
        self.clock.time += timedelta(seconds=seconds)
        if seconds > DIALOGUES_KEPT:
            self.service.redis.flushall()
        self.the_clock_comes_round()
        if how is not None:
            self.a_worker_claims_at_once(how)

    def the_clock_comes_round(self) -> None:
        with self.service.database.transaction() as session:
            now = self.clock.now()
            handover.reclaim_expired(session, now)
            undelivered.run_scheduled_tasks(session, now, CODE)
            escalation.escalate_due(session, now, CODE)
            responders.remind_invited(session, now)
        self.learns_what_ended()
        self.who_is_asked_agreed()
