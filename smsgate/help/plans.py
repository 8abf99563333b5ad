"""What a member prepares for a hard day: up to three help texts, extra information, and how they are sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from smsgate.core.graphemes import clip
from smsgate.flows.help.texts import prepared, standard
from smsgate.flows.typed.answer_words import UNCLEAR, read_answer
from smsgate.flows.typed.codes_in_texts import read_name
from smsgate.flows.typed.fine_phrases import Meaning, meaning_of
from smsgate.flows.typed.keywords import normalise, parse_keyword
from smsgate.flows.typed.peer_words import read_peer
from smsgate.models import DoNotContact, HelpPlan, HelpText, Member, Responder
from smsgate.models.lookup import forms_of

MOST = 3
LONGEST_PAUSE = 120  # seconds
ALONG = ("helps", "hinders", "avoid")
WORD = (3, 20)  # fewest and most characters of a send keyword


def texts_of(session: Session, member: Member) -> list[HelpText]:
    """Return a member's own texts; the first is for responders who were given no other."""
    return list(session.scalars(select(HelpText).where(HelpText.member_id == member.id).order_by(HelpText.id)))


def save_text(
    session: Session, member: Member, words: str, now: datetime, *, text_id: int = 0, chosen: str = ""
) -> bool:
    """Save the member's words, or a prepared text by its key (`chosen`), in place of a text or as one more.

    Returns False if the member has three texts already.
    """
    texts = texts_of(session, member)
    text = next((existing for existing in texts if existing.id == text_id), None)
    if text is None:
        if len(texts) >= MOST:
            return False
        text = HelpText(member_id=member.id)
        session.add(text)
    text.words = prepared()[chosen] if chosen else words
    text.prepared, text.changed_at = chosen or None, now
    return True


def remove_text(session: Session, member: Member, text_id: int) -> None:
    """Delete a text; responders who were given it get the first instead."""
    own_text = (HelpText.id == text_id, HelpText.member_id == member.id)
    if session.execute(delete(HelpText).where(*own_text).returning(HelpText.id)).first():
        given = update(Responder).where(Responder.member_id == member.id, Responder.help_text_id == text_id)
        session.execute(given.values(help_text_id=None))


def move_text_first(session: Session, member: Member, text_id: int, now: datetime) -> None:
    """Make a text the first, which is sent to responders who were given no other."""
    texts = texts_of(session, member)
    promoted = next((text for text in texts if text.id == text_id), None)
    if promoted is None or promoted is texts[0]:
        return
    old = texts[0]
    old.words, promoted.words = promoted.words, old.words
    old.prepared, promoted.prepared = promoted.prepared, old.prepared
    old.changed_at = promoted.changed_at = now
    _swap_given_texts(session, member, old.id, promoted.id)


def _swap_given_texts(session: Session, member: Member, first: int, second: int) -> None:
    """Give each responder the same words as before, after two texts changed places."""
    rows = select(Responder).where(Responder.member_id == member.id, Responder.help_text_id.in_((first, second)))
    for responder in session.scalars(rows):
        responder.help_text_id = second if responder.help_text_id == first else first


def text_words(text: HelpText | None) -> str:
    """Return the words of a text; a prepared one in the language spoken now.

    Without a text, or one that can be read, return the standard words: a plan can be sent before it is complete.
    """
    if text is None:
        return standard()
    return prepared().get(text.prepared or "", text.words) or standard()


def short(words: str, most: int = 24) -> str:
    """Return the beginning of `words` for a line of a list, at most `most` characters."""
    return words if len(words) <= most else clip(words, most - 2).rsplit(" ", 1)[0].rstrip(" .,;:") + ".."


def plan_of(session: Session, member: Member) -> HelpPlan:
    """Return the member's plan, or a new one that is added to the session only when something in it is saved."""
    plan = session.scalars(select(HelpPlan).where(HelpPlan.member_id == member.id)).first()
    return plan or HelpPlan(
        member_id=member.id, pause_seconds=0, then="", wait_minutes=15, rings=False, look_again=False
    )


def save_extra_info(session: Session, member: Member, which: str, words: str) -> None:
    """Save extra information (`helps`, `hinders` or `avoid`), or clear it if empty; raises ValueError for others."""
    if which not in ALONG:
        raise ValueError(f"nothing called {which} goes along")
    plan = plan_of(session, member)
    setattr(plan, which, words or None)
    session.add(plan)


def extra_info(session: Session, member: Member) -> dict[str, str]:
    """Return the extra information sent with a help text, by name; "" where there is none."""
    plan = plan_of(session, member)
    return {which: getattr(plan, which) or "" for which in ALONG}


def set_pause(session: Session, member: Member, seconds: int) -> None:
    """Set for how many seconds a help text can be taken back before it is sent."""
    plan = plan_of(session, member)
    plan.pause_seconds = max(0, min(seconds, LONGEST_PAUSE))
    session.add(plan)


def set_missed_call(session: Session, member: Member, on: bool) -> None:
    """Set whether a missed call sends the help text."""
    plan = plan_of(session, member)
    plan.rings = on
    session.add(plan)


def set_reviews(session: Session, member: Member, on: bool, now: datetime) -> None:
    """Set whether to ask every 90 days if the plan is still right; either way it counts as reviewed now."""
    plan = plan_of(session, member)
    plan.look_again, plan.looked_at = on, now
    session.add(plan)


def set_escalation(session: Session, member: Member, then: str, minutes: int) -> None:
    """Set the steps if nobody answers (`EscalationStep`s, space-separated) and the minutes between them, 1 to 240."""
    plan = plan_of(session, member)
    plan.then, plan.wait_minutes = then, max(1, min(minutes, 240))
    session.add(plan)


def set_send_keyword(session: Session, member: Member, word: str) -> str:
    """Set the word that sends the help text by SMS; "" for none. Returns `short`, `long` or `taken` if refused."""
    plain = normalise(word)
    if word and not WORD[0] <= len(plain) <= WORD[1]:
        return "short" if len(plain) < WORD[0] else "long"
    if word and _has_another_meaning(word):
        return "taken"
    plan = plan_of(session, member)
    plan.word = word or None
    session.add(plan)
    return ""


def _has_another_meaning(word: str) -> bool:
    """Return whether a text asks for something else: by one of our keywords, as an answer, or taking a text back."""
    is_keyword = parse_keyword(word) is not None or read_peer(word) is not None
    joins = read_name(word) is not None
    return is_keyword or joins or is_answer(word) or meaning_of(word) is not Meaning.UNCLEAR


def is_answer(word: str) -> bool:
    """Return whether a word is a number or a possible answer, which sends nothing while a question waits for one."""
    return normalise(word).replace(" ", "").isdecimal() or read_answer(word) != UNCLEAR


def is_send_keyword(session: Session, member: Member, text: str) -> bool:
    """Return whether an SMS is the member's send keyword and nothing else."""
    word = session.scalar(select(HelpPlan.word).where(HelpPlan.member_id == member.id))
    return bool(word) and normalise(text) == normalise(word or "")


@dataclass(frozen=True)
class DoNotContactEntry:
    """A number on a member's do-not-contact list."""

    id: int
    number: str


def do_not_contact_list(session: Session, member: Member) -> list[DoNotContactEntry]:
    """Return the member's do-not-contact list: nothing of theirs is ever sent to these numbers."""
    rows = select(DoNotContact).where(DoNotContact.member_id == member.id).order_by(DoNotContact.id)
    return [DoNotContactEntry(row.id, row.number) for row in session.scalars(rows)]


def do_not_contact_numbers(session: Session, member: Member) -> set[str]:
    """Return the same list as E.164 numbers."""
    return set(session.scalars(select(DoNotContact.number).where(DoNotContact.member_id == member.id)))


def is_do_not_contact(session: Session, member: Member, number: str) -> bool:
    """Return whether an E.164 number is on the member's do-not-contact list."""
    forms = forms_of(session, number, "never_contact.number")
    rows = select(DoNotContact.id).where(DoNotContact.member_id == member.id, DoNotContact.number.in_(forms))
    return session.scalar(rows) is not None


def unblock_number(session: Session, member: Member, never_id: int) -> None:
    """Take a number off the do-not-contact list, by the id of its entry."""
    session.execute(delete(DoNotContact).where(DoNotContact.member_id == member.id, DoNotContact.id == never_id))
