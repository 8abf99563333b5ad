"""Notices as leaders see them (price, status, what needs their attention) and as members do (the latest ones)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from smsgate.core.graphemes import clip
from smsgate.core.gsm7 import expensive_chars, is_gsm7
from smsgate.core.privacy import at_least_few, is_few
from smsgate.flows.actions.results import (
    ChoicesSeen,
    HowFarSeen,
    LeadNewsSeen,
    NewsSeen,
    NoticeSeen,
    PricedSeen,
    SentSeen,
    ToAgreeSeen,
)
from smsgate.flows.checks.style import medical, orders
from smsgate.gateways import Money
from smsgate.groups import join_requests
from smsgate.meetings import rsvp
from smsgate.models import (
    Audience,
    Group,
    Member,
    Membership,
    MessageKind,
    MessageStatus,
    Notice,
    NoticeReply,
    NoticeStatus,
)
from smsgate.notices import approval, audience, notices, pricing
from smsgate.notices.audience import AudienceSelector, Price
from smsgate.outbox import quiet_hours

SHOWN = 5
NEWS_FOR, NEWS_MOST = timedelta(days=14), 5
LONGEST_WORD = 25  # characters of a word that fit on a screen
SEEN = tuple(stage for stage in NoticeStatus if stage is not NoticeStatus.DRAFT)


def choices(session: Session, group_id: int, now: datetime) -> ChoicesSeen:
    """Return the audiences that a notice can go to."""
    coming = audience.next_meeting(session, group_id, now) is not None
    return {"coming": coming, "languages": audience.languages(session, group_id)}


def priced(session: Session, group: Group, content: notices.NoticeContent, now: datetime, expected: str) -> PricedSeen:
    """Return what a notice would cost, before it is saved. Raises Invalid if there is nothing to send."""
    meeting = audience.next_meeting(session, group.id, now) if content.audience is Audience.COMING else None
    try:
        words = notices.fit(content.words)
        versions = {language: notices.fit(text) for language, text in content.versions.items()}
    except notices.TooLong as error:
        return _priced(None, "", str(error.over))
    selector = AudienceSelector(group.id, content.audience, content.language, meeting)
    price = audience.price(session, selector, words, versions, expected)
    return _priced(price, leaves(group, content.due_at or now), "", words, *versions.values())


def priced_notice(session: Session, notice: Notice, now: datetime, expected: str) -> PricedSeen:
    """Return what a saved notice costs."""
    versions = notices.versions_of(notice)
    price = audience.price(session, AudienceSelector.of(notice), notice.words, versions, expected)
    return _priced(price, leaves(notice.group, notice.due_at or now), "", notice.words, *versions.values())


def _priced(price: Price | None, leaves: str, wrong: str, *texts: str) -> PricedSeen:
    return {
        "wrong": wrong,
        "odd": odd_in(*texts),
        "medical": _first(medical(text) for text in texts),
        "order": _first(orders(text) for text in texts),
        "parts": _parts(price.parts) if price else "",
        "people": price.people if price else 0,
        "price": pricing.price_text(_price_to_show(price)) if price else "",
        "leaves": leaves,
    }


def _first(findings: Iterable[list[str]]) -> str:
    return next((clip(words[0], LONGEST_WORD) for words in findings if words), "")


def _price_to_show(price: Price) -> list[Money]:
    """Return the price to show; for a few people, that of the most a few can be, as the exact one reveals how many."""
    if price.amount is None or price.each is None:
        return []
    if is_few(price.people):
        return [Money(price.each.currency, price.each.amount * at_least_few(price.people) * price.parts[-1])]
    return [price.amount]


def _parts(parts: tuple[int, ...]) -> str:
    return str(parts[0]) if len(parts) == 1 else f"{parts[0]}-{parts[-1]}"


def odd_in(*texts: str) -> str:
    """Return the first expensive character in the texts, or ""."""
    return next((odd for text in texts if not is_gsm7(text) for odd in expensive_chars(text)), "")


NO_ROLE = _priced(None, "", "role")


def leaves(group: Group, due_at: datetime) -> str:
    """Return the local ISO time until which quiet hours hold a notice that is due at `due_at`; "" if they do not."""
    until = quiet_hours.held_until(
        quiet_hours.hours_for(group), MessageKind.NOTICE, due_at + notices.WORTH_SENDING, due_at
    )
    return local(group, until) if until else ""


def local(group: Group, moment: datetime) -> str:
    """Return a moment in the group's zone, in ISO format without offset."""
    return moment.astimezone(ZoneInfo(group.zone)).replace(tzinfo=None).isoformat()


def outcome(session: Session, decision: approval.Decision, now: datetime) -> SentSeen:
    """Return what became of a confirmed notice, in the shape that flows show."""
    result, notice, people = decision
    if notice is None:
        return {"outcome": result.value, "people": 0, "leaves": ""}
    due = notice.due_at or now
    later = local(notice.group, due) if due > now else ""
    if people is None:
        people = notices.count_recipients(session, AudienceSelector.of(notice))
    return {"outcome": result.value, "people": people, "leaves": leaves(notice.group, due) or later}


def news(session: Session, group_id: int, phone_id: int, now: datetime) -> LeadNewsSeen:
    """Return what needs a leader's attention in the group."""
    unread = select(NoticeReply.id).join(Notice).where(Notice.group_id == group_id, NoticeReply.read_at.is_(None))
    return {
        "sent": bool(session.scalar(select(exists().where(Notice.group_id == group_id, Notice.stage.in_(SEEN))))),
        "agree": len(approval.waiting_for_approval(session, group_id, phone_id, now)),
        "replies": len(session.scalars(unread).all()),
        "planned": audience.next_meeting(session, group_id, now) is not None,
        "over": rsvp.recently_ended(session, group_id, now) is not None,
        "asked": join_requests.count_open_requests(session, group_id, now),
    }


class ToDo(NamedTuple):
    """How many things need a leader's attention in a group."""

    requests: int
    replies: int
    approvals: int


def to_do(session: Session, group_id: int, phone_id: int, now: datetime) -> ToDo:
    """Return the numbers of open join requests, unread replies and notices to approve."""
    unread = select(func.count(NoticeReply.id)).join(Notice)
    return ToDo(
        join_requests.count_open_requests(session, group_id, now),
        session.scalar(unread.where(Notice.group_id == group_id, NoticeReply.read_at.is_(None))) or 0,
        len(approval.waiting_for_approval(session, group_id, phone_id, now)),
    )


def recent_notices(session: Session, group: Group, most: int = SHOWN) -> list[NoticeSeen]:
    """Return a group's latest notices, newest first."""
    rows = select(Notice).where(Notice.group_id == group.id, Notice.stage.in_(SEEN)).order_by(Notice.id.desc())
    return [_notice_result(group, notice) for notice in session.scalars(rows.limit(most))]


def _notice_result(group: Group, notice: Notice) -> NoticeSeen:
    when = local(group, notice.due_at or notice.created_at)
    return {"id": notice.id, "when": when, "stage": notice.stage.value}


def delivery_status(session: Session, notice: Notice) -> HowFarSeen:
    """Return the delivery status of a notice and its cost so far; the cost is left out for a few people."""
    counts = notices.progress(session, notice)
    waits = notice.stage in (NoticeStatus.ASKED, NoticeStatus.TIMED)
    waiting = notices.count_recipients(session, AudienceSelector.of(notice)) if waits else 0
    withheld = counts[MessageStatus.WITHDRAWN] + (counts[MessageStatus.WAITING] if notice.stopped_at else 0)
    unsent = counts[MessageStatus.SENDING] + (0 if notice.stopped_at else counts[MessageStatus.WAITING])
    known = not is_few(sum(counts.values()))
    return {
        **_notice_result(notice.group, notice),
        "waiting": waiting + unsent,
        "sent": counts[MessageStatus.SENT],
        "delivered": counts[MessageStatus.DELIVERED],
        "failed": counts[MessageStatus.FAILED],
        "too_late": counts[MessageStatus.TOO_LATE],
        "unknown": counts[MessageStatus.UNKNOWN],
        "stopped": withheld,
        "cost": pricing.price_text(pricing.cost_of_notice(session, notice.id)) if known else "",
        "words": notice.words,
    }


def notices_to_approve(
    session: Session, group: Group, phone_id: int, now: datetime, expected: str
) -> list[ToAgreeSeen]:
    """Return the notices that this leader can approve, with their price and words."""
    results: list[ToAgreeSeen] = []
    for notice in approval.waiting_for_approval(session, group.id, phone_id, now):
        cost = priced_notice(session, notice, now, expected)
        shown = "\n".join([notice.words, *notices.versions_of(notice).values()])
        totals = {"parts": cost["parts"], "people": cost["people"], "price": cost["price"]}
        results.append({**_notice_result(group, notice), **totals, "words": shown})  # type: ignore[typeddict-item]
    return results


def member_news(session: Session, member: Member, group_id: int, now: datetime) -> list[NewsSeen]:
    """Return the last 14 days' notices to everybody in the member's group, newest first, in their language."""
    is_member = exists().where(Membership.member_id == member.id, Membership.group_id == Notice.group_id)
    rows = select(Notice).where(
        Notice.group_id == group_id, is_member, Notice.stage == NoticeStatus.GOING,
        Notice.audience == Audience.EVERYBODY, Notice.stopped_at.is_(None),
        func.coalesce(Notice.due_at, Notice.created_at).between(now - NEWS_FOR, now),
    )  # fmt: skip
    sent = session.scalars(rows.order_by(Notice.id.desc()).limit(NEWS_MOST))
    return [
        {"at": local(notice.group, notice.due_at or notice.created_at), "words": _words_for(notice, member)}
        for notice in sent
    ]


def _words_for(notice: Notice, member: Member) -> str:
    written = {version.language: version.words for version in notice.versions}
    return written.get(member.phone.language or "", notice.words)
