"""Whatever members and responders do, in whatever order, help texts go only to people who agreed to get them.

The machine keeps a model of its own: who agreed, paused or opted out, which requests and practices were raised, sent
again and taken back, who said what last, and each text that a worker handed over. It answers late, wrongly and by
digits and words, and erases members in the middle. `make nightly` runs it for 100,000 steps and more.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from smsgate.conversations.sessions import LockedSession, PhoneSession
from smsgate.conversations.sms import help, inbox, responses, router
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.conversations.sms.inbox import InboundSms
from smsgate.flows.help.plan import EscalationStep
from smsgate.flows.typed.keywords import parse_keyword
from smsgate.gateways import Verdict
from smsgate.help import (
    backup_leader,
    choices,
    endings,
    escalation,
    invitations,
    plans,
    removal,
    request_states,
    responders,
    status,
    undelivered,
)
from smsgate.help import requests as help_requests
from smsgate.members import leaving, opt_out
from smsgate.models import (
    Group,
    HelpRecipient,
    HelpRequest,
    Inbound,
    Lane,
    Meeting,
    Member,
    Message,
    MessageKind,
    MessageStatus,
    Phone,
    Responder,
    ResponderStatus,
    Role,
    RoleAssignment,
)
from smsgate.outbox import claims, delivery_reports, keys
from smsgate.outbox.calls import handover
from smsgate.outbox.claims import LEASE, Claimed
from tests.support import stores
from tests.support.state_machines import Machine

STEPS = int(os.environ.get("SMSGATE_HELP_STEPS", "0"))  # set by the nightly run
DEPTH = 60
PHASES = (Phase.generate,)  # shrinking may take minutes; the seed suffices
CODE = "*384*77#"
KEY = re.compile(r"Reply (\d+) if you can help")
OTHERS = range(4)
# Meant for a reminder, an invitation or a help text, or for nobody.
CHATTER = (
    "1", "2", "3", "4", "9", "0", "1 yes", "1 no", "yes", "NO", "coming", "nitakuja", "je viens", "labda", "👍", "one",
    "hm?", "asante", "who are you", "I come with my sister", "ok", "2 please", "not now",
)  # fmt: skip
MEMBERS = range(2)
CALLS = [Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.RETRY, Verdict.FAILED, "dies"]  # after the call
HOW = st.sampled_from(CALLS)
HOW_IF = st.sampled_from([*CALLS, None])  # None: the worker calls later


@dataclass
class Copy:
    """One text that was handed over, and what became of it as far as we were told."""

    request: int
    message: int
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
        self.raised: dict[int, tuple[int, bool]] = {}  # request to member, and whether it is a practice
        self.closed: set[int] = set()
        self.said: dict[tuple[int, int], bool] = {}  # request, phone: on it, or cannot
        self.frozen: dict[int, int] = {}  # how many texts a request had made when it was answered or ended
        self.copies: list[Copy] = []
        self.sent: Counter[tuple[int, int]] = Counter()
        self.dialogues: dict[int, PhoneSession] = {}  # by SMS, by phone
        self.texted = 0
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
                removal.block_number(session, mine, session.get_one(Phone, phone).number, self.clock.now())
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
        """A worker may take it at once; the word by SMS comes a moment after the key."""
        self.sends(who, practice)
        self.sends(who, practice, again=False)
        if how is not None:
            self.a_worker_claims_at_once(how)

    def a_worker_claims_at_once(self, how: Any) -> None:
        claimed = self.outbox.claims(Lane.URGENT, 10)
        for one in claimed:
            self.held[one.id] = (one.attempt, self.clock.now() + LEASE)
        self.calls(claimed, how)

    def sends(self, who: int, practice: bool, *, again: bool = True) -> None:
        before, real_before = self.open_of(who, practice), self.open_of(who, False)
        options = help_requests.HelpOptions(practice=practice, again=again)
        with self.service.database.transaction() as session:
            mine = session.get_one(Member, self.members[who].id)
            help_requests.raise_help(session, mine, self.clock.now(), options)
            newest = help_requests.open_request(session, mine, practice=practice)
            now_open = newest.id if newest else None
        if now_open is None or now_open in before:
            return
        assert not (practice and real_before), "a practice in the place of a real request"
        for earlier in before:
            self.frozen[earlier] = self.made(earlier)[earlier]
        if not practice:
            for practised in self.open_of(who, True):
                self.ends(practised)
        self.raised[now_open] = (who, practice)

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

    @rule(who=st.sampled_from(MEMBERS), practice=st.sampled_from([False, False, True]), back=st.booleans())
    def a_member_is_fine(self, who: int, practice: bool, back: bool) -> None:
        """Or takes back what was sent last."""
        mine = self.open_of(who, practice)
        read = {phone for request in mine for phone in self.read(request)}
        end = self.end_of(who, practice, back=back and not practice)
        over = mine
        if end.earlier_stands:
            over = mine[-1:]
            assert not [one for one in self.copies if one.request in over], "taken back, though it may have been read"
            self.closed.update(over)
            self.frozen.pop(mine[-2], None)
            self.what_was_said()
        else:
            # Who read it may be off the list since, so that nobody can be told; it was read all the same.
            anybody = bool(self.reached(*mine))
            assert bool(read) <= end.was_read <= anybody, "nobody was told, though somebody may have read it"
            told = {phone for phone in read if self.agrees(who, phone)}
            assert end.told == len(told)
            assert all(self.heard(phone, keys.fine_now(mine[-1])) or phone in self.stopped for phone in told)
        for request in over:
            self.ends(request)

    def end_of(self, who: int, practice: bool, *, back: bool) -> endings.EndResult:
        with self.service.database.transaction() as session:
            mine = session.get_one(Member, self.members[who].id)
            if back:
                return endings.take_back(session, mine, self.clock.now())
            return endings.report_fine(session, mine, self.clock.now(), practice=practice)

    def read(self, *requests: int) -> set[int]:
        """Those of the list who may have read one of these."""
        listed = self.asked(*requests)
        return {phone for phone in self.reached(*requests) if phone in listed}

    def reached(self, *requests: int) -> set[int]:
        """The numbers at which somebody may have read one of these: handed over, in hand, unknown, or answered."""
        placed = self.placed(*requests)
        wire = {one.number for one in self.copies if one.message in placed}
        said = {phone for request, phone in self.said if request in requests}
        keys = [f"help:{request}{again}" for request in requests for again in ("", ":again")]
        with self.service.database.reading() as session:
            rows = session.scalars(select(Message).where(Message.key.in_(keys)))
            in_hand = [one for one in rows if one.state is MessageStatus.SENDING or one.repeats]
            hand = {one.phone_id for one in in_hand if one.id in placed}
        return wire | said | hand

    def asked(self, *requests: int) -> set[int]:
        """Who still has a place in these requests: who was taken off the list has none."""
        with self.service.database.reading() as session:
            rows = select(HelpRecipient).where(HelpRecipient.request_id.in_(requests))
            return {one.responder.phone_id for one in session.scalars(rows)}

    def placed(self, *requests: int) -> set[int]:
        """The messages that still have a place in these requests."""
        with self.service.database.reading() as session:
            rows = session.scalars(select(HelpRecipient).where(HelpRecipient.request_id.in_(requests))).all()
            return {id_ for one in rows for id_ in (one.message_id, one.again_id) if id_ is not None}

    def heard(self, phone: int, key: str) -> bool:
        with self.service.database.reading() as session:
            rows = select(Message.id).where(Message.phone_id == phone, Message.key == key)
            return session.scalar(rows) is not None

    def agrees(self, who: int, phone: int) -> bool:
        return (who, phone) in self.agreed or (phone == self.leader and self.takes_help and who in self.turned_to)

    @rule(who=st.sampled_from(MEMBERS))
    def a_member_is_erased(self, who: int) -> None:
        """Whoever may have read a text of theirs is told; then somebody else begins in their place."""
        mine = {kind: self.open_of(who, kind) for kind in (False, True)}
        read = {kind: self.read(*requests) for kind, requests in mine.items()}
        with self.service.database.transaction() as session:
            leaving.leave_service(session, session.get_one(Member, self.members[who].id), self.clock.now())
        for kind, requests in mine.items():
            for phone in read[kind]:
                told = self.heard(phone, keys.help_over(requests[-1]))
                assert told or not self.agrees(who, phone) or phone in self.stopped, "an end that nobody told"
            for request in requests:
                self.ends(request)
        self.agreed = {pair for pair in self.agreed if pair[0] != who}
        self.never = {pair for pair in self.never if pair[0] != who}
        self.turned_to.discard(who)
        with self.service.database.reading() as session:
            self.members[who] = self.outbox.member(session.get_one(Group, self.group_id))
        for other in (1, 2):
            self.a_member_chooses_somebody(who, other)
            self.somebody_answers_an_invitation(other, True)

    def open_of(self, who: int, practice: bool) -> list[int]:
        kind = (who, practice)
        return [request for request, whose in self.raised.items() if whose == kind and request not in self.closed]

    # What responders do.

    def somebody_answers_an_invitation(self, other: int, yes: bool) -> None:
        phone = self.others[other]
        with self.service.database.transaction() as session:
            invited = next(iter(invitations.pending(session, phone, self.clock.now())), None)
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
            last = choices.newest_chooser(session, phone, self.clock.now())
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
        changed = self.what_was_said()
        phone = self.others[other]
        left = what in ("rest", "leave", "stop", "never")
        assert all(left and one[1] == phone and not on_it for one, on_it in changed.items()), "an answer of nobody"
        for whose in set(self.raised.values()) if what in ("leave", "stop") else ():
            last = [request for request in self.open_of(*whose) if phone in self.asked(request)][-1:]
            willing = self.agrees(whose[0], phone)
            assert willing or not [one for one in last if self.said.get((one, phone))], "on it, though they left"

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

    @rule(which=st.integers(0, 3), yes=st.booleans(), in_words=st.sampled_from([False, False, True]))
    def somebody_answers_with_the_digit_they_read(self, which: int, yes: bool, in_words: bool = False) -> None:
        """The newest text that told of it; it goes to the one who sent that, or to nobody. Or yes and no in words."""
        if not self.copies:
            return
        copy = self.copies[-1 - which % len(self.copies)]
        found = KEY.search(copy.words)
        assert found, copy.words
        mine = [one for one in self.copies if one.number == copy.number]
        alike = [one for one in mine if (read := KEY.search(one.words)) and read[1] == found[1]]
        copy = alike[-1]
        text = ("yes" if yes else "no") if in_words else str(int(found[1]) + (0 if yes else 1))
        with self.service.database.transaction() as session:
            inbound = self.inbound(session, copy.number, text)
            waiting = responses.waiting(inbound)
            invited = waiting.invitations[0].about if waiting.invitations else None
            reply = responses.answer(inbound, waiting)
        if invited is not None and self.has_answered(invited):  # it was for a newer invitation
            if yes:
                self.agreed.add((self.who(invited.member_id), copy.number))
            return
        changed = self.what_was_said()
        assert all((phone, on_it) == (copy.number, yes) for (_one, phone), on_it in changed.items()), "of nobody"
        assert len({self.raised[request] for request, _phone in changed}) < 2, "one answer for two"
        if in_words:
            return
        case = [one for one in self.open_of(*self.raised[copy.request]) if copy.number in self.asked(one)]
        if copy.request in case and self.may_hear(copy.request, copy.number, resting=False):
            newest = max(case)
            taken_by_another = [one for one in changed if self.raised[one[0]] != self.raised[copy.request]]
            assert taken_by_another or self.said.get((newest, copy.number)) is yes, "an answer that does not count"
            assert all(self.in_hand(*one) for one in taken_by_another), "an answer went elsewhere"
        elif not changed:
            assert reply, "an answer to what is over reads a menu"

    # What members text that is meant for something else.

    @rule(
        who=st.sampled_from(MEMBERS),
        asked=st.sampled_from(["reminder", "invitation", "help", "menu left", "nothing"]),
        texts=st.lists(st.sampled_from(CHATTER), min_size=1, max_size=3),
        seconds=st.sampled_from([0, 7, 7, 45, 700]),
    )
    def a_member_answers_something_else(self, who: int, asked: str, texts: list[str], seconds: int) -> None:
        """After a question of another kind, by words and keys, right and wrong: no help text is ever sent by that.

        The last keys are those that send one in the menu.
        """
        phone = self.members[who].phone_id
        if asked == "menu left":  # the question whether to send it is open, and another comes before the answer
            for text in ("menu", "1"):
                self.texts(phone, text, 7)
        self.is_asked(who, "reminder" if asked == "menu left" else asked)
        before = self.count_requests()
        for text in (*texts, "1", "2"):
            self.texts(phone, text, seconds)
            self.what_was_said()
        assert self.count_requests() == before, f"{texts} after {asked} sent a help text"
        with self.service.database.reading() as session:
            mine = select(Responder.member_id).where(
                Responder.phone_id == phone, Responder.agreed == ResponderStatus.YES
            )
            agreed = {(self.who(member), phone) for member in session.scalars(mine)}
        self.agreed = {pair for pair in self.agreed if pair[1] != phone} | agreed

    def is_asked(self, who: int, what: str) -> None:
        phone, now = self.members[who].phone_id, self.clock.now()
        if what == "help":
            self.sends(1 - who, False)
            self.a_worker_claims_at_once(Verdict.ACCEPTED)
        with self.service.database.transaction() as session:
            if what == "reminder":
                start = now + timedelta(hours=5)
                meeting = Meeting(group_id=self.group_id, starts_at=start, created_at=now)
                session.add(meeting)
                session.flush()
                self.is_sent(session, phone, MessageKind.REMINDER, f"reminder:{meeting.id}", meeting_id=meeting.id)
            elif what == "invitation":
                chosen = Responder(
                    member_id=self.members[1 - who].id, phone_id=phone, agreed=ResponderStatus.ASKED, asked_at=now
                )
                known = select(Responder.id).where(
                    Responder.member_id == chosen.member_id, Responder.phone_id == phone, ~Responder.backup
                )
                if session.scalar(known) is None:
                    session.add(chosen)
                    session.flush()
                    key = f"invitation:{chosen.id}"
                    self.is_sent(session, phone, MessageKind.INVITATION, key, responder_id=chosen.id)
        self.clock.time += timedelta(seconds=1)

    def is_sent(self, session: Any, phone: int, kind: MessageKind, key: str, **about: Any) -> None:
        now = self.clock.now()
        row = {"words": "?", "segments": 1, "lane": Lane.NORMAL, "state": MessageStatus.SENT, "sent_at": now}
        times = {"due_at": now, "created_at": now, "expires_at": now + timedelta(days=1)}
        session.add(Message(phone_id=phone, key=key, kind=kind, **row, **times, **about))

    def texts(self, phone: int, words: str, seconds: int) -> None:
        """Through all handlers, as a worker does it; the dialogue is kept as Redis keeps it."""
        self.clock.time += timedelta(seconds=seconds)
        self.texted += 1
        locked = LockedSession(self.dialogues.get(phone))
        with self.service.database.transaction() as session:
            number = session.get_one(Phone, phone).number
            inbox.receive(session, f"in-{self.texted}", number, words, self.clock.now())
        with self.service.database.transaction() as session:
            row = session.scalars(select(Inbound).order_by(Inbound.id.desc()).limit(1)).one()
            text = InboundSms(row.id, row.provider_id, number, words, row.at, row.written_at)
            if inbox.take(session, text) is inbox.Taken.NEW:
                router.answer(InboundContext(self.service, session, locked, text, parse_keyword(words)))
            inbox.done(session, text, self.clock.now())
        if locked.saved is not None:
            self.dialogues[phone] = locked.saved

    def count_requests(self) -> int:
        with self.service.database.reading() as session:
            return session.scalar(select(func.count()).select_from(HelpRequest)) or 0

    def has_answered(self, invited: Responder) -> bool:
        with self.service.database.reading() as session:
            return session.get_one(Responder, invited.id).answered_at is not None

    def what_was_said(self) -> dict[tuple[int, int], bool]:
        """What has changed in the answers to open requests, which the model then knows."""
        with self.service.database.reading() as session:
            rows = session.scalars(select(HelpRecipient)).all()
            now = {
                (one.request_id, one.responder.phone_id): one.answered_at is not None
                for one in rows
                if one.answered_at or one.declined_at
            }
        changed = {
            one: on_it for one, on_it in now.items() if self.said.get(one) is not on_it and one[0] not in self.closed
        }
        self.said |= now
        self.answers_hold()
        return changed

    def answers_hold(self) -> None:
        """While somebody is helping, and once we send it again, a request makes no more texts."""
        for whose in set(self.raised.values()):
            requests = self.open_of(*whose)
            if not requests:
                continue
            last = {phone: request for request in requests for phone in self.asked(request)}
            on_it = any(self.said.get((request, phone)) for phone, request in last.items())
            if on_it:
                self.frozen.setdefault(requests[-1], self.made(requests[-1])[requests[-1]])
            else:
                self.frozen.pop(requests[-1], None)

    def in_hand(self, request: int, phone: int) -> bool:
        """Whether a worker has this text, or had it when it ended: nobody knows whether it left."""
        causes = [f"help:{request}", f"help:{request}:again"]
        with self.service.database.reading() as session:
            rows = session.scalars(select(Message).where(Message.key.in_(causes), Message.phone_id == phone))
            return any(one.state in (MessageStatus.SENDING, MessageStatus.UNKNOWN) or one.repeats for one in rows)

    def may_hear(self, request: int, phone: int, *, resting: bool = True) -> bool:
        """Whether a help text of this request may go there, by what everybody said until now."""
        who, _practice = self.raised[request]
        awake = not resting or self.rests.get(phone, self.clock.now()) <= self.clock.now()
        return self.agrees(who, phone) and awake and phone not in self.stopped and (who, phone) not in self.never

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
        """Where two ask the same person at once, an answer says which of them it is for; a practice comes second."""
        digit = KEY.search(one.words)
        assert digit
        _who, practice = self.raised[request]
        for other in self.copies:
            waits = other.request not in self.closed and other.number in self.asked(other.request)
            waits = waits and self.may_hear(other.request, other.number, resting=False)  # not those who left
            of_another = self.raised[other.request] != self.raised[request]
            before = practice or not self.raised[other.request][1]
            if waits and of_another and before and other.number == one.phone_id:
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
        assert one.words.startswith("Only a practice") == self.raised[request][1]
        assert self.may_hear(request, one.phone_id), "a help text to somebody who did not agree to it now"
        assert (request, one.phone_id) not in self.said, "a second copy to who answered"
        if verdict not in (Verdict.RETRY, Verdict.FAILED):
            self.sent[request, one.phone_id] += 1
            assert self.sent[request, one.phone_id] <= 2, "a third copy"
            self.has_a_digit_of_its_own(request, one)
            accepted = told and verdict is Verdict.ACCEPTED
            given = f"ATXid_{one.id}_{one.attempt}"
            self.copies.append(Copy(request, one.id, one.phone_id, given, one.words, accepted))

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
        self.answers_hold()

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
        for who, practice in set(getattr(self, "raised", {}).values()):
            requests = self.open_of(who, practice)
            if not requests:
                continue
            with self.service.database.reading() as session:
                member = session.get_one(Member, self.members[who].id)
                case = request_states.open_case(session, member, practice=practice)
                assert case
                assert [one.id for one in case.requests] == requests
                seen = status.request_status(session, case, self.clock.now())
                assert seen
                phones = [person.responder.phone_id for person in case.people]
            assert len(seen["people"]) == len(phones) == len(set(phones))
            last = {phone: request for request in requests for phone in self.asked(request)}
            for phone, said in zip(phones, seen["people"], strict=True):
                self.is_true(requests, phone, said["state"], self.said.get((last[phone], phone)))

    def is_true(self, requests: list[int], phone: int, state: str, said: bool | None) -> None:
        assert (state == "answered") == (said is True)
        assert (state in ("declined", "left")) == (said is False)  # who left cannot, and is shown so
        if said is not None:
            return
        placed = self.placed(*requests)
        mine = [one for one in self.copies if one.message in placed and one.number == phone]
        told = [one for one in mine if one.accepted]
        ends = ["Success" if "Success" in one.reports else one.reports[0] for one in told if one.reports]
        assert (state == "delivered") == ("Success" in ends)
        on_air = [one for one in told if not one.reports]
        assert state != "sent" or on_air
        assert not (on_air and state in ("unsent", "lost", "going")), f"{state}, though the gateway took it"
        assert not (mine and state == "unsent"), "not sent, though it may have been read"


def test_what_goes_over_the_wire_about_help_is_what_people_agreed_to(sqlite_template: Any, redis_url: str) -> None:
    Help.template, Help.redis_url = sqlite_template, redis_url
    runs(Help, STEPS, 14)


class HelpOnPostgres(Help):
    """The same, on the database that carries the service."""


@pytest.mark.by_night
def test_the_same_on_the_database_that_carries_the_service(reused_postgres: stores.Reused, redis_url: str) -> None:
    HelpOnPostgres.made_anew, HelpOnPostgres.redis_url = [reused_postgres.as_made], redis_url
    runs(HelpOnPostgres, STEPS // 4, 3)


def runs(machine: type[Help], steps: int, least: int) -> None:
    """So many steps, or so many examples at least."""
    Help.steps = 0
    examples = max(steps // 50, least)
    run_state_machine_as_test(
        machine,
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
    assert Help.steps >= steps
