"""A group's surveys: starting or importing, previewing, trying, publishing, restoring, exporting and retiring them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from smsgate.core.dial_codes import code_below
from smsgate.core.i18n import LANGUAGES, language_now
from smsgate.groups.wording import speaking_for
from smsgate.models import Group, Role, Survey
from smsgate.surveys import surveys
from smsgate.surveys.definitions import rapidpro, yaml_files
from smsgate.surveys.definitions.diff import changes
from smsgate.surveys.definitions.schema import ERROR, Definition, Fault, InvalidDefinition, parse_definition
from smsgate.surveys.definitions.validation import find_faults, screens
from smsgate.surveys.surveys import StaleDraft
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound, find_in_group, is_appointed
from smsgate.web.console.pages import (
    Form,
    Page,
    accept_once,
    already_done,
    redirect_to,
    render_page,
    the_group,
)
from smsgate.web.console.surveys import deleted, imports, trial, way
from smsgate.web.console.surveys.doubts import doubts
from smsgate.web.console.surveys.new_survey import FromElsewhere, NewSurveyForm, new_definition
from smsgate.web.console.surveys.reach import ReachForm, reach_form
from smsgate.web.console.surveys.step_words import condition_said, kind_of, words_of
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for surveys, except for steps and answers."""

    @routes.get("/groups/<code>/flows")
    def flows_here(code: str) -> Page:
        with service.database.reading() as session:
            return _list(session, the_group(session, code), NewSurveyForm(formdata=None))

    @routes.post("/groups/<code>/flows")
    def flow_begin(code: str) -> Page:
        return _create(service, code)

    @routes.get("/groups/<code>/flows/<int:number>")
    def flow(code: str, number: int) -> Page:
        with service.database.reading() as session:
            one = the_survey(session, the_group(session, code, Role.ADMIN), number)
            return _render(session, one, service)

    @routes.post("/groups/<code>/flows/<int:number>/publish")
    def flow_publish(code: str, number: int) -> Page:
        return _publish(service, code, number)

    @routes.post("/groups/<code>/flows/<int:number>/reach")
    def flow_reach(code: str, number: int) -> Page:
        return (_publish if request.form.get("do") == "publish" else _set_reach)(service, code, number)

    @routes.post("/groups/<code>/flows/<int:number>/back/<int:version>")
    def flow_back(code: str, number: int, version: int) -> Page:
        with service.database.transaction() as session:
            one = the_survey(session, the_group(session, code, Role.ADMIN), number)
            if version not in {each.number for each in surveys.versions(session, one)}:
                raise NotFound
            try:
                surveys.restore_version(session, one, version, seen_draft())
            except StaleDraft:
                return show_new_draft(code, number)
        return redirect_to(
            "flow", _("That version is now your draft. Publish it when it's ready."), code=code, number=number
        )

    @routes.post("/groups/<code>/flows/<int:number>/retire")
    def flow_retire(code: str, number: int) -> Page:
        with service.database.transaction() as session:
            one = the_survey(session, the_group(session, code, Role.ADMIN), number)
            surveys.retire(session, one, current_staff().phone_id, service.now())
        return redirect_to(
            "flows_here",
            _("Archived. Members can't reach it any more. Its answers stay until they are due to be deleted."),
            code=code,
        )

    @routes.get("/groups/<code>/flows/<int:number>/file")
    def flow_file(code: str, number: int) -> Response:
        with service.database.reading() as session:
            one = the_survey(session, the_group(session, code, Role.ADMIN), number)
            name, content = one.name, yaml_files.dump(surveys.draft_of(one))
        named = {"Content-Disposition": f"attachment; filename={name}.yaml"}
        return Response(content, content_type="application/yaml; charset=utf-8", headers=named)

    @routes.get("/groups/<code>/flows/<int:number>/rapidpro")
    def flow_export(code: str, number: int) -> Response | Page:
        with service.database.reading() as session:
            one = the_survey(session, the_group(session, code, Role.ADMIN), number)
            found, name = check_draft(one)[0], one.name
        if found is None:
            return redirect_to(
                "flow", _("Finish the draft first. The problems are listed below."), "wait", code=code, number=number
            )
        content = json.dumps(rapidpro.export_flow(found), ensure_ascii=False, indent=1)
        named = {"Content-Disposition": f"attachment; filename={name}-rapidpro.json"}
        return Response(content, content_type="application/json; charset=utf-8", headers=named)


def the_survey(session: Session, group: Group, number: int, *, archived: bool = False) -> Survey:
    """Return a survey of this group. Raise NotFound if there is none, or it is retired and `archived` is false."""
    one = find_in_group(session, Survey, number, group)
    if one.retired_at is not None and not archived:
        raise NotFound
    return one


def check_draft(one: Survey) -> tuple[Definition | None, list[Fault]]:
    """Return the draft and its faults; the draft is None if it is too incomplete to show."""
    try:
        found = parse_definition(surveys.draft_of(one))
    except InvalidDefinition as faulty:
        return None, faulty.faults
    return found, find_faults(found)


def _list(session: Session, group: Group, form: NewSurveyForm, status: int = 200) -> Page:
    """Render the list: admins open flows and start new ones, facilitators read answers."""
    known = {name: parse_definition(yaml_files.load(content)) for name, content in yaml_files.library().items()}
    form.pattern.choices = [
        ("", _("Empty")),
        *((name, surveys.title(found, language_now())) for name, found in known.items()),
    ]
    rows = []
    for one in surveys.surveys_of(session, group.id):
        draft, version = surveys.draft_of(one), surveys.published_version(session, one)
        rows.append((one, surveys.title(draft, language_now()), version.number if version else 0))
    old = surveys.archived(session, group.id)
    archived = [(one, surveys.title(surveys.draft_of(one), language_now())) for one in old]
    return render_page("flows", status, rows=rows, form=form, archived=archived)


def _create(service: Service, code: str) -> Page:
    form, now = NewSurveyForm(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        try:
            data = new_definition(form)
        except FromElsewhere as found:
            return imports.preview(found.data, form)
        except InvalidDefinition as faulty:
            form.file.errors = [": ".join(filter(None, [one.where, one.what])) for one in faulty.faults[:5]]
            return _list(session, group, form, 422)
        if len(surveys.surveys_of(session, group.id)) >= surveys.MOST:
            form.pattern.errors = [_("This group has as many flows as it can. Archive one first.")]
            return _list(session, group, form, 422)
        if not accept_once(session, form, now):
            return already_done("flows_here", code=code)
        one = surveys.create(session, group, data, now)
        return redirect_to("flow", code=code, number=one.id)


def _render(session: Session, one: Survey, service: Service, ways: ReachForm | None = None) -> Page:
    draft = surveys.draft_of(one)
    found, faults = check_draft(one)
    language = request.args.get("language") or language_now()
    language = language if language in draft["languages"] else draft["languages"][0]
    keys = [key for key in request.args.getlist("key") if key][: trial.MOST_KEYS]
    words, names = [words_of(step, language) for step in draft["steps"]], [kind_of(step) for step in draft["steps"]]
    before, live = surveys.versions(session, one), surveys.published_version(session, one)
    with speaking_for(one.group, language_now()):  # the keys and hints use the group's wording, too
        drawn = screens(found, language) if found else []
        turn = trial.turn_after(found, language, keys, service.now()) if found else None
    return render_page(
        "flow",
        422 if ways else 200,
        flow=one,
        title=surveys.title(draft, language_now()),
        draft=draft,
        words=words,
        names=names,
        shown=words_of,
        way=way.draw(draft["steps"], words, names),
        undo=words_of(gone["step"], language) if (gone := deleted.last(one)) else None,
        conditions=[condition_said(step, draft["steps"], language) for step in draft["steps"]],
        places={step["as"]: at + 1 for at, step in enumerate(draft["steps"]) if step.get("as")},
        faults=faults,
        warnings=doubts(one, draft),
        hindered=any(fault.severity == ERROR for fault in faults),
        screens=drawn,
        language=language,
        spoken={each: LANGUAGES[each] for each in draft["languages"]},
        keys=keys,
        turn=turn,
        versions=before,
        live=live,
        changed=changes(surveys.content(live), found) if live and found else [],
        ways=ways or reach_form(one),
        form=Form(seen=str(one.draft_number)),
        dial=code_below(service.settings.service_code, one.code) if one.code else "",
    )


def _publish(service: Service, code: str, number: int) -> Page:
    """Publish the draft that the form was opened with, and save how members reach it if the form has that."""
    form, now = ReachForm(), service.now()
    with service.database.transaction() as session:
        one = the_survey(session, the_group(session, code, Role.ADMIN), number)
        _found, faults = check_draft(one)
        looked = seen_draft()
        if looked is not None and one.draft_number != looked:
            return show_new_draft(code, number)
        if any(fault.severity == ERROR for fault in faults):
            return redirect_to(
                "flow", _("It can't be published yet. The problems are listed below."), "wait", code=code, number=number
            )
        point = session.begin_nested()  # undoes accept_once after an error, so that the form can be sent again
        if not accept_once(session, form, now):
            return already_done("flow", code=code, number=number)
        if "draft" in request.form and not form.save(session, one, service):
            point.rollback()
            return _render(session, one, service, form)
        point.commit()
        version = surveys.publish(session, one, current_staff().phone_id, now, looked)
        telling = form.tell.data and one.code is not None and is_appointed(current_staff(), one.group)
    said = _("Version {number} is published. People in the middle of the old version finish that one.")
    following = "flow_tell" if telling else "flow"
    return redirect_to(following, said.format(number=version.number), code=code, number=number)


def seen_draft() -> int | None:
    """Return the number of the draft that the form was opened with; None if the form has none."""
    seen = request.form.get("draft") or request.form.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else None


def show_new_draft(code: str, number: int) -> Page:
    """Show the draft that someone else saved in the meantime; what this form changed is not saved."""
    said = _("Someone else changed this flow in the meantime. Check it again: your change wasn't saved.")
    return redirect_to("flow", said, "wait", code=code, number=number)


def _set_reach(service: Service, code: str, number: int) -> Page:
    form = ReachForm()
    with service.database.transaction() as session:
        one = the_survey(session, the_group(session, code, Role.ADMIN), number)
        if not form.save(session, one, service):
            return _render(session, one, service, form)
    return redirect_to("flow", _("Saved."), code=code, number=number)
