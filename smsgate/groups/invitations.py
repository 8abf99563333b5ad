"""Invitations: a number entered by a leader gets one neutral text; its holder becomes a member only by joining.

Leaders learn nothing from inviting: the number of a member, or of someone who left or opted out, is accepted and listed
like any other, but gets no text. The numbers belong to people who did not ask for texts, so everything is limited: one
text per number and group, a daily quota per group, and a few texts per number from all groups together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.database import among, insert_new
from smsgate.core.i18n import LANGUAGES, SOURCE
from smsgate.flows import sms
from smsgate.groups.invitation_tags import tags
from smsgate.groups.wording import speaking_for
from smsgate.models import (
    Consent,
    ConsentSubject,
    Group,
    Invitation,
    Lane,
    Member,
    Membership,
    Message,
    MessageKind,
    MessageStatus,
    Phone,
)
from smsgate.models.lookup import ensure_phone, find_member, find_phone
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys, limits
from smsgate.outbox.eligibility import is_reached_by
from smsgate.outbox.limits import Cause, Caused

DAY = timedelta(days=1)
DAILY = 500  # texts per group in 24 hours
AT_ONCE = 100  # texts per group in one run of the scheduler
OPEN_MOST = 10_000  # listed numbers per group; DAILY gets through them before the first is erased
TO_ONE = 3  # texts per number from all groups, within AGAIN
LISTED = timedelta(days=30)  # after this a number is erased
AGAIN = timedelta(days=90)  # in this time a number gets one text from a group
LEFT = timedelta(days=365)  # for this long a group does not invite someone who left it
WORTH = timedelta(days=2)
CHUNK = 500
PAGE = 50

_LISTED = and_(Invitation.number.is_not(None), Invitation.listed_at.is_not(None))
_UNCHECKED = and_(Invitation.looked_at.is_(None), _LISTED)
_NEVER_SENT = and_(Message.state.in_((MessageStatus.WITHDRAWN, MessageStatus.TOO_LATE)), Message.repeats == 0)


@dataclass(frozen=True)
class InviteResult:
    """How many numbers were accepted, and how many exceeded the limit of listed numbers."""

    taken: int
    over: int


def invite(session: Session, group: Group, numbers: Sequence[str], language: str | None, now: datetime) -> InviteResult:
    """List E.164 numbers to invite, each once; the scheduler sends their texts (`send_due`).

    The result does not depend on who holds the numbers.
    """
    left = room(session, group)
    distinct = list(dict.fromkeys(numbers))
    for start in range(0, min(len(distinct), left), CHUNK):
        _add_numbers(session, group, distinct[start : min(start + CHUNK, left)], language, now)
    return InviteResult(min(len(distinct), left), max(0, len(distinct) - left))


def _add_numbers(session: Session, group: Group, numbers: Sequence[str], language: str | None, now: datetime) -> None:
    tags_of = {number: tags(session, number) for number in numbers}
    all_tags = [tag for own_tags in tags_of.values() for tag in own_tags]
    same_tag = (Invitation.group_id == group.id, among(session, Invitation.tag, all_tags))
    known = {row.tag: row for row in session.scalars(select(Invitation).where(*same_tag))}
    new = []
    for number, own_tags in tags_of.items():
        row = next((known[tag] for tag in own_tags if tag in known), None)
        if row is None:
            new.append(
                {"group_id": group.id, "tag": own_tags[0], "number": number, "language": language, "listed_at": now}
            )
        elif row.number is None:
            # Listed again: the scheduler checks it like any other, so that leaders see no difference.
            row.number, row.listed_at, row.language, row.looked_at = number, now, language, None
    if new:
        session.execute(insert_new(session, Invitation), new)


def room(session: Session, group: Group) -> int:
    """Return how many more numbers a group may list now."""
    return max(0, OPEN_MOST - count(session, group))


def count(session: Session, group: Group) -> int:
    """Return how many numbers a group has listed."""
    rows = select(func.count()).select_from(Invitation)
    return session.scalar(rows.where(Invitation.group_id == group.id, _LISTED)) or 0


def waiting(session: Session, group: Group) -> int:
    """Return how many listed numbers wait to be checked, for the scheduler's next run or a new day's quota."""
    rows = select(func.count()).select_from(Invitation)
    return session.scalar(rows.where(Invitation.group_id == group.id, _UNCHECKED)) or 0


def accepted(session: Session, group: Group) -> int:
    """Return how many listed numbers have joined; never which, since that would reveal a member's number."""
    rows = select(func.count()).select_from(Invitation)
    joined = (Invitation.group_id == group.id, _LISTED, Invitation.accepted_at.is_not(None))
    return session.scalar(rows.where(*joined)) or 0


def listed(session: Session, group: Group, page: int = 1) -> list[Invitation]:
    """Return a page of the listed numbers, newest first, whatever became of them. Pages count from 1."""
    rows = select(Invitation).where(Invitation.group_id == group.id, _LISTED)
    return list(session.scalars(rows.order_by(Invitation.listed_at.desc(), Invitation.id.desc()).offset((page - 1) * PAGE).limit(PAGE)))  # fmt: skip # noqa: E501


def withdraw(session: Session, group: Group, invitation_id: int | None, now: datetime) -> bool:
    """Withdraw one invitation, or all the group's for None: erase the numbers and withdraw waiting texts.

    Returns False if nothing matched.
    """
    which = [Invitation.group_id == group.id, _LISTED]
    if invitation_id is not None:
        which.append(Invitation.id == invitation_id)
    values = {
        "number": None,
        "language": None,
        "listed_at": None,
        "looked_at": func.coalesce(Invitation.looked_at, now),
    }
    withdrawn = update(Invitation).where(*which).values(values).returning(Invitation.id)
    ids = session.scalars(withdrawn.execution_options(synchronize_session=False)).all()
    for start in range(0, len(ids), CHUNK):
        their_texts = among(session, Message.invitation_id, ids[start : start + CHUNK])
        outbox.withdraw(session, their_texts, now=now)
    return bool(ids)


def send_due(session: Session, now: datetime, code: str) -> None:
    """Check and text the next numbers of each open group, within its daily quota. Run by the scheduler."""
    group_ids = select(Invitation.group_id).where(_UNCHECKED).distinct()
    for group in session.scalars(select(Group).where(Group.id.in_(group_ids), Group.closed_at.is_(None))).all():
        most = min(AT_ONCE, DAILY - _count_today(session, group, now))
        rows = select(Invitation.id).where(Invitation.group_id == group.id, _UNCHECKED).order_by(Invitation.id)
        ids = session.scalars(rows.limit(max(0, most)).with_for_update(skip_locked=True)).all()
        work_on_each(session, "invitations", ids, partial(_invite_each, session, group, now, code), now)


def _invite_each(session: Session, group: Group, now: datetime, code: str, ids: Sequence[int]) -> None:
    rows = select(Invitation).where(Invitation.id.in_(ids)).order_by(Invitation.id)
    amount = max(outbox.count_sms([words_for(group, language, code)]) for language in LANGUAGES)
    for invitation in session.scalars(rows).all():
        if not limits.has_room(session, _caused(group), now, target=_stranger(invitation), amount=amount):
            return  # the rest wait too, whoever they belong to, so that a delay reveals nothing
        invitation.looked_at = now
        if invitation.number and _may_be_texted(session, invitation, invitation.number, now):
            invitation.texted_at = now
            _send_invitation(session, group, invitation, invitation.number, now, code)


def _caused(group: Group) -> Caused:
    return Caused(Cause.GROUP_INVITATION, group_id=group.id)


def _stranger(invitation: Invitation) -> Phone:
    """Return the number's holder as if they were unknown, for limits that must not depend on who they are."""
    return Phone(id=0, number=invitation.number or "")


def _count_today(session: Session, group: Group, now: datetime) -> int:
    """Return how many numbers were checked or texted in 24 hours; withdrawing and re-entering one frees no quota."""
    lately = or_(Invitation.looked_at > now - DAY, Invitation.texted_at > now - DAY)
    rows = select(func.count()).select_from(Invitation)
    return session.scalar(rows.where(Invitation.group_id == group.id, lately)) or 0


def _may_be_texted(session: Session, invitation: Invitation, number: str, now: datetime) -> bool:
    if invitation.left_at or invitation.accepted_at or _was_texted(session, invitation, number):
        return False
    sent_lately = (Invitation.tag.in_(tags(session, number)), Invitation.texted_at > now - AGAIN)
    if (session.scalar(select(func.count()).select_from(Invitation).where(*sent_lately)) or 0) >= TO_ONE:
        return False
    phone = find_phone(session, number)
    if phone is None:
        return True
    reached = is_reached_by(phone, MessageKind.INVITATION)
    return reached and not (
        _is_member_or_paused(session, phone, invitation.group_id) or _has_left(session, phone, invitation)
    )


def _was_texted(session: Session, invitation: Invitation, number: str) -> bool:
    """Return whether the number may have got this invitation; one that was withdrawn unsent is none."""
    phone = find_phone(session, number) if invitation.texted_at else None
    key = keys.group_invitation(invitation.id)
    unsent = select(Message.id).where(Message.key == key, Message.phone_id == (phone.id if phone else 0), _NEVER_SENT)
    return invitation.texted_at is not None and session.scalar(unsent) is None


def _is_member_or_paused(session: Session, phone: Phone, group_id: int) -> bool:
    """Return whether the holder is a member of the group or has paused group messages."""
    member = find_member(session, phone.id)
    in_group = exists().where(Membership.member_id == Member.id, Membership.group_id == group_id)
    rows = select(Member.id).where(
        Member.id == (member.id if member else 0), or_(in_group, Member.paused_at.is_not(None))
    )
    return session.scalar(rows) is not None


def _has_left(session: Session, phone: Phone, invitation: Invitation) -> bool:
    """Return whether the consent ledger's last entry on this group, or on the whole service, is a no."""
    this_group = Consent.about_id == invitation.group_id
    left_group = _withdrew_consent(session, phone, ConsentSubject.GROUP, this_group)
    return left_group or _withdrew_consent(session, phone, ConsentSubject.SERVICE)


def _withdrew_consent(session: Session, phone: Phone, what: ConsentSubject, *which: ColumnElement[bool]) -> bool:
    rows = select(Consent.given).where(Consent.phone_id == phone.id, Consent.what == what, *which)
    return session.scalars(rows.order_by(Consent.id.desc()).limit(1)).first() is False


def _send_invitation(
    session: Session, group: Group, invitation: Invitation, number: str, now: datetime, code: str
) -> None:
    phone, key = ensure_phone(session, number, now), keys.group_invitation(invitation.id)
    session.execute(delete(Message).where(Message.key == key, Message.phone_id == phone.id, _NEVER_SENT))
    words = words_for(group, phone.language or invitation.language, code)
    text = outbox.Text(
        words=words, key=key, kind=MessageKind.INVITATION, lane=Lane.BULK,
        expires_at=now + WORTH, group_id=group.id, invitation_id=invitation.id, caused=_caused(group),
    )  # fmt: skip
    outbox.send_text(session, phone.id, text, now)


def words_for(group: Group, language: str | None, code: str) -> str:
    """Return the text of an invitation in a language."""
    with speaking_for(group, language):
        return sms.group_invitation(code, group.code, group.name if group.invites_by_name else "")


def correct_waiting_texts(session: Session, group: Group, code: str) -> None:
    """Put the group's code, and its name if they say it, into waiting invitations; `code` opens the menu."""
    waiting = (Message.group_id == group.id, Message.invitation_id.is_not(None))
    language = func.coalesce(Phone.language, Invitation.language, SOURCE)
    for one in LANGUAGES:
        rows = select(Invitation.id).where(Invitation.id == Message.invitation_id)
        of_number = select(language).where(Phone.id == Message.phone_id).correlate(Message, Invitation)
        speaks = rows.where(of_number.scalar_subquery() == one).correlate(Message)
        outbox.reword(session, words_for(group, one, code), *waiting, speaks.exists())


def free_unsent(session: Session, now: datetime) -> None:
    """Let numbers be invited anew whose invitation never left; until a day has passed they count towards the quota."""
    unsent = (Message.invitation_id.is_not(None), Message.created_at < now - DAY, _NEVER_SENT)
    found = session.scalars(delete(Message).where(*unsent).returning(Message.invitation_id)).all()
    ids = [invitation_id for invitation_id in found if invitation_id is not None]
    for start in range(0, len(ids), CHUNK):
        theirs = among(session, Invitation.id, ids[start : start + CHUNK])
        session.execute(update(Invitation).where(theirs).values(texted_at=None))


def forget_old_numbers(session: Session, now: datetime) -> None:
    """Erase numbers after 30 days, and their tags once those no longer prevent another text."""
    options = {"synchronize_session": False}
    old = update(Invitation).where(Invitation.listed_at < now - LISTED)
    session.execute(old.values(number=None, language=None, listed_at=None).execution_options(**options))
    unlisted = (Invitation.listed_at.is_(None), Invitation.number.is_(None))
    may_be_texted = or_(Invitation.texted_at.is_(None), Invitation.texted_at < now - AGAIN)
    may_be_invited = or_(Invitation.left_at.is_(None), Invitation.left_at < now - LEFT)
    # Numbers checked today still count towards the daily quota.
    not_today = or_(Invitation.looked_at.is_(None), Invitation.looked_at < now - DAY)
    unneeded = delete(Invitation).where(*unlisted, may_be_texted, may_be_invited, not_today)
    session.execute(unneeded.execution_options(**options))
