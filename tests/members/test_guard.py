"""What each channel lets people read and do in each of their states: the whole table, tried on the real service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.conversations import missed_calls
from smsgate.conversations.sessions import LockedSession
from smsgate.conversations.sms import router
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.conversations.sms.inbox import InboundSms
from smsgate.core.i18n import NO_WORDING
from smsgate.flows.checks import guard_page
from smsgate.flows.guard import TABLE, Access, Act, Channel, PersonState, access
from smsgate.flows.typed.keywords import parse_keyword
from smsgate.groups import wording
from smsgate.models import (
    CustomText,
    Group,
    HelpPlan,
    HelpRecipient,
    HelpRequest,
    HelpText,
    Meeting,
    Member,
    Membership,
    Message,
    Notice,
    Pin,
    Responder,
    lookup,
)
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.pins import WELCOME
from tests.support.stories import agrees, becomes, joins, plans

PAGE = Path(__file__).resolve().parents[2] / "docs" / "understand" / "guarding.md"
ASKS_HOLDER = "Have you had this phone number"
SECRETS = ("Tumaini", "hall", "Juma", "Fatuma", "umbrella", "25 Nov")
SINCE = {
    PersonState.REASSIGNED: "doubted_at",
    PersonState.OPTED_OUT: "stopped_at",
    PersonState.SILENT: "silent_at",
    PersonState.BLOCKED: "blocked_at",
}
STATES = [
    frozenset(states)
    for states in chain.from_iterable(combinations(PersonState, count) for count in range(len(PersonState) + 1))
]


@dataclass
class Story:
    """Amina, who has and does everything in the table."""

    service: Service
    amina: Phone
    juma: Phone
    said: list[str] = field(default_factory=list)

    def put(self, session: Session, states: frozenset[PersonState]) -> PhoneRow:
        """Put her number into exactly these states."""
        phone = lookup.find_phone(session, self.amina.number)
        assert phone is not None
        member = lookup.find_member(session, phone.id)
        assert member is not None
        for pin in session.scalars(select(Pin)).all():
            session.delete(pin)
        session.flush()
        if PersonState.PIN in states:
            session.add(Pin(member_id=member.id, first="x"))
        for state, column in SINCE.items():
            setattr(phone, column, self.service.now() if state in states else None)
        phone.told_blocked_at = phone.blocked_at  # as after the first screen, which says so once
        session.flush()
        return phone

    def texts(self, session: Session, words: str) -> list[str]:
        """Return the answers to a text of hers, handled in this session."""
        self.said.clear()
        text = InboundSms(1, "walk", self.amina.number, words, self.service.now())
        router.answer(InboundContext(self.service, session, LockedSession(None), text, parse_keyword(words)))
        session.flush()
        return list(self.said)


@pytest.fixture
def story(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group, meeting: Meeting, service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> Story:  # fmt: skip
    becomes(amina, service, group)
    amina.dials(None, "6", "3", "2")  # her texts may name the group
    agrees(amina, juma, "Juma")
    joins(fatuma, "Fatuma")
    agrees(fatuma, amina, "Amina")
    amina.texts("mytext Bring the blue umbrella")
    plans(amina, "Ways to send", "By text, with")
    amina.types("mvua")
    plans(amina, "Ways to send", "By missed call: off", "On")
    fatuma.dials(None, "1", "2")
    amina.hears("Please get in touch")
    made = Story(service, amina, juma)

    def says(_inbound: object, words: str, *_how: object) -> bool:
        made.said.append(words)
        return True

    monkeypatch.setattr(router, "_queue", says)
    return made


def count(session: Session, table: Any, *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def stopped(session: Session) -> bool:
    return count(session, PhoneRow, PhoneRow.stopped_at.is_not(None)) > 0


def helps(session: Session) -> bool:
    """Return whether Amina's own help text was sent."""
    rows = select(HelpRequest.id).join(Member).join(PhoneRow).where(Member.name == "Amina")
    return session.scalar(rows.where(HelpRequest.closed_at.is_(None)).limit(1)) is not None


def rests(session: Session) -> bool:
    return count(session, Responder, Responder.muted_until.is_not(None)) > 0


# By act: what she texts, and a check whether it was performed; None if only the answer shows it.
BY_SMS: Mapping[Act, tuple[str, Callable[[Session], bool] | None]] = {
    Act.STOP: ("STOP", stopped),
    Act.START: ("START", lambda session: not stopped(session)),
    Act.INFORM: ("INFO", None),
    Act.SEND_HELP: ("mvua", helps),
    Act.SAY_FINE: ("I'm fine", lambda session: not helps(session)),
    Act.COMFORT: ("I want to die", None),
    Act.ANSWER: ("1", lambda session: count(session, HelpRecipient, HelpRecipient.answered_at.is_not(None)) > 0),
    Act.READ: ("NEXT", None),
    Act.CHANGE: ("REST", rests),
    Act.LEAVE_GROUP: ("STOP 4521", lambda session: count(session, Membership) == 1),
    Act.LEAD: ("NOTICE Bring a cup", lambda session: count(session, Notice) > 0),
    Act.ERASE: ("ERASE", None),
}
CODES_AND_WORDS = (
    ("STOP 4521", "STOP 9999"), ("JOIN 4521", "JOIN 9999"), ("1234", "9999"), ("REST", "LEAVE"),
    ("4521", "9999"), ("*384*77*4521#", "*384*77*9999#"), ("join Tumaini", "join Faraja"),
)  # fmt: skip
ANSWERED = {
    Act.INFORM: "STOP",
    Act.COMFORT: "It is good that you wrote",
    Act.READ: "Wed 25 Nov",
    Act.ERASE: "Erase everything",
}


def test_the_walk_knows_every_act() -> None:
    assert set(BY_SMS) == set(TABLE[Channel.SMS])
    assert set(TABLE[Channel.MISSED_CALL]) == {Act.SEND_HELP, Act.READ}
    assert set(guard_page.ACTS) == set(Act)


def test_by_sms(story: Story) -> None:
    for states in STATES:
        for act, (words, done) in BY_SMS.items():
            if act is Act.START and not states & {PersonState.OPTED_OUT, PersonState.BLOCKED}:
                continue  # then START is a word like any other
            if act is Act.STOP and PersonState.OPTED_OUT in states:
                continue  # a repeated STOP is not confirmed again
            with story.service.database.rolled_back_session() as session:
                story.put(session, states)
                if act is Act.SAY_FINE:
                    story.texts(session, "mvua")
                said = story.texts(session, words)
                _holds(access(Channel.SMS, act, states), done, session, said, ANSWERED.get(act, ""), (act, states))


def _holds(
    may: Access, done: Callable[[Session], bool] | None, session: Session, said: list[str], answered: str, where: Any
) -> None:
    """Check that an act had exactly the effect that the table allows."""
    words = " ".join(said)
    performed = done(session) if done else answered in words and bool(words)
    assert performed == (may in (Access.FREE, Access.UNNAMED)), (where, may, said)
    if may is not Access.FREE:
        assert not [secret for secret in SECRETS if secret in words], (where, may, said)
    if may is Access.DIAL:
        assert "dial *384*77#" in words, (where, said)
    if may is Access.REFUSED:
        assert said == [], (where, said)


def test_what_is_answered_to_whom_a_pin_guards_does_not_depend_on_what_is_true_of_them(story: Story) -> None:
    """Otherwise anyone holding the phone could try codes and words, and learn which groups its owner is in."""
    for state in (PersonState.PIN, PersonState.REASSIGNED):
        for tried, other in CODES_AND_WORDS:
            with story.service.database.rolled_back_session() as session:
                story.put(session, frozenset({state}))
                assert story.texts(session, tried) == story.texts(session, other), (state, tried)


def test_by_a_missed_call(story: Story) -> None:
    for states in STATES:
        for act in TABLE[Channel.MISSED_CALL]:
            with story.service.database.rolled_back_session() as session:
                phone = story.put(session, states)
                plan = session.scalars(select(HelpPlan).where(HelpPlan.word.is_not(None))).one()
                plan.rings = act is Act.SEND_HELP
                before = set(session.scalars(select(Message.id)))
                missed_calls.answer(session, story.amina.number, story.service.now(), "*384*77#")
                rows = session.scalars(select(Message).where(Message.phone_id == phone.id, Message.id.not_in(before)))
                said = [row.words or "" for row in rows]
                done = helps if act is Act.SEND_HELP else None
                may = access(Channel.MISSED_CALL, act, states)
                _holds(may, done, session, said, "Wed 25 Nov", (act, states))


@pytest.mark.both_databases
def test_by_dialling(story: Story) -> None:
    """Check the first screen, and sending the help text from it, which the guard of the rest does not block."""
    for states in STATES:
        with story.service.database.transaction() as session:
            story.put(session, states)
        screen = story.amina.dials()
        read = access(Channel.USSD, Act.READ, states)
        starts = {Access.FREE: "1 Send my help text", Access.ASK_PIN: WELCOME, Access.ASK_HOLDER: ASKS_HOLDER}
        assert screen.startswith(starts[read]), (states, screen)
        if read is not Access.FREE:
            assert not [secret for secret in SECRETS if secret in screen]
        if read is Access.ASK_PIN:
            _without_the_pin(story.amina, states)


def _without_the_pin(amina: Phone, states: frozenset[PersonState]) -> None:
    screen = amina.types("1")
    if access(Channel.USSD, Act.SEND_HELP, states) is Access.ASK_HOLDER:
        assert screen.startswith(ASKS_HOLDER)
        return
    amina.sees("Type your PIN, or:")
    amina.picks("Send my text")
    amina.sees("Send it now?")
    amina.sees_not(*SECRETS)
    amina.dials(None, "1")
    amina.picks("I forgot it", "After 3 days")
    refused = access(Channel.USSD, Act.REMOVE_PIN, states) is Access.REFUSED
    amina.sees("That isn't possible right now" if refused else "It will be removed in 3 days")


def test_of_several_states_the_strictest_counts() -> None:
    both = (PersonState.PIN, PersonState.OPTED_OUT)
    assert access(Channel.SMS, Act.READ, both) is Access.REFUSED
    assert access(Channel.SMS, Act.LEAVE_GROUP, both) is Access.DIAL
    assert access(Channel.MISSED_CALL, Act.CHANGE, ()) is Access.REFUSED  # not by that channel


def test_sending_help_is_never_barred_and_stop_never_guarded() -> None:
    for states in STATES:
        for channel in Channel:
            assert access(channel, Act.SEND_HELP, states) not in (Access.REFUSED, Access.DIAL, Access.ASK_PIN)
        assert access(Channel.SMS, Act.STOP, states) is Access.FREE
        assert access(Channel.SMS, Act.SAY_FINE, states) in (Access.FREE, Access.UNNAMED)


def test_the_page_tells_the_table(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("write_conversations"):
        PAGE.write_text(guard_page.page(), "utf-8")
    assert PAGE.read_text("utf-8") == guard_page.page()


def test_words_are_there_to_be_guarded(story: Story) -> None:
    with story.service.database.reading() as session:
        assert session.scalars(select(HelpText.words)).all() == ["Bring the blue umbrella"]


@pytest.mark.parametrize("state", [PersonState.PIN, PersonState.REASSIGNED])
def test_a_groups_own_words_are_not_read_by_others(state: PersonState, story: Story, group: Group) -> None:
    with story.service.database.rolled_back_session() as session:
        phone = story.put(session, frozenset())
        words = CustomText(group_id=group.id, language="en", text="", words=["Tumaini"], at=story.service.now())
        session.add(words)
        session.flush()
        session.get_one(Group, group.id).wording = words.id
        session.flush()
        assert wording.wording_of_member(session, phone.member) is not NO_WORDING
        story.put(session, frozenset({state}))
        assert wording.wording_of_member(session, phone.member) is NO_WORDING
