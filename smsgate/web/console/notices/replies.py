"""Replies to notices, shown oldest first and without name or number; each can be answered once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy.orm import Session
from wtforms import TextAreaField
from wtforms.validators import Length

from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.flows.leader.notices import LONGEST
from smsgate.groups import audit_log
from smsgate.models import Group, Notice, NoticeReply
from smsgate.notices import replies as notice_replies
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound, find_in_group
from smsgate.web.console.fields import required
from smsgate.web.console.pages import Form, Page, accept_once, already_done, redirect_to, render_page, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


class ReplyForm(Form):
    """The answer, which is texted to the person who replied."""

    words = TextAreaField(validators=[required(lambda: _("Write your answer first.")), Length(max=LONGEST)])


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for reading and answering replies."""

    @routes.get("/groups/<code>/replies")
    def replies(code: str) -> Page:
        with service.database.reading() as session:
            return _list(session, the_group(session, code, appointed=True))

    @routes.post("/groups/<code>/replies/<int:number>/read")
    def reply_read(code: str, number: int) -> Page:
        with service.database.transaction() as session:
            one = _the_reply(session, the_group(session, code, appointed=True), number)
            one.read_at = one.read_at or service.now()
        return redirect_to("replies", code=code)

    @routes.post("/groups/<code>/replies/<int:number>")
    def reply_answer(code: str, number: int) -> Page:
        return _answer(service, code, number)


def _the_reply(session: Session, group: Group, number: int) -> NoticeReply:
    reply = session.get(NoticeReply, number)
    if reply is None:
        raise NotFound
    find_in_group(session, Notice, reply.notice_id, group)
    return reply


def _list(session: Session, group: Group, wrong: ReplyForm | None = None, number: int = 0) -> Page:
    rows = notice_replies.replies_in(session, group.id)
    return render_page(
        "replies",
        422 if wrong else 200,
        rows=rows,
        lost=notice_replies.lost_answers(session, rows),
        form=wrong or ReplyForm(formdata=None),
        at=number,
        longest=LONGEST,
    )


def _answer(service: Service, code: str, number: int) -> Page:
    form, now = ReplyForm(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, appointed=True)
        one = _the_reply(session, group, number)
        words = " ".join((form.words.data or "").split())
        if not form.validate() or not words:
            return _list(session, group, form, number)
        if not accept_once(session, form, now):
            return already_done("replies", code=code)
        sent = notice_replies.answer_reply(session, one, words, now)
        if sent:
            audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.REPLY_ANSWERED, now, one.id)
    if not sent:
        return redirect_to(
            "replies",
            _("Not sent: someone has answered already, or this person can't get texts now."),
            "wait",
            code=code,
        )
    return redirect_to("replies", _("Sending your answer. In quiet hours it waits until they end."), code=code)
