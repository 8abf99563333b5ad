"""What members wrote back: oldest first, without a name or a number, answered once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from smsgate.flows.leader.notices import LONGEST
from smsgate.groups import roles
from smsgate.models import Group, NoticeReply
from smsgate.notices import replies as notice_replies
from smsgate.web.console.access import me
from smsgate.web.console.accounts.permissions import NotYours
from smsgate.web.console.pages import Form, again, first_time, go, show, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response


class Answer(Form):
    """What is texted to who wrote."""

    words = TextAreaField(validators=[DataRequired(), Length(max=LONGEST)])


def add(routes: Blueprint, service: Service) -> None:
    """The inbox."""

    @routes.get("/groups/<code>/replies")
    def replies(code: str) -> Page:
        with service.database.reading() as session:
            return _list(session, the_group(session, code, own=True))

    @routes.post("/groups/<code>/replies/<int:number>/read")
    def reply_read(code: str, number: int) -> Page:
        with service.database.transaction() as session:
            one = _one(session, the_group(session, code, own=True), number)
            one.read_at = one.read_at or service.now()
        return go("replies", code=code)

    @routes.post("/groups/<code>/replies/<int:number>")
    def reply_answer(code: str, number: int) -> Page:
        return _answer(service, code, number)


def _one(session: Session, group: Group, number: int) -> NoticeReply:
    one = session.get(NoticeReply, number)
    if one is None or one.notice.group_id != group.id:
        raise NotYours
    return one


def _list(session: Session, group: Group, wrong: Answer | None = None, number: int = 0) -> Page:
    rows = notice_replies.here(session, group.id)
    return show(
        "replies", 422 if wrong else 200, rows=rows, form=wrong or Answer(formdata=None), at=number, longest=LONGEST
    )


def _answer(service: Service, code: str, number: int) -> Page:
    form, now = Answer(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, own=True)
        one = _one(session, group, number)
        words = " ".join((form.words.data or "").split())
        if not form.validate() or not words:
            return _list(session, group, form, number)
        if not first_time(session, form, now):
            return again("replies", code=code)
        sent = notice_replies.answer_reply(session, one, words, now)
        if sent:
            roles.record_use(session, group.id, me().phone_id, f"reply_answered:{one.id}", now)
    if not sent:
        return go(
            "replies", _("That was not sent: it is answered already, or they get no texts now."), "wait", code=code
        )
    return go("replies", _("Your answer leaves now. In quiet hours it waits for their end."), code=code)
