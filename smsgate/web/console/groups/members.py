"""Who is in a group, by the names that they chose: looked at, taken out, saved as a list. Numbers stand nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from smsgate.core.i18n import LANGUAGES, say_day_of
from smsgate.groups import groups, roles
from smsgate.groups.number_files import table
from smsgate.models import Group, Member, Membership, Phone, Role
from smsgate.web.console.access import me
from smsgate.web.console.accounts.permissions import NotYours
from smsgate.web.console.pages import Form, again, first_time, go, show, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response
PAGE = 50


class Shown(NamedTuple):
    """A member as who leads sees them; `name` as they chose it, else ""; `since` a day in ISO form."""

    id: int
    name: str
    language: str
    since: str


def add(routes: Blueprint, service: Service) -> None:
    """Members."""

    @routes.get("/groups/<code>/people")
    def people(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code)
            if group.id not in me().roles:
                return go("roles", code=code)  # who the members are is for those whom the group appointed
            return _people(session, group)

    @routes.get("/groups/<code>/people/<int:number>/out")
    def person_out(code: str, number: int) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN, own=True)
            found = next(_rows(session, group, Membership.id == number), None)
            if found is None:
                raise NotYours
            return show("person_out", person=found, form=Form(), day=say_day_of)

    @routes.post("/groups/<code>/people/<int:number>/out")
    def person_taken_out(code: str, number: int) -> Page:
        return _take_out(service, code, number)

    @routes.post("/groups/<code>/people/list")
    def people_list(code: str) -> Page:
        return _list(service, code)


def day_of(at: datetime, group: Group) -> str:
    """The day of a moment on the group's clock."""
    return say_day_of(at.astimezone(ZoneInfo(group.zone)).date().isoformat())


def is_admin(group: Group) -> bool:
    """Whether whoever is signed in changes who is in the group: the network's admins do not, but for a role in it."""
    return me().roles.get(group.id) is Role.ADMIN


def page_asked() -> int:
    """Which page of a long list, from 1."""
    return max(1, min(request.args.get("page", 1, int), 10_000))


def _rows(
    session: Session, group: Group, *which: ColumnElement[bool], offset: int = 0, most: int | None = None
) -> Iterator[Shown]:
    """The members, the newest first; names are sealed, so that no database sorts by them."""
    rows = (
        select(Membership.id, Member.name, Phone.language, Membership.joined_at)
        .join(Member, Member.id == Membership.member_id)
        .join(Phone, Phone.id == Member.phone_id)
        .where(Membership.group_id == group.id, *which)
        .order_by(Membership.id.desc())
    )
    for id_, name, language, joined_at in session.execute(rows.offset(offset).limit(most)):
        day = joined_at.astimezone(ZoneInfo(group.zone)).date().isoformat()
        yield Shown(id_, name or "", LANGUAGES.get(language or "", ""), day)


def _people(session: Session, group: Group) -> Page:
    page = page_asked()
    found = list(_rows(session, group, offset=(page - 1) * PAGE, most=PAGE + 1))
    count = session.scalar(select(func.count()).select_from(Membership).where(Membership.group_id == group.id)) or 0
    more = len(found) > PAGE
    return show(
        "people",
        rows=found[:PAGE],
        more=more,
        page=page,
        count=count,
        form=Form(),
        day=say_day_of,
        admin=is_admin(group),
    )


def _take_out(service: Service, code: str, number: int) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN, own=True)
        membership = session.get(Membership, number)
        if membership is not None and membership.group_id != group.id:
            raise NotYours
        if not first_time(session, form, now):
            return again("people", code=code)
        if membership is None:
            raise NotYours
        groups.remove_member(session, membership, now, service.settings.service_code)
        roles.record_use(session, group.id, me().phone_id, "took_out", now)
    return go("people", _("They are not in this group any more. A text tells them so, without its name."), code=code)


def _list(service: Service, code: str) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN, own=True)
        if not first_time(session, form, now):
            return again("people", code=code)
        roles.record_use(session, group.id, me().phone_id, "saved_list", now)
        rows = [(one.name or _("Somebody"), one.language, one.since) for one in _rows(session, group)]
    content = b"".join(table([(_("Name"), _("Language"), _("Since")), *rows]))
    answer = Response(content, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="people-{code}.csv"'
    return answer
