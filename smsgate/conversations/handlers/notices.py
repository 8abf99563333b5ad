"""Performs the actions about notices; each checks the leader's role again."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from smsgate.conversations.handlers.context import ActionContext, perform
from smsgate.core.errors import Invalid
from smsgate.flows import actions
from smsgate.flows.actions import results
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, roles
from smsgate.meetings import time_input
from smsgate.models import Audience, Group, Notice, NoticeReply
from smsgate.notices import approval, notices, replies, summaries

NO_NEWS: results.LeadNewsSeen = {"sent": False, "agree": 0, "replies": 0, "planned": False, "over": False}
NO_ROLE: results.SentSeen = {"outcome": approval.ApprovalResult.NO_ROLE.value, "people": 0, "leaves": ""}


def _led(context: ActionContext, group_id: int) -> Group | None:
    """Return the group, if the caller leads it at this moment."""
    role = roles.current_assignment(context.session, context.phone_id, group_id, context.now)
    return role.group if role else None


def _notice(context: ActionContext, notice_id: int) -> Notice | None:
    """Return the notice, if the caller leads its group at this moment."""
    notice = context.session.get(Notice, notice_id)
    return notice if notice and _led(context, notice.group_id) else None


def _content(action: actions.PriceNotice | actions.Sending, at: str = "") -> notices.NoticeContent:
    due = datetime.fromisoformat(at) if at else None
    return notices.NoticeContent(action.words, {}, Audience(action.audience), action.language or None, due)


@perform.register
def _(action: actions.LeadNews, context: ActionContext) -> results.LeadNewsSeen:
    group = _led(context, action.group_id)
    return summaries.news(context.session, group.id, context.phone.id, context.now) if group else NO_NEWS


@perform.register
def _(action: actions.NoticeChoices, context: ActionContext) -> results.ChoicesSeen:
    group = _led(context, action.group_id)
    return summaries.choices(context.session, group.id, context.now) if group else {"coming": False, "languages": []}


@perform.register
def _(action: actions.PriceNotice, context: ActionContext) -> results.PricedSeen:
    group = _led(context, action.group_id)
    if group is None:
        return summaries.NO_ROLE
    return summaries.priced(context.session, group, _content(action), context.now, context.settings.price)


@perform.register
def _(action: actions.ReadMoment, context: ActionContext) -> results.MomentSeen:
    group = context.session.get_one(Group, action.group_id)
    try:
        moment = time_input.parse_time(action.typed, ZoneInfo(group.zone), context.now)
    except time_input.InvalidTime as error:
        return {"wrong": error.wrong.value, "at": "", "local": ""}
    return {"wrong": "", "at": moment.isoformat(), "local": summaries.local(group, moment)}


@perform.register
def _(action: actions.SendNotice, context: ActionContext) -> results.SentSeen:
    return _send(action, context, anyway=False)


@perform.register
def _(action: actions.SendNoticeToo, context: ActionContext) -> results.SentSeen:
    return _send(action, context, anyway=True)


def _send(action: actions.Sending, context: ActionContext, *, anyway: bool) -> results.SentSeen:
    content = _content(action, action.at)
    try:
        decision = approval.submit(
            context.session, context.phone.id, action.group_id, content, context.now, context.settings, anyway=anyway
        )
    except Invalid:  # the meeting was cancelled meanwhile
        decision = approval.Decision(approval.ApprovalResult.OVER)
    return summaries.outcome(context.session, decision, context.now)


@perform.register
def _(action: actions.NoticesHere, context: ActionContext) -> list[results.NoticeSeen]:
    group = _led(context, action.group_id)
    return summaries.recent_notices(context.session, group) if group else []


@perform.register
def _(action: actions.DeliveryStatus, context: ActionContext) -> results.HowFarSeen | None:
    notice = _notice(context, action.notice_id)
    return summaries.delivery_status(context.session, notice) if notice else None


@perform.register
def _(action: actions.StopNotice, context: ActionContext) -> bool:
    notice = _notice(context, action.notice_id)
    if notice is None:
        return False
    notices.stop(context.session, notice, context.now)
    audit_log.record(
        context.session, notice.group_id, context.phone_id, AuditEvent.NOTICE_STOPPED, context.now, notice.id
    )
    return True


@perform.register
def _(action: actions.NoticesToApprove, context: ActionContext) -> list[results.ToAgreeSeen]:
    group = _led(context, action.group_id)
    price = context.settings.price
    return summaries.notices_to_approve(context.session, group, context.phone.id, context.now, price) if group else []


@perform.register
def _(action: actions.ApproveNotice, context: ActionContext) -> results.SentSeen:
    notice = context.session.get(Notice, action.notice_id)
    if notice is None:
        return NO_ROLE
    decision = approval.approve(context.session, notice, context.phone.id, action.yes, context.now, context.code)
    return summaries.outcome(context.session, decision, context.now)


@perform.register
def _(action: actions.NextReply, context: ActionContext) -> results.ReplySeen | None:
    group = _led(context, action.group_id)
    reply = replies.next_unread(context.session, group.id) if group else None
    if reply is None:
        return None
    return {"id": reply.id, "at": summaries.local(reply.notice.group, reply.at), "words": reply.words}


@perform.register
def _(action: actions.ReadReply, context: ActionContext) -> None:
    reply = _reply(context, action.reply_id)
    if reply is not None:
        reply.read_at = reply.read_at or context.now


@perform.register
def _(action: actions.AnswerReply, context: ActionContext) -> bool:
    reply = _reply(context, action.reply_id)
    if reply is None or not replies.answer_reply(context.session, reply, action.words, context.now):
        return False
    audit_log.record(
        context.session, reply.notice.group_id, context.phone_id, AuditEvent.REPLY_ANSWERED, context.now, reply.id
    )
    return True


def _reply(context: ActionContext, reply_id: int) -> NoticeReply | None:
    """Return the reply, if the caller leads its group at this moment."""
    reply = context.session.get(NoticeReply, reply_id)
    return reply if reply and _led(context, reply.notice.group_id) else None
