"""What a member prepared for a hard day: up to three texts, what goes along, and how it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from smsgate.flows.help.texts import prepared, standard
from smsgate.flows.keywords import parse_keyword, plainly
from smsgate.models import DoNotContact, HelpPlan, HelpText, Member, Responder
from smsgate.models.lookup import forms_of

MOST = 3
LONGEST_PAUSE = 120  # seconds
ALONG = ("helps", "hinders", "avoid")
WORD = (3, 20)  # characters of the word that sends


def texts_of(session: Session, member: Member) -> list[HelpText]:
    """A member's own texts; the first is sent to whoever has no other."""
    return list(session.scalars(select(HelpText).where(HelpText.member_id == member.id).order_by(HelpText.id)))


def save_text(
    session: Session, member: Member, words: str, now: datetime, *, text_id: int = 0, chosen: str = ""
) -> bool:
    """Keep the member's words, or one of ours (`chosen`); in place of a text, or one more. False: three are there."""
    mine = texts_of(session, member)
    text = next((one for one in mine if one.id == text_id), None)
    if text is None:
        if len(mine) >= MOST:
            return False
        text = HelpText(member_id=member.id)
        session.add(text)
    text.words = prepared()[chosen] if chosen else words
    text.prepared, text.changed_at = chosen or None, now
    return True


def remove_text(session: Session, member: Member, text_id: int) -> None:
    """Forget one; who would have got it gets the first."""
    mine = (HelpText.id == text_id, HelpText.member_id == member.id)
    if session.execute(delete(HelpText).where(*mine).returning(HelpText.id)).first():
        theirs = update(Responder).where(Responder.member_id == member.id, Responder.help_text_id == text_id)
        session.execute(theirs.values(help_text_id=None))


def move_text_first(session: Session, member: Member, text_id: int, now: datetime) -> None:
    """Let this text be the one that is sent to whoever has no other."""
    mine = texts_of(session, member)
    first = next((one for one in mine if one.id == text_id), None)
    if first is None or first is mine[0]:
        return
    old = mine[0]
    old.words, first.words = first.words, old.words
    old.prepared, first.prepared = first.prepared, old.prepared
    old.changed_at = first.changed_at = now
    _swap(session, member, old.id, first.id)


def _swap(session: Session, member: Member, one: int, other: int) -> None:
    """Who was to get certain words still gets them."""
    rows = select(Responder).where(Responder.member_id == member.id, Responder.help_text_id.in_((one, other)))
    for responder in session.scalars(rows):
        responder.help_text_id = other if responder.help_text_id == one else one


def text_words(text: HelpText | None) -> str:
    """The words, ours in the language spoken now; without any, the standard ones: a partial plan is a whole one."""
    if text is None:
        return standard()
    return prepared().get(text.prepared or "", text.words)


def short(words: str, most: int = 24) -> str:
    """The beginning of some words, for a line of a list."""
    return words if len(words) <= most else words[: most - 2].rsplit(" ", 1)[0].rstrip(" .,;:") + ".."


def plan_of(session: Session, member: Member) -> HelpPlan:
    """The member's plan; one that is kept only when something in it changes."""
    found = session.scalars(select(HelpPlan).where(HelpPlan.member_id == member.id)).first()
    return found or HelpPlan(
        member_id=member.id, pause_seconds=0, then="", wait_minutes=15, rings=False, look_again=False
    )


def save_extra_info(session: Session, member: Member, which: str, words: str) -> None:
    """Keep what goes along: helps, hinders or avoid; empty: forget it."""
    if which not in ALONG:
        raise ValueError(f"nothing called {which} goes along")
    plan = plan_of(session, member)
    setattr(plan, which, words or None)
    session.add(plan)


def extra_info(session: Session, member: Member) -> dict[str, str]:
    """What goes along, by name; "" where there is nothing."""
    plan = plan_of(session, member)
    return {which: getattr(plan, which) or "" for which in ALONG}


def set_pause(session: Session, member: Member, seconds: int) -> None:
    """How long a help text can be taken back before it leaves."""
    plan = plan_of(session, member)
    plan.pause_seconds = max(0, min(seconds, LONGEST_PAUSE))
    session.add(plan)


def set_missed_call(session: Session, member: Member, on: bool) -> None:
    """Whether a missed call sends the help text."""
    plan = plan_of(session, member)
    plan.rings = on
    session.add(plan)


def set_reviews(session: Session, member: Member, on: bool, now: datetime) -> None:
    """Whether to ask, from time to time, if all of it is still right; either way it was looked at now."""
    plan = plan_of(session, member)
    plan.look_again, plan.looked_at = on, now
    session.add(plan)


def set_escalation(session: Session, member: Member, then: str, minutes: int) -> None:
    """What happens when nobody answers, and after how many minutes."""
    plan = plan_of(session, member)
    plan.then, plan.wait_minutes = then, max(1, min(minutes, 240))
    session.add(plan)


def set_send_keyword(session: Session, member: Member, word: str) -> str:
    """The word that sends, by SMS; empty: none. Why it cannot be: short, long or taken; else ""."""
    plain = plainly(word)
    if word and not WORD[0] <= len(plain) <= WORD[1]:
        return "short" if len(plain) < WORD[0] else "long"
    if word and (parse_keyword(word) is not None or plain.replace(" ", "").isdecimal()):
        return "taken"  # it means something else here
    plan = plan_of(session, member)
    plan.word = word or None
    session.add(plan)
    return ""


def is_send_keyword(session: Session, member: Member, text: str) -> bool:
    """True where the whole of a text is the word that the member chose."""
    word = session.scalar(select(HelpPlan.word).where(HelpPlan.member_id == member.id))
    return bool(word) and plainly(text) == plainly(word or "")


@dataclass(frozen=True)
class DoNotContactEntry:
    """A number of a member's list of people never to be told."""

    id: int
    number: str


def do_not_contact_list(session: Session, member: Member) -> list[DoNotContactEntry]:
    """Whom nothing of this member's ever reaches."""
    rows = select(DoNotContact).where(DoNotContact.member_id == member.id).order_by(DoNotContact.id)
    return [DoNotContactEntry(one.id, one.number) for one in session.scalars(rows)]


def do_not_contact_numbers(session: Session, member: Member) -> set[str]:
    """The same as E.164 numbers."""
    return set(session.scalars(select(DoNotContact.number).where(DoNotContact.member_id == member.id)))


def is_do_not_contact(session: Session, member: Member, number: str) -> bool:
    """True where the number is on the member's list."""
    forms = forms_of(session, number, "never_contact.number")
    rows = select(DoNotContact.id).where(DoNotContact.member_id == member.id, DoNotContact.number.in_(forms))
    return session.scalar(rows) is not None


def unblock_number(session: Session, member: Member, never_id: int) -> None:
    """Take a number off the list."""
    session.execute(delete(DoNotContact).where(DoNotContact.member_id == member.id, DoNotContact.id == never_id))
