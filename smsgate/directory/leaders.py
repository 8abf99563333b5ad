"""Contact among leaders: notices from the network to all of them, and a list of leaders who can write to each other.

Only leaders on the list can see it and write; a text shows the sender's chosen name, never a number or a group. Those
who leave the list get no more of these texts; the entry ends with the role.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core import gsm7
from smsgate.core.admin_text import _
from smsgate.core.database import insert_new
from smsgate.core.errors import Invalid
from smsgate.core.i18n import SOURCE, speaking
from smsgate.core.reading.gaps import Unread
from smsgate.directory.areas import area_labels
from smsgate.flows import sms
from smsgate.flows.actions.results import OtherLeaderSeen, OtherLeadersSeen
from smsgate.flows.leader.other_leaders import LONGEST_WORDS
from smsgate.groups import roles
from smsgate.models import (
    Group,
    LeaderNotice,
    Listing,
    Member,
    Message,
    MessageKind,
    OpenLeader,
    Phone,
    RoleAssignment,
    lookup,
)
from smsgate.outbox import keys
from smsgate.outbox.eligibility import is_reached_by
from smsgate.outbox.limits import Cause, Caused

KEPT = timedelta(days=90)  # notices to all leaders
WORTH_SENDING = timedelta(days=3)
LONGEST_NOTICE = 130  # characters: one SMS with the words in front of it
SHOWN_MOST = 3  # notices shown when dialling


class WriteResult(StrEnum):
    """The result of writing to another leader. Saved sessions hold these values: don't change them."""

    SENT = "sent"
    GONE = "gone"  # one of the two is no longer on the list, or cannot be reached
    LIMITED = "limited"  # has written or been written to as often as allowed


def checked_notice(words: str) -> str:
    """Return the words of a notice on one line; raise Invalid if they are too long or phones cannot show them."""
    words = gsm7.transliterate(" ".join(words.split()))
    if not 1 <= len(words) <= LONGEST_NOTICE:
        raise Invalid(_("A notice must have 1 to {most} characters.").format(most=LONGEST_NOTICE))
    if odd := gsm7.expensive_chars(words):
        raise Invalid(_("Many phones can't show {characters}.").format(characters=" ".join(odd)))
    return words


def leading(session: Session, now: datetime) -> list[RoleAssignment]:
    """Return one role, the oldest, of everybody who leads an open group."""
    held = select(RoleAssignment).join(Group).where(roles.in_force(now), Group.closed_at.is_(None))
    first: dict[int, RoleAssignment] = {}
    for assignment in session.scalars(held.order_by(RoleAssignment.id)):
        first.setdefault(assignment.phone_id, assignment)
    return list(first.values())


def tell_all(
    session: Session, words: str, now: datetime, *, by: int | None, translations: Mapping[str, str] | None = None
) -> LeaderNotice:
    """Text all leaders, each once however many groups they lead; `by` is the admin's phone id. Raises Invalid.

    Leaders whose language is in `translations` get those words, everybody else `words`.
    """
    given = {language: checked_notice(said) for language, said in (translations or {}).items() if said.strip()}
    notice = LeaderNotice(
        words=checked_notice(words), translations=json.dumps(given) if given else None, by=by, at=now, people=0
    )
    session.add(notice)
    session.flush()
    texts = []
    for assignment in leading(session, now):
        language = session.get_one(Phone, assignment.phone_id).language
        with speaking(language):
            said = sms.to_all_leaders(words_in(notice, language))
        text = outbox.Text(
            words=said, key=keys.leader_notice(notice.id), kind=MessageKind.ALERT, expires_at=now + WORTH_SENDING,
            group_id=assignment.group_id, role_id=assignment.id,
        )  # fmt: skip
        texts.append((assignment.phone_id, text))
    notice.people = len(outbox.send_texts(session, texts, now))
    return notice


def words_in(notice: LeaderNotice, language: str | None) -> str:
    """Return the words of a notice for someone who speaks this language."""
    if isinstance(notice.translations, Unread):
        return notice.translations
    translations: dict[str, str] = json.loads(notice.translations or "{}")
    return translations.get(language or SOURCE, notice.words)


def recent_notices(session: Session, count: int = SHOWN_MOST) -> list[LeaderNotice]:
    """Return the latest notices to all leaders, newest first."""
    return list(
        session.scalars(select(LeaderNotice).order_by(LeaderNotice.at.desc(), LeaderNotice.id.desc()).limit(count))
    )


def forget_old_notices(session: Session, now: datetime) -> None:
    """Delete notices older than KEPT."""
    session.execute(delete(LeaderNotice).where(LeaderNotice.at < now - KEPT))


def set_open(session: Session, assignment: RoleAssignment, on: bool, now: datetime) -> None:
    """Put a leader on the list of leaders, or remove them."""
    if on:
        session.execute(insert_new(session, OpenLeader).values(assignment_id=assignment.id, since=now))
    else:
        session.execute(delete(OpenLeader).where(OpenLeader.assignment_id == assignment.id))
        written = Message.from_role_id.is_not(None)
        outbox.withdraw(session, Message.role_id == assignment.id, written, now=now)


def is_open(session: Session, assignment: RoleAssignment) -> bool:
    """Return whether a leader is on the list."""
    return session.scalar(select(OpenLeader.id).where(OpenLeader.assignment_id == assignment.id)) is not None


def seen_by(session: Session, assignment: RoleAssignment, now: datetime) -> OtherLeadersSeen:
    """Return what a leader sees: the network's latest notices and, if they are on it, the list of other leaders."""
    member, here = lookup.find_member(session, assignment.phone_id), is_open(session, assignment)
    zone = ZoneInfo(assignment.group.zone)
    return {
        "on": here,
        "named": bool(member and member.name),
        "leaders": _others(session, assignment, now) if here else [],
        "notices": [
            {"at": one.at.astimezone(zone).date().isoformat(), "words": words_in(one, assignment.phone.language)}
            for one in recent_notices(session)
        ],
    }


def _others(session: Session, assignment: RoleAssignment, now: datetime) -> list[OtherLeaderSeen]:
    labels = area_labels(session)
    rows = (
        select(OpenLeader.id, Member.name, Group.name, Listing.area_id)
        .join(RoleAssignment, RoleAssignment.id == OpenLeader.assignment_id)
        .join(Group, Group.id == RoleAssignment.group_id)
        .join(Member, Member.phone_id == RoleAssignment.phone_id)
        .outerjoin(Listing, Listing.group_id == Group.id)
        .where(roles.in_force(now), Group.closed_at.is_(None), RoleAssignment.phone_id != assignment.phone_id)
        .order_by(Group.name, OpenLeader.id)
    )
    return [
        {"id": number, "name": name, "group": group, "area": labels.get(area_id or 0, "")}
        for number, name, group, area_id in session.execute(rows)
        if name
    ]


def write(session: Session, assignment: RoleAssignment, to: int, words: str, now: datetime, code: str) -> WriteResult:
    """Text words from one leader on the list to another without showing a number; `to` is an OpenLeader's id."""
    sender = session.get_one(Phone, assignment.phone_id)
    member, other = lookup.find_member(session, sender.id), _reachable(session, to, now)
    words = " ".join(words.split())[:LONGEST_WORDS]
    if other is None or not words or member is None or not member.name or not is_open(session, assignment):
        return WriteResult.GONE
    phone = session.get_one(Phone, other.phone_id)
    with speaking(phone.language):
        said = sms.from_leader(member.name, words, code)
    text = outbox.Text(
        words=said, key=keys.from_leader(assignment.id, now), kind=MessageKind.ALERT, expires_at=now + WORTH_SENDING,
        group_id=other.group_id, role_id=other.id, from_role_id=assignment.id,
        caused=Caused(Cause.LEADERS, sender.number),
    )  # fmt: skip
    return WriteResult.SENT if outbox.send_text(session, phone.id, text, now) else WriteResult.LIMITED


def _reachable(session: Session, number: int, now: datetime) -> RoleAssignment | None:
    """Return the leader of an entry on the list if they are still on it and can be texted, else None."""
    rows = select(RoleAssignment).join(OpenLeader, OpenLeader.assignment_id == RoleAssignment.id).join(Group)
    found = session.scalars(rows.where(OpenLeader.id == number, roles.in_force(now), Group.closed_at.is_(None))).first()
    return found if found is not None and is_reached_by(found.phone, MessageKind.ALERT) else None


def count_leading(session: Session, now: datetime) -> int:
    """Return how many people lead an open group."""
    held = select(func.count(RoleAssignment.phone_id.distinct())).join(Group)
    return session.scalar(held.where(roles.in_force(now), Group.closed_at.is_(None))) or 0
