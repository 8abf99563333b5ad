"""What members do with their help requests, and how recipients answer with the digits that they read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from sqlalchemy import update

from smsgate.conversations.sms import questions, responses
from smsgate.flows.help.plan import EscalationStep
from smsgate.gateways import Verdict
from smsgate.help import backup_leader, endings, plans, request_states
from smsgate.help import requests as help_requests
from smsgate.members import leaving
from smsgate.models import Group, Lane, Member, Phone, Responder, Role, RoleAssignment
from smsgate.outbox import keys
from tests.help.machine.consent import Consent
from tests.help.machine.knowledge import ALONG, GROUP, KEY, MEMBERS, OTHERS, WORD, WORDS
from tests.help.machine.workers import HOW, HOW_IF

TOO_OFTEN = "You changed your answer often today"  # each change costs texts


class Requests(Consent):
    """Requests are planned, sent, sent again, practised, answered, cancelled and ended."""

    @initialize()
    def people(self) -> None:
        group = self.outbox.group()
        assert group.name == GROUP
        self.group_id = group.id
        self.members = [self.outbox.member(group) for _one in MEMBERS]
        self.others = [self.outbox.phone().id for _one in OTHERS]
        self.leader = self.outbox.member(group).phone_id
        with self.service.database.transaction() as session:  # so that all are texted in one language
            session.execute(update(Phone).where(Phone.id.in_([*self.others, self.leader])).values(language="en"))
        now = self.clock.now()
        row = {"role": Role.FACILITATOR, "since": now, "until": now + timedelta(days=365), "takes_help": True}
        self.appointment = self.outbox.adds(RoleAssignment(group_id=group.id, phone_id=self.leader, **row)).id
        for who, others in ((0, (0, 1, 2)), (1, (1, 2))):
            self.a_member_prepares(who)
            for other in others:
                self.a_member_chooses_somebody(who, other)
                self.somebody_answers_an_invitation(other, True)
        assert len(self.agreed) == 5
        self.a_member_plans(0, [EscalationStep.NEXT, EscalationStep.LEADER], 5, 0, True)
        self.a_member_plans(1, [EscalationStep.AGAIN], 5, 0, False)
        assert self.turned_to == {0}

    def a_member_prepares(self, who: int) -> None:
        """Prepare words that nobody else may read on the phone, and a word that sends them."""
        with self.service.database.transaction() as session:
            mine = session.get_one(Member, self.members[who].id)
            mine.discreet = False  # texts may name the group, but not on a guarded phone
            session.get_one(Phone, mine.phone_id).language = "en"
            plans.save_text(session, mine, WORDS, self.clock.now())
            plans.save_extra_info(session, mine, "helps", ALONG)
            session.flush()
            assert plans.set_send_keyword(session, mine, WORD) == ""

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
        self.then[who] = " ".join(then)

    @rule(who=st.sampled_from(MEMBERS), practice=st.sampled_from([False, False, True]), how=HOW_IF)
    def a_member_sends(self, who: int, practice: bool, how: Any) -> None:
        """A worker may take it at once; the word by SMS follows right after the key."""
        self.sends(who, practice)
        failed = self.has_failed(who, practice)
        assert not self.sends(who, practice, again=False) or failed, "the same wish by two ways makes two requests"
        if how is not None:
            self.a_worker_claims_at_once(how)

    def has_failed(self, who: int, practice: bool) -> bool:
        """Return whether it certainly reached nobody, so that the word sends it again."""
        with self.service.database.reading() as session:
            case = request_states.open_case(session, session.get_one(Member, self.members[who].id), practice=practice)
            return case is not None and case.has_failed

    def sends(self, who: int, practice: bool, *, again: bool = True) -> list[int]:
        options = help_requests.HelpOptions(practice=practice, again=again)
        with self.service.database.transaction() as session:
            mine = session.get_one(Member, self.members[who].id)
            help_requests.raise_help(session, mine, self.clock.now(), options)
        return self.learns_what_was_raised(who, practice)

    @rule(
        who=st.sampled_from(MEMBERS),
        first=HOW,
        second=HOW_IF,
        answer=st.sampled_from([None, None, True, True, False]),
        leaves=st.sampled_from([None, None, "leave", "rest", "stop"]),
        seconds=st.sampled_from([61, 301, 1801]),
    )
    def a_request_goes_its_way(
        self, who: int, first: Any, second: Any, answer: bool | None, leaves: str | None, seconds: int
    ) -> None:
        """A sequence that rarely comes about by chance: whoever answers may leave right after."""
        self.sends(who, False)
        for how in (first, second):
            if how is not None:
                self.a_worker_claims_at_once(how)
                self.all_holds()
        if answer is not None:
            self.somebody_answers_with_the_digit_they_read(0, answer)
            self.all_holds()
        if leaves and self.copies and self.copies[-1].number in self.others:
            self.consent_changes(who, self.others.index(self.copies[-1].number), leaves, True)
            self.all_holds()
        self.time_passes(seconds, Verdict.ACCEPTED)
        self.all_holds()
        self.time_passes(seconds, second)

    @rule(who=st.sampled_from(MEMBERS), turns=st.sampled_from(["asked", "takes none", "undone"]), how=HOW)
    def nobody_answers_so_the_leader_is_next(self, who: int, turns: str, how: Any) -> None:
        """A leader who no longer takes help texts, or is no longer chosen, is not asked; otherwise they are."""
        self.who_leads_takes_help_or_not(True)
        self.a_member_plans(who, [EscalationStep.LEADER], 5, 0, True)
        if turns == "undone":
            self.a_member_plans(who, [EscalationStep.LEADER], 5, 0, False)
        self.who_leads_takes_help_or_not(turns != "takes none")
        made = self.sends(who, False)
        self.a_worker_claims_at_once(how)
        self.time_passes(301, Verdict.ACCEPTED)
        mine = self.open_of(who, False)
        helped = any(on_it for (request, _phone), on_it in self.said.items() if request in mine)
        if made and not helped and self.may_be_asked(who, self.leader):
            assert self.leader in self.asked(*made), "the leader was promised, and is not asked"

    @rule(
        who=st.sampled_from(MEMBERS),
        practice=st.sampled_from([False, False, True]),
        back=st.booleans(),
        just_sent=st.booleans(),
        in_hand=st.booleans(),
    )
    def a_member_is_fine(self, who: int, practice: bool, back: bool, just_sent: bool, in_hand: bool) -> None:
        """Or they cancel what was sent last, maybe while a worker is sending it."""
        if just_sent:
            self.sends(who, practice)
        claimed = self.claims(Lane.URGENT, 10) if in_hand else []
        self.they_are_fine(who, practice, back)
        self.calls(claimed, Verdict.ACCEPTED)

    def they_are_fine(self, who: int, practice: bool, back: bool) -> None:
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
            # Someone who read it may be off the list by now, so nobody can be told; it was read all the same.
            anybody = bool(self.reached(*mine))
            assert bool(read) <= end.was_read <= anybody, "nobody was told, though somebody may have read it"
            told = {phone for phone in read if self.agrees(who, phone)}
            assert len(told) <= end.told <= len(told | (read & {self.leader}))  # also a leader who is no longer asked
            self.everybody_heard(who, mine, read)
        for request in over:
            self.ends(request)

    def everybody_heard(self, who: int, requests: list[int], read: set[int]) -> None:
        """Check that everyone who may have read one of these was told that it is over."""
        over = [keys.fine_now(requests[-1]), keys.help_over(requests[-1])] if requests else []
        for phone in read:
            told = any(self.heard(phone, key) for key in over)
            assert told or not self.agrees(who, phone) or self.is_deaf(phone), "an end that nobody told"

    def end_of(self, who: int, practice: bool, *, back: bool) -> endings.EndResult:
        with self.service.database.transaction() as session:
            mine = session.get_one(Member, self.members[who].id)
            if back:
                return endings.take_back(session, mine, self.clock.now())
            return endings.report_fine(session, mine, self.clock.now(), practice=practice)

    @rule(who=st.sampled_from(MEMBERS), how=HOW_IF)
    def a_member_is_erased(self, who: int, how: Any) -> None:
        """Everyone who may have read their text is told; then someone else starts in their place."""
        if how is not None:
            self.sends(who, False)
            self.a_worker_claims_at_once(how)
        mine = {kind: self.open_of(who, kind) for kind in (False, True)}
        read = {kind: self.read(*requests) for kind, requests in mine.items()}
        with self.service.database.transaction() as session:
            leaving.leave_service(session, session.get_one(Member, self.members[who].id), self.clock.now())
        for kind, requests in mine.items():
            self.everybody_heard(who, requests, read[kind])
        self.somebody_begins_in_their_place(who)

    def somebody_begins_in_their_place(self, who: int) -> None:
        phone = self.members[who].phone_id
        for request in [*self.open_of(who, False), *self.open_of(who, True)]:
            self.ends(request)
        self.agreed = {pair for pair in self.agreed if pair[0] != who}
        self.rests_end_with_the_last_choice()
        self.never = {pair for pair in self.never if pair[0] != who}
        self.turned_to.discard(who)
        self.rings.discard(who)
        self.then[who] = ""
        self.handsets.pop(phone, None)
        with self.service.database.reading() as session:
            self.members[who] = self.outbox.member(session.get_one(Group, self.group_id))
        self.a_member_prepares(who)
        for other in (1, 2):
            self.a_member_chooses_somebody(who, other)
            self.somebody_answers_an_invitation(other, True)

    @rule(which=st.integers(0, 3), yes=st.booleans(), in_words=st.sampled_from([False, False, True]))
    def somebody_answers_with_the_digit_they_read(self, which: int, yes: bool, in_words: bool = False) -> None:
        """Someone answers by a text's digit, or in words; the answer goes to the sender of that text, or to nobody."""
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
            reply = responses.answer(inbound, waiting) or questions.tell_over(inbound, inbound.reading())
        before = dict(self.said)
        if invited is not None and self.has_answered(invited):  # the answer was for a newer invitation
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
            too_often = yes and TOO_OFTEN in (reply or "") and before.get((newest, copy.number)) is False
            counts = taken_by_another or too_often or self.said.get((newest, copy.number)) is yes
            assert counts, "an answer that does not count"
            assert all(self.in_hand(*one) for one in taken_by_another), "an answer went elsewhere"
        elif not changed:
            assert reply, "an answer to what is over reads a menu"

    def has_answered(self, invited: Responder) -> bool:
        with self.service.database.reading() as session:
            return session.get_one(Responder, invited.id).answered_at is not None
