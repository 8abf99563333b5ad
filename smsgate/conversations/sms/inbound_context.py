"""One incoming text, and what its handlers may ask about its sender."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import structlog
from sqlalchemy.orm import Session

from smsgate.conversations.sessions import LockedSession, PhoneSession
from smsgate.conversations.sms import distress_phrases, inbox
from smsgate.conversations.sms.inbox import InboundSms
from smsgate.core.config import Settings
from smsgate.core.i18n import NO_WORDING, SOURCE, Wording, speaking
from smsgate.flows.guard import Access, Act, Channel, PersonState, access
from smsgate.flows.menu import NEVER_HELD_UP
from smsgate.flows.typed.answer_words import AnswerReading, read_answer
from smsgate.flows.typed.codes_in_texts import read_bare_code, read_name
from smsgate.flows.typed.keywords import Intent, Keyword, language_told
from smsgate.groups import wording
from smsgate.help import names
from smsgate.members import guard
from smsgate.models import Member, Phone, lookup
from smsgate.outbox import limits
from smsgate.outbox.limits import Cause, Caused
from smsgate.service import Service
from smsgate.surveys import surveys

log = structlog.get_logger()

LONGEST_ANSWER = 2  # segments of a menu


GO_ON = ("own", *NEVER_HELD_UP)  # dialogues that go on after another question: surveys, and those that help
ANSWERS = (None, Intent.YES, Intent.NO, Intent.FINE, Intent.NOTICE)  # no keyword, or one that may be an answer


@dataclass
class InboundContext:
    """A text in the transaction that handles it. What is known about the sender is loaded when first needed."""

    service: Service
    session: Session
    locked: LockedSession  # the sender's dialogue by SMS
    inbound_sms: InboundSms
    keyword: Keyword | None

    @cached_property
    def now(self) -> datetime:
        """When the handling began, in UTC."""
        return self.service.now()

    @property
    def settings(self) -> Settings:
        """The service's settings."""
        return self.service.settings

    @property
    def service_code(self) -> str:
        """What is dialled for the menu."""
        return self.settings.service_code

    @property
    def number(self) -> str:
        """The sender's number, E.164."""
        return self.inbound_sms.number

    @property
    def words(self) -> str:
        """The text as it was written."""
        return self.inbound_sms.words

    @property
    def written_at(self) -> datetime:
        """When the text was written at the latest: it doesn't answer later questions."""
        return self.inbound_sms.written_at or self.inbound_sms.at

    @property
    def intent(self) -> Intent | None:
        """What the keyword asks for; None for a text without one."""
        return self.keyword.intent if self.keyword else None

    @cached_property
    def phone(self) -> Phone:
        """The sender's row; created again if the number was erased since the text came in."""
        return lookup.ensure_phone(self.session, self.number, self.now)

    @cached_property
    def member(self) -> Member | None:
        """The sender as a member."""
        return lookup.find_member(self.session, self.phone.id)

    @cached_property
    def states(self) -> frozenset[PersonState]:
        """The states that decide what the sender may read and do."""
        return guard.states_of(self.session, self.phone, self.member, self.now)

    def access(self, act: Act) -> Access:
        """Return the sender's access to this act by SMS."""
        return access(Channel.SMS, act, self.states)

    def is_free(self, act: Act) -> bool:
        """Return whether the sender may do this by SMS, and read about it by name."""
        return self.access(act) is Access.FREE

    @property
    def may_be_another(self) -> bool:
        """True if a question by text can't be answered by text, because someone else may have the number."""
        return not self.is_free(Act.ANSWER)

    @property
    def must_dial(self) -> bool:
        """True if nothing personal may be read or changed by SMS, but only behind the first screen of a call.

        A number that opted out can only have itself erased.
        """
        act = Act.ERASE if PersonState.OPTED_OUT in self.states else Act.READ
        return self.access(act) is Access.DIAL

    @property
    def language(self) -> str:
        """The language that the sender chose, else that of what they wrote, else that in which they were asked."""
        return self.phone.language or language_told(self.words) or self._asked_in or SOURCE

    @property
    def _asked_in(self) -> str | None:
        return self.session.scalar(names.asked_in(self.phone.id))

    def learn_language(self) -> None:
        """Save the language of an answer from a sender who has chosen none."""
        if self.phone.language is None and (told := language_told(self.words)):
            self.phone.language = told

    @cached_property
    def wording(self) -> Wording:
        """The words of the sender's only group; the service's own if others must not see that they are in one."""
        return NO_WORDING if self.must_dial else wording.wording_of_member(self.session, self.member)

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Speak to the sender inside the block."""
        with speaking(self.language, self.wording):
            yield

    @cached_property
    def distress_language(self) -> str:
        """The language in which the text speaks of despair; "" for any other text, and for keywords."""
        is_free_text = self.intent in (None, Intent.NOTICE, Intent.FIND)
        return distress_phrases.spoken(self.words) if is_free_text else ""

    def reading(self, names: str = "") -> AnswerReading:
        """Return what the text answers, by a key or in words; it may contain the `names` of the person who asked."""
        return read_answer(self.words, names)

    @cached_property
    def asks_for_something(self) -> bool:
        """True if the text asks for something of its own, whatever question waits: a room, a code, a survey."""
        if self.intent not in ANSWERS:
            return True
        if self.intent in (Intent.YES, Intent.NO):
            return False
        by_code = read_bare_code(self.words, self.service_code) or read_name(self.words) is not None
        return bool(by_code or surveys.by_keyword(self.session, self.member, self.words))

    @cached_property
    def dialogue(self) -> PhoneSession | None:
        """The sender's open dialogue, if any. A menu is no longer open once a text has asked something else."""
        stored = self.locked.stored
        if stored is None or stored.ended:
            return None
        is_menu = stored.asked is not None and stored.asked.choice and stored.caller.start not in GO_ON
        if is_menu and inbox.was_asked(self.session, self.phone.id, stored.asked_at, self.written_at):
            return None
        return stored

    @property
    def words_are_asked_for(self) -> bool:
        """True if the dialogue asks for something to be typed, so that any words may be the answer."""
        asked = self.dialogue.asked if self.dialogue else None
        return asked is not None and not asked.choice

    @cached_property
    def is_echo(self) -> bool:
        """True if this may be the previous text, resent by a network without dates after we asked a question."""
        return self.dialogue is not None and inbox.may_be_echo(self.session, self.inbound_sms, self.dialogue.asked_at)

    @property
    def is_unread(self) -> bool:
        """True if the dialogue's last question was asked after the text was written."""
        return self.dialogue is not None and self.dialogue.asked_at > self.written_at.timestamp()

    @cached_property
    def is_overtaken(self) -> bool:
        """True if the dialogue was begun or continued by a text that was written after this one: they hadn't met."""
        return self.is_unread and inbox.is_out_of_order(self.session, self.inbound_sms)

    @cached_property
    def last_question_at(self) -> float:
        """When the dialogue asked the last question that the writer knew, in seconds since the epoch; 0 without one.

        If they had not read that question, it is when they wrote their text before this one: they wrote on, in order.
        """
        if self.dialogue is None or not self.is_unread:
            return self.dialogue.asked_at if self.dialogue else 0.0
        before = inbox.previous_written_at(self.session, self.inbound_sms)
        return before.timestamp() if before else 0.0

    @cached_property
    def acts_known_until(self) -> datetime:
        """When the sender did the last thing that they had done before writing this, at the latest.

        What an earlier text of theirs did counts, however late both were handled.
        """
        handled_at = inbox.earlier_handled_at(self.session, self.inbound_sms)
        return max(handled_at or self.written_at, self.written_at)

    @cached_property
    def is_spent(self) -> bool:
        """True if the number has used up its answers for now: there is no room for another whole one."""
        caused = Caused(Cause.REPLY, self.number)
        if limits.has_room(self.session, caused, self.now, target=self.phone, amount=LONGEST_ANSWER):
            return False
        log.warning("number_paused", inbound=self.inbound_sms.id)
        return True

    def hint(self, words: str) -> str:
        """Return an answer that only explains; "" for someone who has used up theirs."""
        return "" if self.is_spent else words
