"""Consent, given and withdrawn: by responders, by the group's leader, and by the members who choose them."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from smsgate.conversations.sms import help
from smsgate.help import backup_leader, choices, invitations, plans, removal, responders
from smsgate.members import opt_out
from smsgate.models import Member, Phone, RoleAssignment
from tests.help.machine.knowledge import MEMBERS, OTHERS, PERSON
from tests.help.machine.truths import Truths


class Consent(Truths):
    """One method for each act; `consent_changes` is the rule that picks one at random."""

    def a_member_chooses_somebody(self, who: int, other: int) -> None:
        number = self.number(self.others[other])
        with self.service.database.transaction() as session:
            mine = session.get_one(Member, self.members[who].id)
            responders.invite(session, mine, number, f"{PERSON} {other}", self.clock.now())

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
                self.rests_end_with_the_last_choice()

    def who_leads_takes_help_or_not(self, on: bool) -> None:
        with self.service.database.transaction() as session:
            backup_leader.set_takes_help(session, session.get_one(RoleAssignment, self.appointment), on)
        self.takes_help = on

    def somebody_answers_an_invitation(self, other: int, yes: bool) -> None:
        phone = self.others[other]
        with self.service.database.transaction() as session:
            invited = next(iter(invitations.pending(session, phone, self.clock.now())), None)
            if invited is None:
                return
            responders.record_answer(session, phone, invited.id, "yes" if yes else "no", self.clock.now())
            if yes:
                self.agreed.add((self.who(invited.member_id), phone))

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
            self.rests_end_with_the_last_choice()
        elif awake is not None and awake > self.clock.now():
            self.rests.pop(phone, None)
        else:
            self.rests[phone] = self.clock.now() + timedelta(days=1)

    def rests_end_with_the_last_choice(self) -> None:
        """Take in that whoever is nobody's responder any more doesn't rest: a later yes counts at once."""
        chosen = {phone for _who, phone in self.agreed}
        self.rests = {phone: until for phone, until in self.rests.items() if phone in chosen}

    def somebody_says_stop_or_start(self, other: int, back: bool) -> None:
        phone = self.others[other]
        with self.service.database.transaction() as session:
            (opt_out.opt_in if back else opt_out.opt_out)(session, session.get_one(Phone, phone), self.clock.now())
        if back:
            self.stopped.discard(phone)
        else:
            self.stopped.add(phone)
            self.agreed -= {(who, phone) for who in MEMBERS}
            self.rests_end_with_the_last_choice()

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
