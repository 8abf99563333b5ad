"""How the actions of people who send notices are done: each looks at the role anew."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from smsgate.conversations.handlers.context import Scene, perform
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


def _led(scene: Scene, group_id: int) -> Group | None:
    """The group, if the caller leads it at this moment."""
    mine = roles.current_assignment(scene.session, scene.phone_id, group_id, scene.now)
    return mine.group if mine else None


def _notice(scene: Scene, notice_id: int) -> Notice | None:
    """The notice, if the caller leads its group at this moment."""
    notice = scene.session.get(Notice, notice_id)
    return notice if notice and _led(scene, notice.group_id) else None


def _wish(action: actions.PriceNotice | actions.Sending, at: str = "") -> notices.NoticeContent:
    due = datetime.fromisoformat(at) if at else None
    return notices.NoticeContent(action.words, {}, Audience(action.audience), action.language or None, due)


@perform.register
def _(action: actions.LeadNews, scene: Scene) -> results.LeadNewsSeen:
    group = _led(scene, action.group_id)
    return summaries.news(scene.session, group.id, scene.phone.id, scene.now) if group else NO_NEWS


@perform.register
def _(action: actions.NoticeChoices, scene: Scene) -> results.ChoicesSeen:
    group = _led(scene, action.group_id)
    return summaries.choices(scene.session, group.id, scene.now) if group else {"coming": False, "languages": []}


@perform.register
def _(action: actions.PriceNotice, scene: Scene) -> results.PricedSeen:
    group = _led(scene, action.group_id)
    if group is None:
        return summaries.NO_ROLE
    return summaries.priced(scene.session, group, _wish(action), scene.now, scene.settings.price)


@perform.register
def _(action: actions.ReadMoment, scene: Scene) -> results.MomentSeen:
    group = scene.session.get_one(Group, action.group_id)
    try:
        moment = time_input.parse_time(action.typed, ZoneInfo(group.zone), scene.now)
    except time_input.NotAMoment as error:
        return {"wrong": error.wrong.value, "at": "", "local": ""}
    return {"wrong": "", "at": moment.isoformat(), "local": summaries.local(group, moment)}


@perform.register
def _(action: actions.SendNotice, scene: Scene) -> results.SentSeen:
    return _send(action, scene, anyway=False)


@perform.register
def _(action: actions.SendNoticeToo, scene: Scene) -> results.SentSeen:
    return _send(action, scene, anyway=True)


def _send(action: actions.Sending, scene: Scene, *, anyway: bool) -> results.SentSeen:
    wish = _wish(action, action.at)
    try:
        done, notice = approval.submit(
            scene.session, scene.phone.id, action.group_id, wish, scene.now, scene.settings, anyway=anyway
        )
    except Invalid:  # the meeting was cancelled meanwhile
        done, notice = approval.ApprovalResult.OVER, None
    return summaries.outcome(scene.session, done, notice, scene.now)


@perform.register
def _(action: actions.NoticesHere, scene: Scene) -> list[results.NoticeSeen]:
    group = _led(scene, action.group_id)
    return summaries.lately(scene.session, group) if group else []


@perform.register
def _(action: actions.HowFar, scene: Scene) -> results.HowFarSeen | None:
    notice = _notice(scene, action.notice_id)
    return summaries.how_far(scene.session, notice) if notice else None


@perform.register
def _(action: actions.StopNotice, scene: Scene) -> bool:
    notice = _notice(scene, action.notice_id)
    if notice is None:
        return False
    notices.stop(scene.session, notice, scene.now)
    audit_log.record(scene.session, notice.group_id, scene.phone_id, AuditEvent.NOTICE_STOPPED, scene.now, notice.id)
    return True


@perform.register
def _(action: actions.NoticesToAgree, scene: Scene) -> list[results.ToAgreeSeen]:
    group = _led(scene, action.group_id)
    price = scene.settings.price
    return summaries.to_agree(scene.session, group, scene.phone.id, scene.now, price) if group else []


@perform.register
def _(action: actions.AgreeNotice, scene: Scene) -> results.SentSeen:
    notice = scene.session.get(Notice, action.notice_id)
    if notice is None:
        return NO_ROLE
    done = approval.approve(scene.session, notice, scene.phone.id, action.yes, scene.now, scene.code)
    return summaries.outcome(scene.session, done, notice, scene.now)


@perform.register
def _(action: actions.NextReply, scene: Scene) -> results.ReplySeen | None:
    group = _led(scene, action.group_id)
    one = replies.next_unread(scene.session, group.id) if group else None
    return {"id": one.id, "at": summaries.local(one.notice.group, one.at), "words": one.words} if one else None


@perform.register
def _(action: actions.ReadReply, scene: Scene) -> None:
    one = _reply(scene, action.reply_id)
    if one is not None:
        one.read_at = one.read_at or scene.now


@perform.register
def _(action: actions.AnswerReply, scene: Scene) -> bool:
    one = _reply(scene, action.reply_id)
    if one is None or not replies.answer_reply(scene.session, one, action.words, scene.now):
        return False
    audit_log.record(scene.session, one.notice.group_id, scene.phone_id, AuditEvent.REPLY_ANSWERED, scene.now, one.id)
    return True


def _reply(scene: Scene, reply_id: int) -> NoticeReply | None:
    """The reply, if the caller leads its group at this moment."""
    one = scene.session.get(NoticeReply, reply_id)
    return one if one and _led(scene, one.notice.group_id) else None
