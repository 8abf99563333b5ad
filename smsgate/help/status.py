"""What a member sees of their help: their plan, and the actual status of an open request."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core import timezones
from smsgate.flows.actions.results import AskedSeen, HelpPlanSeen, HelpTextSeen, PlanSeen, RequestSeen
from smsgate.flows.help.plan import EscalationStep
from smsgate.groups import groups
from smsgate.help import backup_leader, plans, requests
from smsgate.help.names import responder_name
from smsgate.models import (
    HelpRecipient,
    HelpRequest,
    HelpText,
    Member,
    Message,
    MessageStatus,
    Responder,
    ResponderStatus,
)

NOTHING: PlanSeen = {
    "words": "", "texts": [], "agreed": 0, "asked": 0, "resting": 0, "recent": 0, "then": False, "open": None,
}  # fmt: skip
EMPTY: HelpPlanSeen = {
    "texts": [], "helps": "", "hinders": "", "avoid": "", "then": "", "minutes": 15, "pause": 0, "word": "",
    "rings": False, "look_again": False, "agreed": 0, "leader": False,
}  # fmt: skip
BEST = (
    MessageStatus.DELIVERED,
    MessageStatus.SENT,
    MessageStatus.UNKNOWN,
    MessageStatus.SENDING,
    MessageStatus.WAITING,
)  # which of two copies counts, best first


def plan(session: Session, member: Member | None, now: datetime) -> PlanSeen:
    """Everything that sending depends on, and the status of an open request."""
    if member is None:
        return NOTHING
    texts = plans.texts_of(session, member)
    rows = select(Responder.agreed).where(Responder.member_id == member.id, ~Responder.backup)
    agreed, ready = list(session.scalars(rows)), requests.reachable(session, member, now)
    own_plan = plans.plan_of(session, member)
    then = backup_leader.askable(session, member, now) is not None
    request = requests.open_request(session, member)
    return {
        "words": plans.text_words(texts[0] if texts else None),
        "texts": [_text_result(text) for text in texts],
        "agreed": min(len(ready), 1) if requests.NEXT in own_plan.then.split() else len(ready),
        "asked": agreed.count(ResponderStatus.ASKED),
        "resting": agreed.count(ResponderStatus.YES) - len(ready),
        "recent": requests.count_recent_requests(session, member, now),
        "then": then,
        "open": request_status(session, request, now) if request else None,
    }


def _text_result(text: HelpText) -> HelpTextSeen:
    words = plans.text_words(text)
    return {"id": text.id, "words": words, "short": plans.short(words)}


def help_plan(session: Session, member: Member | None, now: datetime) -> HelpPlanSeen:
    """Everything a member prepared, to be read and changed."""
    if member is None:
        return EMPTY
    own_plan, request = plans.plan_of(session, member), requests.open_request(session, member)
    can_practise = request is None or request.practice
    return {
        "texts": [_text_result(text) for text in plans.texts_of(session, member)],
        "helps": own_plan.helps or "",
        "hinders": own_plan.hinders or "",
        "avoid": own_plan.avoid or "",
        "then": own_plan.then,
        "minutes": own_plan.wait_minutes,
        "pause": own_plan.pause_seconds,
        "word": own_plan.word or "",
        "rings": own_plan.rings,
        "look_again": own_plan.look_again,
        "agreed": len(requests.reachable(session, member, now)) if can_practise else 0,
        "leader": backup_leader.askable(session, member, now) is not None,
    }


def request_status(session: Session, request: HelpRequest, now: datetime) -> RequestSeen:
    """Who was asked, reached and has answered, and when; which step comes next, and when. Times are local."""
    zone = groups.timezone_of(session, request.member)
    recipients = session.scalars(
        select(HelpRecipient).where(HelpRecipient.request_id == request.id).order_by(HelpRecipient.id)
    )
    seconds_left = (request.leaves_at - now).total_seconds() if request.leaves_at else 0
    steps = _steps_ahead(session, request, now)
    return {
        "at": timezones.local_time(request.raised_at, zone),
        "practice": request.practice,
        "leaves_in": max(0, ceil(seconds_left)),
        "people": [_recipient_result(session, recipient, zone) for recipient in recipients],
        "next": steps[0] if steps and request.next_at else "",
        "next_at": timezones.local_time(request.next_at, zone) if steps else "",
    }


def _steps_ahead(session: Session, request: HelpRequest, now: datetime) -> list[str]:
    """The steps that are still to come, without a leader who cannot be asked."""
    steps = request.then.split()
    if EscalationStep.LEADER in steps and backup_leader.askable(session, request.member, now) is None:
        steps.remove(EscalationStep.LEADER)
    return steps


def _recipient_result(session: Session, recipient: HelpRecipient, zone: ZoneInfo) -> AskedSeen:
    state, at = _recipient_status(session, recipient)
    return {"name": responder_name(recipient.responder), "state": state, "at": timezones.local_time(at, zone)}


def _recipient_status(session: Session, recipient: HelpRecipient) -> tuple[str, datetime | None]:
    if recipient.answered_at or recipient.declined_at:
        return ("answered", recipient.answered_at) if recipient.answered_at else ("declined", recipient.declined_at)
    copies = [session.get(Message, id_) for id_ in (recipient.message_id, recipient.again_id) if id_]
    sent = sorted((copy for copy in copies if copy and copy.state in BEST), key=lambda copy: BEST.index(copy.state))
    if not sent:
        return "unsent", None
    best = sent[0]
    if best.state is MessageStatus.DELIVERED:
        return "delivered", best.ended_at
    return ("sent", best.sent_at) if best.state is MessageStatus.SENT else ("going", None)
