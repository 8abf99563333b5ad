"""Dialling and missed calls, on phones that have a PIN, block us, or may have been reassigned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select

from smsgate import create_app
from smsgate.conversations import missed_calls
from smsgate.core import i18n
from smsgate.flows.help.plan import EscalationStep
from smsgate.help import plans
from smsgate.members import number_reassignment, pins
from smsgate.models import DoNotContact, HelpPlan, HelpRequest, Member, Message, Phone, Pin, Responder
from smsgate.models.lookup import find_phone
from smsgate.outbox import limits
from tests.help.machine.knowledge import CANARIES, CODE, MEMBERS, WORD
from tests.help.machine.texts import Texts
from tests.support.people import Phone as Handset
from tests.support.pins import PIN


def in_every_language(*texts: str | tuple[str, str]) -> set[str]:
    """Return these labels, or the beginnings of sentences with a number: a caller may choose another language."""
    said: set[str] = set()
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            for text in texts:
                forms = [i18n._(text)] if isinstance(text, str) else [i18n.ngettext(*text, count) for count in (1, 2)]
                said.update(form.split("{")[0].rstrip() for form in forms)
    return said


SENDS = {False: in_every_language("Yes, send it now"), True: in_every_language("Yes, practise")}
SENT = in_every_language(
    ("Your text is on its way to {count} person.", "Your text is on its way to {count} people."),
    ("A practice is on its way to {count} person.", "A practice is on its way to {count} people."),
    "It will be sent in {count} seconds, even if this call drops.",
    "We are asking your group leader now.",
)
STEPS_TO_SEND = (in_every_language("Send my help text"), SENDS[False])
KEYS = ("1", "1", "2", "2", "2", "3", "3", "4", "9", "0", "00", "98", PIN)
FIRST_KEYS = ((), ("1",), ("1", "1"), ("1", "1"), ("1", "2"), ("1", "3"), ("3",), ("4",))
PROBES = ("menu", "next", "mytext", "rest", "leave", "stop 4521", "notice 4521 hello", "name Asha", "who are you", "2")
REPEAT_AFTER, HOUR, OFTEN = timedelta(minutes=10), timedelta(hours=1), 3
NEARLY = timedelta(seconds=5)  # this close to a time limit the machine expects nothing


class Phones(Texts):
    """Keys send only if the screen says so, missed calls only if switched on, and only once; and guards hold."""

    client: FlaskClient | None = None

    # Guards of a phone.

    @rule(
        who=st.sampled_from(MEMBERS),
        what=st.sampled_from(["PIN", "PIN", "no PIN", "doubt", "no doubt", "blocked", "not blocked"]),
        probes=st.lists(st.sampled_from(PROBES), max_size=2),
    )
    def a_phone_is_guarded(self, who: int, what: str, probes: list[str]) -> None:
        """Guard a phone; whoever picks it up then tries these texts."""
        phone = self.members[who].phone_id
        with self.service.database.transaction() as session:
            row, mine = session.get_one(Phone, phone), session.get_one(Member, self.members[who].id)
            match what:
                case "PIN":
                    pins.set_pin(session, mine, pins.hash_pin(PIN))
                case "no PIN":
                    pins.remove_pin(session, mine)
                case "doubt":
                    number_reassignment.mark_as_reassigned(session, [phone], self.clock.now())
                case "no doubt":
                    number_reassignment.resolve_reassignment(session, row, True, self.clock.now())
                case "blocked" | "not blocked":
                    row.blocked_at = self.clock.now() if what == "blocked" else None
        self.learns_what_guards(phone)
        for words in probes if phone in self.guarded else ():
            self.texts(phone, words, 7)

    def learns_what_guards(self, phone: int) -> None:
        """Take in what guards a phone: a PIN or doubt; a doubted or blocked number gets no texts."""
        with self.service.database.reading() as session:
            row = session.get(Phone, phone)
            pin = select(Pin.id).join(Member, Member.id == Pin.member_id).where(Member.phone_id == phone)
            doubted, blocked = row is not None and row.doubted_at, row is not None and row.blocked_at
            locked = session.scalar(pin) is not None
        (self.locked.add if locked else self.locked.discard)(phone)
        (self.guarded.add if locked or doubted else self.guarded.discard)(phone)
        (self.unreached.add if doubted or blocked else self.unreached.discard)(phone)

    # Dialling.

    def handset(self, who: int) -> Handset:
        phone = self.members[who].phone_id
        self.client = self.client or create_app(self.service).test_client()
        return self.handsets.setdefault(phone, Handset(self.client, self.service, self.number(phone)))

    @rule(
        who=st.sampled_from(MEMBERS),
        first=st.sampled_from(FIRST_KEYS),
        then=st.lists(st.sampled_from(KEYS), min_size=1, max_size=4),
        anew=st.booleans(),
    )
    def a_member_presses_any_keys(self, who: int, first: tuple[str, ...], then: list[str], anew: bool) -> None:
        """A help text is sent only if the last screen said so, and never by pressing one key twice.

        With `anew`, no request is open before.
        """
        if anew:
            self.they_are_fine(who, False, False)
        keys = [*first, *then]
        phone, handset = self.members[who].phone_id, self.handset(who)
        with self.ends_are_told(phone):
            handset.dials()
            for number, key in enumerate(keys):
                if not handset.in_a_call:
                    break
                asked = handset.handset.screen
                shown = handset.types(key)
                self.sends_as_it_says(who, asked, key, shown, twice=bool(number) and keys[number - 1] == key)
                if phone in self.locked and PIN not in keys:
                    assert not [one for one in CANARIES if one in shown], f"a guarded phone shows {shown!r}"
                self.clock.time += timedelta(seconds=3)
            handset.drops()
            self.learns_what_was_keyed(who)

    def sends_as_it_says(self, who: int, asked: str, key: str, shown: str, *, twice: bool) -> None:
        if self.unknown_requests():
            self.learns_what_ended()  # by earlier keys
        for request in self.learns_what_was_raised(who, False, True):
            practice = self.raised[request][1]
            labels = {f"{key} {label}" for label in SENDS[practice]}
            assert labels.intersection(asked.splitlines()), f"{key} sent, on the screen {asked!r}"
            assert not twice or practice, "one key pressed twice sent a help text"
            assert any(words in shown for words in SENT), f"sent, and the screen says {shown!r}"

    def learns_what_was_keyed(self, who: int) -> None:
        """Take in what a member's keys changed: their plan, list and guards, and only their own consent."""
        member, phone = self.members[who].id, self.members[who].phone_id
        with self.service.database.reading() as session:
            gone = session.get(Member, member) is None
            rows = select(Responder.phone_id, Responder.backup, Responder.undone_at, Responder.agreed)
            mine = session.execute(rows.where(Responder.member_id == member)).all()
            plan = session.scalars(select(HelpPlan).where(HelpPlan.member_id == member)).first()
            never = session.scalars(select(DoNotContact.number).where(DoNotContact.member_id == member)).all()
            blocked = {found.id for number in never if (found := find_phone(session, number))}
        self.agreed_by_key(phone)
        self.learns_what_guards(phone)
        self.what_was_said()
        if gone:
            self.somebody_begins_in_their_place(who)
            return
        yes = {one.phone_id for one in mine if one.agreed == "yes" and not one.backup}
        assert all((who, one) in self.agreed for one in yes), "consent that nobody gave"
        chose = any(one.phone_id == self.leader and one.backup and one.undone_at is None for one in mine)
        (self.turned_to.add if chose else self.turned_to.discard)(who)
        self.agreed = {pair for pair in self.agreed if pair[0] != who} | {(who, one) for one in yes}
        self.rests_end_with_the_last_choice()
        self.never = {pair for pair in self.never if pair[0] != who} | {(who, one) for one in blocked}
        self.then[who] = plan.then if plan else ""
        (self.rings.add if plan and plan.rings else self.rings.discard)(who)

    def agreed_by_key(self, phone: int) -> None:
        """Take in what someone answered for themselves under "Who chose me"."""
        said = {(self.who(member), phone) for member in self.consents_of(phone).values()}
        self.agreed = {pair for pair in self.agreed if pair[1] != phone} | said
        self.rests_end_with_the_last_choice()

    # Missed calls.

    @rule(
        who=st.sampled_from(MEMBERS),
        on=st.sampled_from([True, True, False, None]),
        times=st.integers(1, 4),
        seconds=st.sampled_from([2, 70, 400]),
        then=st.sampled_from([None, None, "off", "FINE", "usitume", "I am fine now"]),
    )
    def a_member_rings(self, who: int, on: bool | None, times: int, seconds: int, then: str | None) -> None:
        """Ring several times; each time, the member may cancel what the call started."""
        if on is not None:
            self.a_member_switches_ringing(who, on)
        for _time in range(times):
            made = self.rings_once(who)
            if then == "off":
                self.a_member_switches_ringing(who, False)
            elif then and made:
                self.texts(self.members[who].phone_id, then, 7)
                self.is_taken_back(made, then)
            self.clock.time += timedelta(seconds=seconds)

    @rule(who=st.sampled_from(MEMBERS), on=st.booleans())
    def a_member_switches_ringing(self, who: int, on: bool) -> None:
        """Check that switching missed calls off within the minute stops what one has started."""
        mine = self.open_of(who, False)
        waits = [one for one in mine[-1:] if one in self.rung and self.due[one] > self.clock.time + NEARLY]
        with self.service.database.transaction() as session:
            member = session.get_one(Member, self.members[who].id)
            plans.set_missed_call(session, member, on)
            session.flush()
            if not on:
                missed_calls.take_back(session, member, self.clock.now())
        (self.rings.add if on else self.rings.discard)(who)
        self.learns_what_ended()
        assert on or self.closed.issuperset(waits), "switched off within the minute, and still sent"

    def rings_once(self, who: int) -> list[int]:
        phone, now = self.members[who].phone_id, self.clock.time
        expected, waits = self.would_send(who, now), self.waits_in_its_pause(who, now)
        answered_lately = self.newest_answer(phone, now - REPEAT_AFTER - NEARLY, but="missed_call:sent")
        self.does(lambda session, at: missed_calls.answer(session, self.number_in(session, phone), at, CODE))
        made = self.learns_what_was_raised(who, False)
        self.rung.update(made)
        assert not made or who in self.rings, "a ring that sends, although it is not switched on"
        assert expected is None or bool(made) is expected, (
            "a ring that was to send and does not, or the other way round"
        )
        if self.newest_answer(phone, now):
            self.guards_what_is_guarded(phone, self.reply_with(phone, "missed_call:"))
        if who in self.rings and not made and not waits and not answered_lately and phone not in self.unreached:
            assert self.newest_answer(phone, now) or self.is_spent(phone), "a ring that was to send and says nothing"
        return made

    def is_spent(self, phone: int) -> bool:
        """Return whether this number has used up the answers that it can get for now."""
        caused = limits.Caused(limits.Cause.REPLY, self.number(phone))
        with self.service.database.reading() as session:
            return not limits.has_room(session, caused, self.clock.time, target=session.get_one(Phone, phone))

    @staticmethod
    def number_in(session: Any, phone: int) -> str:
        return str(session.get_one(Phone, phone).number)

    def would_send(self, who: int, now: datetime) -> bool | None:
        """Return whether a missed call should send a help text now; None if too close to a time limit to tell."""
        if who not in self.rings:
            return False
        with self.service.database.reading() as session:
            rows = select(HelpRequest).where(HelpRequest.member_id == self.members[who].id, ~HelpRequest.practice)
            requests = session.scalars(rows.order_by(HelpRequest.id)).all()
        ages = [now - one.raised_at for one in requests]
        newest_open = [now - one.raised_at for one in requests if one.closed_at is None][-1:]
        if any(abs(age - limit) < NEARLY for age in ages for limit in (REPEAT_AFTER, HOUR)):
            return None
        if newest_open and newest_open[0] < REPEAT_AFTER and not self.has_failed(who, False):
            return False
        back = [one.closed_at and one.leaves_at and one.closed_at < one.leaves_at for one in requests]
        if sum(age < HOUR and not taken for age, taken in zip(ages, back, strict=True)) >= OFTEN:
            return False
        leader = EscalationStep.LEADER in self.then[who].split() and self.may_be_asked(who, self.leader)
        return leader or any(self.may_be_asked(who, one) for pair_who, one in self.agreed if pair_who == who)

    def waits_in_its_pause(self, who: int, now: datetime) -> bool:
        return any(self.due[request] > now for request in self.open_of(who, False)[-1:])

    def newest_answer(self, phone: int, since: datetime, but: str = "-") -> int | None:
        """Return the newest answer to a missed call since then, if any, except those whose keys begin with `but`."""
        rows = select(Message.id).where(Message.phone_id == phone, Message.key.startswith("missed_call:"))
        with self.service.database.reading() as session:
            rows = rows.where(~Message.key.startswith(but))
            return session.scalar(rows.where(Message.created_at >= since).order_by(Message.id.desc()).limit(1))

    # Several ways at once.

    @rule(
        who=st.sampled_from(MEMBERS),
        ways=st.lists(st.sampled_from(["keys", "word", "ring"]), min_size=2, max_size=3),
        seconds=st.sampled_from([0, 6, 15]),
    )
    def a_member_sends_by_two_ways(self, who: int, ways: list[str], seconds: int) -> None:
        """The same wish by SMS, USSD and missed call raises at most one request."""
        before = len(self.raised)
        for way in ways:
            match way:
                case "keys":
                    self.sends_by_keys(who)
                case "word":
                    self.texts_the_word(who)
                case "ring":
                    self.rings_once(who)
            self.clock.time += timedelta(seconds=seconds)
        assert len(self.raised) <= before + 1, "one wish, two requests"

    def sends_by_keys(self, who: int) -> None:
        handset = self.handset(who)
        handset.dials()
        for labels in STEPS_TO_SEND:
            asked = handset.handset.screen
            line = next((line for line in asked.splitlines() if any(label in line for label in labels)), "")
            if line and handset.in_a_call:
                self.sends_as_it_says(who, asked, line.split()[0], handset.types(line.split()[0]), twice=False)
        handset.drops()

    def texts_the_word(self, who: int) -> None:
        phone = self.members[who].phone_id
        self.texts(phone, WORD, 6)
        self.learns_what_was_raised(who, False)
