"""Help by SMS: a member's word that sends, words of their own; a responder's yes, not now, rest and leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from smsgate.conversations.sms.notices import Letter
from smsgate.core.i18n import ngettext
from smsgate.flows import sms
from smsgate.flows.help.texts import LONGEST, full
from smsgate.flows.keywords import Heard, Intent, plainly
from smsgate.help import plans, requests, responders
from smsgate.help.names import member_name
from smsgate.models import HelpRecipient, Member, Message, Responder


@dataclass(frozen=True)
class Asked:
    """What this number was asked by us and has not answered: help texts and an invitation, the newest first."""

    asks: list[HelpRecipient]
    invited: Responder | None
    at: dict[int, datetime]  # of the asks

    def times(self) -> list[datetime]:
        """When each of them was asked."""
        return [*self.at.values(), *([self.invited.asked_at] if self.invited else [])]


def asked(letter: Letter, newest: float) -> Asked:
    """What was asked later than `newest`, when a conversation asked its last question, in seconds."""
    at = {one.id: _asked_at(letter, one) for one in requests.open_recipients(letter.session, letter.phone.id)}
    asks = [
        one for one in requests.open_recipients(letter.session, letter.phone.id) if at[one.id].timestamp() >= newest
    ]
    invited = responders.pending_invitation(letter.session, letter.phone.id, letter.now)
    if invited and invited.asked_at.timestamp() < newest:
        invited = None
    return Asked(asks, invited, {one.id: at[one.id] for one in asks})


def _asked_at(letter: Letter, one: HelpRecipient) -> datetime:
    message = letter.session.get(Message, one.message_id) if one.message_id else None
    return message.created_at if message else one.request.raised_at


def answered(letter: Letter, waits: Asked, intent: Intent | None, *, elsewhere: bool) -> str:
    """What is said to who answers a help text or an invitation; "" where the text is meant for something else."""
    key = plainly(letter.words)
    if key.isdecimal() and len(key) <= 2 and (said := _by_key(letter, waits, int(key))):
        return said
    if intent in (Intent.YES, Intent.NO) and not key.isdecimal():
        return _in_words(letter, waits, intent)
    open_asks = [one for one in waits.asks if one.declined_at is None]
    if elsewhere:
        return ""
    if open_asks:
        return sms.not_passed_on(member_name(open_asks[0].request.member), open_asks[0].key)
    return sms.invitation(member_name(waits.invited.member)) if waits.invited else ""


def _by_key(letter: Letter, waits: Asked, key: int) -> str:
    """Each open help text has digits of its own, so an answer goes to the right one; what came last comes first."""
    found = next((one for one in waits.asks if key in (one.key, one.key + 1)), None)
    newer = waits.invited and (found is None or waits.invited.asked_at >= waits.at[found.id])
    if waits.invited and newer and key in (1, 2):
        return _invited(letter, waits.invited, Intent.YES if key == 1 else Intent.NO)
    return _told(letter, found, yes=key == found.key) if found else ""


def _in_words(letter: Letter, waits: Asked, intent: Intent) -> str:
    asks = [one for one in waits.asks if one.declined_at is None]
    if not asks and intent is Intent.YES:
        asks = waits.asks  # who could not may be able to after all
    if waits.invited and (not asks or waits.invited.asked_at >= waits.at[asks[0].id]):
        return _invited(letter, waits.invited, intent)
    if len(asks) > 1:
        more = 0 if intent is Intent.YES else 1
        return sms.whom([(one.key + more, member_name(one.request.member)) for one in asks])
    return _told(letter, asks[0], yes=intent is Intent.YES) if asks else ""


def _told(letter: Letter, one: HelpRecipient, *, yes: bool) -> str:
    who = member_name(one.request.member)
    (requests.acknowledge if yes else requests.decline)(letter.session, one, letter.now)
    return sms.on_it_thanks(who) if yes else sms.cannot_thanks(who)


def _invited(letter: Letter, invited: Responder, intent: Intent) -> str:
    responders.record_answer(letter.session, invited.phone_id, invited.id, intent.value, letter.now)
    return sms.agreed_thanks(member_name(invited.member)) if intent is Intent.YES else sms.declined_thanks()


def about_oneself(letter: Letter, intent: Intent | None) -> str:
    """REST and LEAVE by a responder; "" for anything else, and for who is none."""
    newest = responders.newest_chooser(letter.session, letter.phone.id)
    if newest is None or intent not in (Intent.REST, Intent.LEAVE):
        return ""
    who = member_name(newest.member)
    if intent is Intent.LEAVE:
        responders.record_answer(letter.session, letter.phone.id, newest.id, "no", letter.now)
        return sms.left_chooser(who)
    if newest.muted_until is not None and newest.muted_until > letter.now:
        responders.set_rest(letter.session, letter.phone.id, None)
        return sms.awake()
    responders.set_rest(letter.session, letter.phone.id, letter.now)
    return sms.resting(who)


def is_the_word(letter: Letter, member: Member | None) -> bool:
    """True where a member texted the word that sends."""
    return member is not None and plans.is_send_keyword(letter.session, member, letter.words)


def asks_first(letter: Letter, member: Member) -> bool:
    """True where it was sent so often this hour that we ask, by a conversation."""
    return requests.count_recent_requests(letter.session, member, letter.now) >= requests.OFTEN


def raised(letter: Letter, member: Member) -> str:
    """Send the help text by the member's word, and say so."""
    done, code = requests.raise_help(letter.session, member, letter.now), letter.settings.service_code
    if done.people or done.later:
        return sms.on_its_way(done.people, done.seconds, code)
    return sms.not_on_its_way(code)


def written(letter: Letter, member: Member, heard: Heard) -> str:
    """MYTEXT and words: kept as one more text of the member's."""
    words = " ".join(heard.rest.split())
    over = len(words) - LONGEST
    if over > 0:
        too_long: str = ngettext("That is {count} character too long.", "That is {count} characters too long.", over)
        return too_long.format(count=over)
    kept = plans.save_text(letter.session, member, words, letter.now)
    return sms.words_kept(letter.settings.service_code) if kept else full()
