"""Listing, removing and exporting a group's members, by chosen name; numbers are never shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from smsgate.core.i18n import LANGUAGES, say_day_of
from smsgate.core.spreadsheets import table
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, groups
from smsgate.models import Group, Member, Membership, Phone, Role
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound, is_appointed, role_in
from smsgate.web.console.pages import Form, Page, accept_once, already_done, redirect_to, render_page, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

PAGE_SIZE = 50


class MemberRow(NamedTuple):
    """A member as leaders see them; `name` is the one they chose, or ""; `since` is an ISO date."""

    id: int
    name: str
    language: str
    since: str


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for listing, removing and exporting members."""

    @routes.get("/groups/<code>/people")
    def people(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code)
            if not is_appointed(current_staff(), group):
                return redirect_to("roles", code=code)  # only those with a role in the group see its members
            return _people(session, group)

    @routes.get("/groups/<code>/people/<int:number>/out")
    def person_out(code: str, number: int) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN, appointed=True)
            found = next(_rows(session, group, Membership.id == number), None)
            if found is None:
                raise NotFound
            return render_page("person_out", person=found, form=Form(), day=say_day_of)

    @routes.post("/groups/<code>/people/<int:number>/out")
    def person_taken_out(code: str, number: int) -> Page:
        return _take_out(service, code, number)

    @routes.post("/groups/<code>/people/list")
    def people_list(code: str) -> Page:
        return _save_list(service, code)


def is_admin(group: Group) -> bool:
    """Return whether the signed-in user has the role of admin in the group; admins of the network don't count."""
    return role_in(current_staff(), group, appointed=True) is Role.ADMIN


def page_number() -> int:
    """Return the requested page of a long list, counted from 1."""
    return max(1, min(request.args.get("page", 1, int), 10_000))


def _rows(
    session: Session, group: Group, *which: ColumnElement[bool], offset: int = 0, most: int | None = None
) -> Iterator[MemberRow]:
    """Yield members, newest first; the database cannot sort by name, since names are encrypted."""
    rows = (
        select(Membership.id, Member.name, Phone.language, Membership.joined_at)
        .join(Member, Member.id == Membership.member_id)
        .join(Phone, Phone.id == Member.phone_id)
        .where(Membership.group_id == group.id, *which)
        .order_by(Membership.id.desc())
    )
    for id_, name, language, joined_at in session.execute(rows.offset(offset).limit(most)):
        day = joined_at.astimezone(ZoneInfo(group.zone)).date().isoformat()
        yield MemberRow(id_, name or "", LANGUAGES.get(language or "", ""), day)


def folded(text: str) -> str:
    """Return a text without case and accents, for searching and sorting."""
    return "".join(sign for sign in normalize("NFKD", text.casefold()) if not combining(sign))


def _found(session: Session, group: Group, page: int, sought: str, by: str) -> list[MemberRow]:
    """Return a page of members and one more; names are decrypted and compared here, since they are encrypted."""
    first = (page - 1) * PAGE_SIZE
    if not sought and by == "since":
        return list(_rows(session, group, offset=first, most=PAGE_SIZE + 1))
    rows = [one for one in _rows(session, group) if folded(sought) in folded(one.name)]
    if by == "name":
        rows.sort(key=lambda one: (not one.name, folded(one.name)))
    return rows[first : first + PAGE_SIZE + 1]


def _people(session: Session, group: Group) -> Page:
    page, sought = page_number(), request.args.get("q", "").strip()[:40]
    by = "name" if request.args.get("by") == "name" else "since"
    found = _found(session, group, page, sought, by)
    count = session.scalar(select(func.count()).select_from(Membership).where(Membership.group_id == group.id)) or 0
    more = len(found) > PAGE_SIZE
    return render_page(
        "people",
        rows=found[:PAGE_SIZE],
        more=more,
        page=page,
        sought=sought,
        by=by,
        count=count,
        form=Form(),
        day=say_day_of,
        admin=is_admin(group),
    )


def _take_out(service: Service, code: str, number: int) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN, appointed=True)
        membership = session.get(Membership, number)
        if membership is not None and membership.group_id != group.id:
            raise NotFound
        if not accept_once(session, form, now):
            return already_done("people", code=code)
        if membership is None:
            raise NotFound
        groups.remove_member(session, membership, now, service.settings.service_code)
        audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.TOOK_OUT, now)
    return redirect_to("people", _("Removed from the group. A text tells them, without naming it."), code=code)


def _save_list(service: Service, code: str) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN, appointed=True)
        if not accept_once(session, form, now):
            return already_done("people", code=code)
        audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.SAVED_LIST, now)
        rows = [(one.name or _("Someone"), one.language, one.since) for one in _rows(session, group)]
    content = b"".join(table([(_("Name"), _("Language"), _("Since")), *rows]))
    answer = Response(content, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="people-{code}.csv"'
    return answer
