"""A long file of numbers: its progress, the choice of columns, the preview before inviting, and stopping it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, request, url_for
from sqlalchemy.orm import Session

from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, invitations
from smsgate.groups.imports import number_imports
from smsgate.models import Group, ImportStage, NumberImport
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import find_in_group
from smsgate.web.console.groups.invitation_files import (
    ColumnsForm,
    ask_for_columns,
    columns_form,
    file_error,
    render_review,
)
from smsgate.web.console.pages import Form, Page, already_done, redirect_to, render_page, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for a file that the workers read and invite."""

    @routes.get("/groups/<code>/invitations/file/<int:number>")
    def number_import(code: str, number: int) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, appointed=True)
            return _render(service, session, group, find_in_group(session, NumberImport, number, group))

    @routes.post("/groups/<code>/invitations/file/<int:number>")
    def number_import_go_on(code: str, number: int) -> Page:
        return _go_on(service, code, number)

    @routes.post("/groups/<code>/invitations/file/<int:number>/stop")
    def number_import_stop(code: str, number: int) -> Page:
        with service.database.transaction() as session:
            group = the_group(session, code, appointed=True)
            number_imports.stop(_locked(session, group, number))
        return redirect_to("number_import", code=code, number=number)


def _locked(session: Session, group: Group, number: int) -> NumberImport:
    one = find_in_group(session, NumberImport, number, group)
    session.refresh(one, with_for_update=True)
    return one


def _render(service: Service, session: Session, group: Group, one: NumberImport) -> Page:
    """Render the progress, or the question that a leader must answer next."""
    live = request.args.get("part") == "live"
    action = url_for("console.number_import_go_on", code=group.code, number=one.id)
    if one.stage is ImportStage.COLUMNS and not live:
        return ask_for_columns(number_imports.found_in(one), "", one.language, action=action)
    if one.stage is ImportStage.READ and not live:
        return _review(service, session, group, one, action)
    return render_page(
        "number_import_live" if live else "number_import",
        here={"code": group.code, "number": one.id},
        stage=one.stage.value,
        in_hand=one.stage in number_imports.IN_HAND,
        done=min(one.done, one.all_rows),
        all=max(one.all_rows, 1),
        daily=invitations.DAILY,
        why=file_error(one.reason) if one.reason else "",
        form=Form(),
    )


def _review(service: Service, session: Session, group: Group, one: NumberImport, action: str) -> Page:
    found = number_imports.found_in(one)
    form = columns_form(found.columns.read, [each.index for each in found.columns.read], "", one.language)
    form.seen.data = _state(one)
    return render_review(service, session, group, found, form, action)


def _state(one: NumberImport) -> str:
    return f"{one.stage} {one.columns}"


def _go_on(service: Service, code: str, number: int) -> Page:
    """Invite what was previewed, or read the file again with other columns."""
    form, here = ColumnsForm(), partial(redirect_to, "number_import", code=code, number=number)
    with service.database.transaction() as session:
        group = the_group(session, code, appointed=True)
        one = _locked(session, group, number)
        if one.stage not in (ImportStage.READ, ImportStage.COLUMNS):
            return already_done("number_import", code=code, number=number)
        if form.do.data != "do":
            if not form.columns.data:
                action = url_for("console.number_import_go_on", code=code, number=number)
                return ask_for_columns(number_imports.found_in(one), "", one.language, 422, action)
            number_imports.choose_columns(session, one, form.columns.data)
        elif one.stage is ImportStage.READ and form.seen.data == _state(one):
            count = number_imports.invite(session, group, one)
            audit_log.record(
                session, group.id, current_staff().phone_id, AuditEvent.INVITED_FILE, service.now(), count
            )  # fmt: skip
        else:
            said = _("Someone else changed this in the meantime. Please check it again.")
            return here(said, "wait")
    return here()
