"""Whatever members and responders do, in whatever order, help texts go only to people who agreed to get them.

The machine keeps a model of its own: who agreed, paused or opted out, which requests were raised and taken back, and
each text that a worker handed over. `make nightly` runs it for 100,000 steps and more.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from smsgate.conversations.sessions import LockedSession
from smsgate.conversations.sms import help
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.conversations.sms.inbox import InboundSms
from smsgate.flows.help.plan import EscalationStep
from smsgate.flows.keywords import parse_keyword
from smsgate.gateways import Verdict
from smsgate.help import backup_leader, choices, escalation, plans, responders, status, undelivered
from smsgate.help import requests as help_requests
from smsgate.members import opt_out
from smsgate.models import (
    HelpRecipient,
    HelpRequest,
    Lane,
    Member,
    Message,
    MessageKind,
    MessageStatus,
    Phone,
    Role,
    RoleAssignment,
)
from smsgate.outbox import claims, delivery_reports, handover
from smsgate.outbox.claims import LEASE, Claimed
from tests.support.state_machines import Machine

STEPS = int(os.environ.get("SMSGATE_HELP_STEPS", "0"))  # set by the nightly run
DEPTH = 60
PHASES = (Phase.generate,)  # shrinking may take minutes; the seed suffices
CODE = "*384*77#"
KEY = re.compile(r"Reply (\d+) if you are on it")
OTHERS = range(4)
MEMBERS = range(2)
CALLS = [Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.RETRY, Verdict.FAILED, "dies"]  # after the call
HOW = st.sampled_from(CALLS)
HOW_IF = st.sampled_from([*CALLS, None])  # None: the worker calls later


@dataclass
class Copy:
    """One text that was handed over, and what became of it as far as we were told."""

    request: int
    number: int  # the id of the phone's row
    provider_id: str
    words: str
    accepted: bool
    reports: list[str] = field(default_factory=list)


class Help(Machine):
    """Two members, four people, and one who leads their group."""

    hands = Bundle("hands")
    steps: ClassVar[int] = 0

    @initialize()
    def people(self) -> None:
        group = self.outbox.group()
        self.group_id: int = group.id
        self.members = [self.outbox.member(group) for _one in MEMBERS]
        self.others = [self.outbox.phone().id for _one in OTHERS]
        self.leader = self.outbox.member(group).phone_id
        now = self.clock.now()
        row = {"role": Role.FACILITATOR, "since": now, "until": now + timedelta(days=365), "takes_help": True}
        self.appointment: int = self.outbox.adds(RoleAssignment(group_id=group.id, phone_id=self.leader, **row)).id
        self.agreed: set[tuple[int, int]] = set()  # member, phone
        self.turned_to: set[int] = set()  # members who chose the leader as a step
        self.takes_help = True
        self.rests: dict[int, datetime] = {}
        self.stopped: set[int] = set()
        self.never: set[tuple[int, int]] = set()
        self.raised: dict[int, int] = {}  # request to member
        self.closed: set[int] = set()
        self.answered: set[tuple[int, int]] = set()  # request, phone
        self.declined: set[tuple[int, int]] = set()
        self.frozen: dict[int, int] = {}  # how many texts a request had made when it was answered or ended
        self.copies: list[Copy] = []
        self.sent: Counter[tuple[int, int]] = Counter()
        self.held: dict[int, tuple[int, datetime]] = {}  # by message: the attempt and the end of its lease
        for who, others in ((0, (0, 1, 2)), (1, (1, 2))):
            for other in others:
                self.a_member_chooses_somebody(who, other)
                self.somebody_answers_an_invitation(other, True)
        assert len(self.agreed) == 5
        self.a_member_plans(0, [EscalationStep.NEXT, EscalationStep.LEADER], 5, 0, True)
        self.a_member_plans(1, [EscalationStep.AGAIN], 5, 0, False)
        assert self.turned_to == {0}

    def number(self, phone_id: int) -> str:
        with self.service.database.reading() as session:
            return session.get_one(Phone, phone_id).number

    def made(self, *requests: int) -> Counter[int]:
        """How many help texts each request has made."""
        causes = {f"help:{request}{again}": request for request in requests for again in ("", ":again")}
        with self.service.database.reading() as session:
            found = session.scalars(select(Message.key).where(Message.key.in_(list(causes))))
            return Counter(causes[cause] for cause in found)

    def ends(self, request: int) -> None:
        self.closed.add(request)
        self.frozen.setdefault(request, self.made(request)[request])

    # What members do.

    def a_member_chooses_somebody(self, who: int, other: int) -> None:
        number = self.number(self.others[other])
        with self.service.database.transaction() as session:
            responders.invite(session, session.get_one(Member, self.members[who].id), number, "x", self.clock.now())

    def a_member_wants_somebody_never_told(self, who: int, other: int, take_off: bool) -> None:
        phone = self.others[other]
        member, pair = self.members[who].id, (who, phone)
        with self.service.database.transaction() as session:
            mine = session.get_one(Member, member)
            if take_off:
                for one in plans.do_not_contact_list(session, mine):
                    if one.number == session.get_one(Phone, phone).number:
                        plans.unblock_number(session, mine, one.id)
                self.never.discard(pair)
            else:
                responders.block_number(session, mine, session.get_one(Phone, phone).number, self.clock.now())
                self.never.add(pair)
                self.agreed.discard(pair)

    @rule(
        who=st.sampled_from(MEMBERS),
        then=st.lists(st.sampled_from(EscalationStep), max_size=3, unique=True),
        minutes=st.sampled_from([5, 30]),
        pause=st.sampled_from([0, 0, 60]),
        leader=st.booleans(),
    )
    def a_member_plans(self, who: int, then: list[EscalationStep], minutes: int, pause: int, leader: bool) -> None:
        with self.service.database.transaction() as session:
            mine = session.get_one(Member, self.members[who].id)
            plans.set_escalation(session, mine, " ".join(then), minutes)
            plans.set_pause(session, mine, pause)
            if leader and backup_leader.choose(session, mine, self.appointment, self.clock.now()):
                self.turned_to.add(who)
            elif not leader:
                backup_leader.undo(session, mine, self.clock.now())
                self.turned_to.discard(who)

    def who_leads_takes_help_or_not(self, on: bool) -> None:
        with self.service.database.transaction() as session:
            backup_leader.set_takes_help(session, session.get_one(RoleAssignment, self.appointment), on)
        self.takes_help = on

    @rule(who=st.sampled_from(MEMBERS), practice=st.sampled_from([False, False, True]), how=HOW_IF)
    def a_member_sends(self, who: int, practice: bool, how: Any) -> None:
        """A worker may take it at once."""
        self.sends(who, practice)
        if how is not None:
            self.a_worker_claims_at_once(how)

    def a_worker_claims_at_once(self, how: Any) -> None:
        claimed = self.outbox.claims(Lane.URGENT, 10)
        for one in claimed:
            self.held[one.id] = (one.attempt, self.clock.now() + LEASE)
        self.calls(claimed, how)

    def sends(self, who: int, practice: bool) -> None:
        before = self.open_of(who)
        with self.service.database.transaction() as session:
            mine = session.get_one(Member, self.members[who].id)
            help_requests.raise_help(session, mine, self.clock.now(), help_requests.HelpOptions(practice=practice))
            newest = help_requests.open_request(session, mine)
            now_open = newest.id if newest else None
        if now_open != before:
            if before is not None:
                self.ends(before)
            assert now_open is not None
            self.raised[now_open] = who

    @rule(
        who=st.sampled_from(MEMBERS),
        first=HOW,
        second=HOW_IF,
        answer=st.sampled_from([None, None, True, False]),
        seconds=st.sampled_from([61, 301, 1801]),
    )
    def a_request_goes_its_way(self, who: int, first: Any, second: Any, answer: bool | None, seconds: int) -> None:
        """What chance alone seldom strings together."""
        self.sends(who, False)
        for how in (first, second):
            if how is not None:
                self.a_worker_claims_at_once(how)
                self.all_holds()
        if answer is not None:
            self.somebody_answers_with_the_digit_they_read(0, answer)
            self.all_holds()
        self.time_passes(seconds, Verdict.ACCEPTED)
        self.all_holds()
        self.time_passes(seconds, second)

    @rule(who=st.sampled_from(MEMBERS))
    def a_member_is_fine(self, who: int) -> None:
        request = self.open_of(who)
        with self.service.database.transaction() as session:
            help_requests.report_fine(session, session.get_one(Member, self.members[who].id), self.clock.now())
        if request is not None:
            self.ends(request)

    def open_of(self, who: int) -> int | None:
        mine = [request for request, member in self.raised.items() if member == who and request not in self.closed]
        assert len(mine) < 2
        return mine[0] if mine else None

    # What responders do.

    def somebody_answers_an_invitation(self, other: int, yes: bool) -> None:
        phone = self.others[other]
        with self.service.database.transaction() as session:
            invited = responders.pending_invitation(session, phone, self.clock.now())
            if invited is None:
                return
            responders.record_answer(session, phone, invited.id, "yes" if yes else "no", self.clock.now())
            if yes:
                self.agreed.add((self.who(invited.member_id), phone))

    def who(self, member_id: int) -> int:
        return next(n for n in MEMBERS if self.members[n].id == member_id)

    def somebody_rests_or_leaves(self, other: int, word: str) -> None:
        phone = self.others[other]
        with self.service.database.transaction() as session:
            last = choices.newest_chooser(session, phone)
            if last is None:
                return
            pair, awake = (self.who(last.member_id), phone), last.muted_until
            help.rest_or_leave(self.inbound(session, phone, word))
        if word == "leave":
            self.agreed.discard(pair)
        elif awake is not None and awake > self.clock.now():
            self.rests.pop(phone, None)
        else:
            self.rests[phone] = self.clock.now() + timedelta(days=1)

    @rule(
        who=st.sampled_from(MEMBERS),
        other=st.sampled_from(OTHERS),
        what=st.sampled_from(
            ["choose", "choose", "agree", "agree", "never", "forgive", "rest", "leave", "stop", "start", "lead"]
        ),
        yes=st.sampled_from([True, True, False]),
    )
    def consent_changes(self, who: int, other: int, what: str, yes: bool) -> None:
        match what:
            case "choose":
                self.a_member_chooses_somebody(who, other)
                self.somebody_answers_an_invitation(other, yes)
            case "agree":
                self.somebody_answers_an_invitation(other, yes)
            case "never" | "forgive":
                self.a_member_wants_somebody_never_told(who, other, what == "forgive")
            case "rest" | "leave":
                self.somebody_rests_or_leaves(other, what)
            case "stop" | "start":
                self.somebody_says_stop_or_start(other, what == "start")
            case "lead":
                self.who_leads_takes_help_or_not(yes)

    def inbound(self, session: Any, phone_id: int, words: str) -> InboundContext:
        text = InboundSms(0, "", session.get_one(Phone, phone_id).number, words, self.clock.now())
        return InboundContext(self.service, session, LockedSession(None), text, parse_keyword(words))

    def somebody_says_stop_or_start(self, other: int, back: bool) -> None:
        phone = self.others[other]
        with self.service.database.transaction() as session:
            (opt_out.opt_in if back else opt_out.opt_out)(session, session.get_one(Phone, phone), self.clock.now())
        if back:
            self.stopped.discard(phone)
        else:
            self.stopped.add(phone)
            self.agreed -= {(who, phone) for who in MEMBERS}

    @rule(which=st.integers(0, 3), yes=st.booleans())
    def somebody_answers_with_the_digit_they_read(self, which: int, yes: bool) -> None:
        """The newest text that told of it; it goes to the one who sent that, or to nobody."""
        if not self.copies:
            return
        copy = self.copies[-1 - which % len(self.copies)]
        found = KEY.search(copy.words)
        assert found, copy.words
        mine = [one for one in self.copies if one.number == copy.number]
        alike = [one for one in mine if (read := KEY.search(one.words)) and read[1] == found[1]]
        copy = alike[-1]
        digit = str(int(found[1]) + (0 if yes else 1))
        with self.service.database.transaction() as session:
            inbound = self.inbound(session, copy.number, digit)
            waiting = help.waiting(inbound)
            invited = waiting.invitation
            help.answer(inbound, waiting)
            asks = session.scalars(select(HelpRecipient)).all()
            answered = {(one.request_id, one.responder.phone_id) for one in asks if one.answered_at}
            declined = {(one.request_id, one.responder.phone_id) for one in asks if one.declined_at} - answered
            if invited and invited.answered_at:  # the digit was for a newer invitation
                if digit == "1":
                    self.agreed.add((self.who(invited.member_id), copy.number))
                return
        pair = (copy.request, copy.number)
        can = copy.request not in self.closed and self.may_hear(copy.request, copy.number, resting=False)
        if can and yes:
            self.answered.add(pair)
            self.frozen.setdefault(copy.request, self.made(copy.request)[copy.request])
        elif can and pair not in self.answered:
            self.declined.add(pair)
        # A responder may also have read a text that a worker holds at this moment.
        for request, phone in {one for one in answered - self.answered if one[0] not in self.closed}:
            assert (yes, phone) == (True, copy.number), "an answer of nobody"
            assert self.in_hand(request, phone), "an answer went elsewhere"
            self.answered.add((request, phone))
            self.frozen.setdefault(request, self.made(request)[request])
        for request, phone in {one for one in declined - self.declined if one[0] not in self.closed}:
            assert (yes, phone) == (False, copy.number), "an answer of nobody"
            assert self.in_hand(request, phone), "an answer went elsewhere"
            self.declined.add((request, phone))

    def in_hand(self, request: int, phone: int) -> bool:
        """Whether a worker has this text, or had it when it ended: nobody knows whether it left."""
        causes = [f"help:{request}", f"help:{request}:again"]
        with self.service.database.reading() as session:
            rows = session.scalars(select(Message).where(Message.key.in_(causes), Message.phone_id == phone))
            return any(one.state in (MessageStatus.SENDING, MessageStatus.UNKNOWN) or one.repeats for one in rows)

    def may_hear(self, request: int, phone: int, *, resting: bool = True) -> bool:
        """Whether a help text of this request may go there, by what everybody said until now."""
        who = self.raised[request]
        willing = (who, phone) in self.agreed or (phone == self.leader and self.takes_help and who in self.turned_to)
        awake = not resting or self.rests.get(phone, self.clock.now()) <= self.clock.now()
        return willing and awake and phone not in self.stopped and (who, phone) not in self.never

    # What the service does.

    @rule(target=hands, limit=st.integers(1, 4), how=HOW_IF)
    def a_worker_claims(self, limit: int, how: Any) -> list[Claimed]:
        """It may call at once, or later."""
        claimed = self.outbox.claims(Lane.URGENT, limit)
        for one in claimed:
            self.held[one.id] = (one.attempt, self.clock.now() + LEASE)
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
            if how != "dies":
                self.outbox.records([one], verdict, f"ATXid_{one.id}_{one.attempt}")
                if verdict is Verdict.FAILED:
                    self.tells_unsent(one.id)

    def has_a_digit_of_its_own(self, request: int, one: Claimed) -> None:
        """Where two ask the same person at once, an answer says which of them it is for."""
        digit = KEY.search(one.words)
        assert digit
        for other in self.copies:
            waits = other.request not in self.closed and (other.request, other.number) not in self.answered
            waits = waits and self.may_hear(other.request, other.number, resting=False)  # not those who left
            if waits and other.request != request and other.number == one.phone_id:
                read = KEY.search(other.words)
                assert read
                assert read[1] != digit[1], "two who ask at once are answered by one digit"

    def tells_unsent(self, message: int) -> None:
        self.does(lambda session, now: undelivered.tell_undelivered(session, [message], now, CODE))

    def goes_over_the_wire(self, one: Claimed, verdict: Verdict, *, told: bool) -> None:
        row = self.outbox.row(one.id)
        request = int(row.key.split(":")[1])
        assert request in self.raised, "a help text without an act of the member"
        assert request not in self.closed, "a help text after it was over"
        assert self.may_hear(request, one.phone_id), "a help text to somebody who did not agree to it now"
        assert (request, one.phone_id) not in self.answered | self.declined, "a second copy to who answered"
        if verdict not in (Verdict.RETRY, Verdict.FAILED):
            self.sent[request, one.phone_id] += 1
            assert self.sent[request, one.phone_id] <= 2, "a third copy"
            self.has_a_digit_of_its_own(request, one)
            accepted = told and verdict is Verdict.ACCEPTED
            given = f"ATXid_{one.id}_{one.attempt}"
            self.copies.append(Copy(request, one.phone_id, given, one.words, accepted))

    @rule(which=st.integers(0, 3), word=st.sampled_from(["Success", "Failed"]))
    def the_network_reports(self, which: int, word: str) -> None:
        known = [one for one in self.copies if one.accepted]
        if known:
            copy = known[-1 - which % len(known)]
            copy.reports.append(word)
            self.does(lambda session, now: delivery_reports.receive(session, copy.provider_id, word, None, None, now))
            while self.does(delivery_reports.apply_next):
                pass

    @rule(seconds=st.sampled_from([1, 11, 61, 301, 301, 1801, 1801, 3600 * 25]), how=HOW_IF)
    def time_passes(self, seconds: int, how: Any) -> None:
        """The clock makes its round, and a worker may take what is due."""
        self.clock.time += timedelta(seconds=seconds)
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
            over = list(session.scalars(select(HelpRequest.id).where(HelpRequest.closed_at.is_not(None))))
        for request in over:
            if request not in self.closed:
                self.ends(request)

    def all_holds(self) -> None:
        """After each step of a longer rule too."""
        self.nothing_follows_an_answer_or_an_end()
        self.the_redial_tells_the_truth()

    @invariant()
    def nothing_follows_an_answer_or_an_end(self) -> None:
        Help.steps += 1
        frozen = getattr(self, "frozen", {})
        assert not frozen or self.made(*frozen) == Counter(frozen), "a step after the answer or the end"

    @invariant()
    def the_redial_tells_the_truth(self) -> None:
        for request in [one for one in getattr(self, "raised", {}) if one not in self.closed]:
            with self.service.database.reading() as session:
                row = session.get_one(HelpRequest, request)
                shown = status.request_status(session, row, self.clock.now())["people"]
                asks = session.scalars(
                    select(HelpRecipient).where(HelpRecipient.request_id == request).order_by(HelpRecipient.id)
                )
                phones = [one.responder.phone_id for one in asks]
            assert len(shown) == len(phones)
            for phone, said in zip(phones, shown, strict=True):
                self.is_true(request, phone, said["state"])

    def is_true(self, request: int, phone: int, state: str) -> None:
        pair = (request, phone)
        mine = [one for one in self.copies if (one.request, one.number) == pair and one.accepted]
        ends = [one.reports[0] for one in mine if one.reports]
        assert (state == "answered") == (pair in self.answered)
        assert (state == "declined") == (pair in self.declined - self.answered)
        if state in ("answered", "declined"):
            return
        assert (state == "delivered") == ("Success" in ends)
        on_air = [one for one in mine if not one.reports]
        assert state != "sent" or on_air
        assert not (on_air and state in ("unsent", "going")), f"{state}, though the gateway took it"


def test_what_goes_over_the_wire_about_help_is_what_people_agreed_to(sqlite_template: Any, redis_url: str) -> None:
    Help.template, Help.redis_url, Help.steps = sqlite_template, redis_url, 0
    examples = max(STEPS // 55, 20)
    run_state_machine_as_test(
        Help,
        settings=settings(
            derandomize=not STEPS,
            max_examples=examples,
            stateful_step_count=DEPTH,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            phases=PHASES,
        ),
    )
    print(f"{Help.steps} steps")
    assert Help.steps >= STEPS
