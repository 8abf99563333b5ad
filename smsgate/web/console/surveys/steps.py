"""Editing a survey's draft: its steps, one at a time, its title and its settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request
from sqlalchemy.orm import Session

from smsgate.core.errors import Invalid
from smsgate.core.graphemes import clip
from smsgate.core.i18n import LANGUAGES
from smsgate.flows.survey import END
from smsgate.models import Role, Survey
from smsgate.surveys import surveys
from smsgate.surveys.definitions.schema import answer_names, version_of
from smsgate.web.console.accounts.permissions import NotFound
from smsgate.web.console.pages import Form, Page, redirect_to, render_page, the_group
from smsgate.web.console.surveys import deleted
from smsgate.web.console.surveys.place_now import marks, place_now
from smsgate.web.console.surveys.surveys import seen_draft, show_new_draft, the_survey
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

KINDS = ("say", "ask", "choose", "go", "remember")
ASKING = ("ask", "choose")
OPTIONS = range(1, 10)
MOST_STEPS = 120
NOT_SHORT_NAME = re.compile(r"[^a-z0-9_]+")
Change = Callable[[dict[str, Any]], None]


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for editing a draft."""

    @routes.get("/groups/<code>/flows/<int:number>/steps/<int:at>")
    def flow_step(code: str, number: int, at: int) -> Page:
        with service.database.reading() as session:
            one = the_survey(session, the_group(session, code, Role.ADMIN), number)
            return _render_step(one, at)

    @routes.post("/groups/<code>/flows/<int:number>/steps/<int:at>")
    def flow_step_keep(code: str, number: int, at: int) -> Page:
        return _save_step(service, code, number, at)

    @routes.post("/groups/<code>/flows/<int:number>/steps/<int:at>/<what>")
    def flow_step_move(code: str, number: int, at: int, what: str) -> Page:
        return _change_draft(
            service, code, number, lambda draft: _apply_move(draft, at, what), deletes=what == "delete"
        )

    @routes.post("/groups/<code>/flows/<int:number>/steps/undo")
    def flow_step_undo(code: str, number: int) -> Page:
        return _undo_deletion(service, code, number)

    @routes.post("/groups/<code>/flows/<int:number>/about")
    def flow_about(code: str, number: int) -> Page:
        try:
            return _change_draft(service, code, number, _apply_about)
        except Invalid as refused:
            return redirect_to("flow", str(refused), "wrong", code=code, number=number)


def _render_step(one: Survey, at: int, typed: Mapping[str, Any] | None = None, *, new: bool = False) -> Page:
    """Render the form for step `at`, or for a new step: inserted before it with `?kind=`, or added after the last."""
    draft = surveys.draft_of(one)
    steps = draft["steps"]
    new = new or at == len(steps) or (typed is None and _is_new())
    if at > len(steps) or at >= MOST_STEPS or (len(steps) >= MOST_STEPS and new):
        raise NotFound
    asked = request.args.get("kind", "say")
    form = Form()
    form.seen.data = str(one.draft_number)
    step = typed or ({asked if asked in KINDS else "say": {}} if new else steps[at])
    return render_page(
        "flow_step",
        409 if typed else 200,
        flow=one,
        at=at,
        step=step,
        kind=next(kind for kind in KINDS if kind in step),
        spoken={each: LANGUAGES[each] for each in draft["languages"]},
        new=new,
        choices=[_choices_of(each, draft["languages"]) for each in steps[:at] if "choose" in each and each.get("as")],
        later=[each["as"] for each in steps[at if new else at + 1 :] if each.get("as")],
        earlier=answer_names({"steps": steps[:at]}),
        rows=[*step.get("options", []), *[{}] * 9][:9],
        form=form,
        marks=marks(steps),
        meanwhile=typed is not None,
    )


def _is_new() -> bool:
    """Return whether the step is inserted before the one at that position, not a replacement for it."""
    return bool(request.form.get("new") if request.method == "POST" else request.args.get("kind"))


def _choices_of(step: Mapping[str, Any], languages: list[str]) -> tuple[str, str, list[tuple[str, str]]]:
    """Return an earlier question for a later step's condition, as (name, words, [(answer's name, label)])."""

    def said(texts: Mapping[str, str]) -> str:
        return next((texts[one] for one in languages if texts.get(one)), "") or next(iter(texts.values()), "")

    return step["as"], said(step["choose"]) or step["as"], [(one["is"], said(one["label"])) for one in step["options"]]


def _save_step(service: Service, code: str, number: int, at: int) -> Page:
    with service.database.transaction() as session:
        one = the_survey(session, the_group(session, code, Role.ADMIN), number)
        session.refresh(one, with_for_update=True)
        draft, looked = surveys.draft_of(one), seen_draft()
        step = _typed_step(request.form, draft["languages"], at)
        if looked is not None and looked != one.draft_number:
            return _show_meanwhile(one, draft["steps"], at, step)
        if at > len(draft["steps"]) or at >= MOST_STEPS:
            raise NotFound
        draft["steps"][at : at if _is_new() else at + 1] = [step]
        _save(session, one, draft)
    return redirect_to("flow", _("Saved as a draft."), code=code, number=number, _anchor=f"step-{at + 1}")


def _show_meanwhile(one: Survey, steps: list[dict[str, Any]], at: int, step: dict[str, Any]) -> Page:
    """Show what was typed again, where the step is after what someone else changed; as a new one if it is gone."""
    before, now = request.form.get("marks", "").split(), marks(steps).split()
    place, is_there = place_now(before, now, at) if before else (min(at, len(now)), True)
    return _render_step(one, place, step, new=_is_new() or not is_there)


def _save(session: Session, one: Survey, draft: dict[str, Any]) -> bool:
    """Save the draft; False if someone else changed it since this form was opened."""
    looked = seen_draft()
    draft["smsgate"] = max(draft.get("smsgate", 1), version_of(draft["steps"]))
    try:
        surveys.save_draft(session, one, draft, one.draft_number if looked is None else looked)
    except surveys.StaleDraft:
        return False
    return True


def _change_draft(service: Service, code: str, number: int, change: Change, *, deletes: bool = False) -> Page:
    with service.database.transaction() as session:
        one = the_survey(session, the_group(session, code, Role.ADMIN), number)
        draft = surveys.draft_of(one)
        before = draft["steps"][:]
        change(draft)
        kept = _save(session, one, draft)
        if kept and deletes:
            at = next((at for at, step in enumerate(draft["steps"]) if step is not before[at]), len(draft["steps"]))
            deleted.note(one, at, before[at])
    if not kept:
        return show_new_draft(code, number)
    return redirect_to("flow", _("Saved as a draft."), code=code, number=number)


def _undo_deletion(service: Service, code: str, number: int) -> Page:
    with service.database.transaction() as session:
        one = the_survey(session, the_group(session, code, Role.ADMIN), number)
        found = deleted.last(one)
        if found is None:
            return redirect_to("flow", _("Nothing to undo."), "wait", code=code, number=number)
        draft = surveys.draft_of(one)
        draft["steps"].insert(found["at"], found["step"])
        if not _save(session, one, draft):
            return show_new_draft(code, number)
        deleted.forget_last(one)
    return redirect_to("flow", _("Step restored."), code=code, number=number, _anchor=f"step-{found['at'] + 1}")


def _copy_of(step: Mapping[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a copy of a step, under a name that no other step has."""
    copy = json.loads(json.dumps(step))
    if name := copy.get("as"):
        taken = {one.get("as") for one in steps}
        copy["as"] = next(new for n in range(2, len(steps) + 3) if (new := f"{name[:20]}_{n}") not in taken)
    return dict(copy)


def _apply_move(draft: dict[str, Any], at: int, what: str) -> None:
    steps = draft["steps"]
    if at >= len(steps):
        raise NotFound
    if what == "delete":
        del steps[at]
    elif what == "copy" and len(steps) < MOST_STEPS:
        steps.insert(at + 1, _copy_of(steps[at], steps))
    elif what.startswith("to-") and what[3:].isdecimal() and len(what) < 7:
        steps.insert(min(int(what[3:]), len(steps) - 1), steps.pop(at))
    elif what == "up" and at:
        steps[at - 1 : at + 1] = [steps[at], steps[at - 1]]
    elif what == "down" and at + 1 < len(steps):
        steps[at : at + 2] = [steps[at + 1], steps[at]]


def _apply_about(draft: dict[str, Any]) -> None:
    """Copy name, titles, languages, anonymity and retention from the form. Raise Invalid if no language is chosen."""
    chosen = [language for language in LANGUAGES if request.form.get(f"speaks_{language}")]
    if not chosen:
        raise Invalid(_("Choose at least one language. Nothing was saved."))
    draft["languages"] = chosen
    draft["title"] = {one: _line(f"title_{one}", 30) or draft["title"].get(one, "") for one in chosen}
    draft["title"] = {one: said for one, said in draft["title"].items() if said} or {chosen[0]: _("New")}
    draft["name"] = re.sub(r"[^a-z0-9-]+", "-", _line("name", 40).lower()).strip("-") or draft["name"]
    draft["anonymous"] = bool(request.form.get("anonymous"))
    days = _line("keep_days", 3)
    draft["keep_days"] = min(max(int(days), 1), 365) if days.isdecimal() and days.isascii() else draft["keep_days"]


def _line(name: str, most: int) -> str:
    return clip(" ".join(request.form.get(name, "").split()), most)


def _words(prefix: str, languages: list[str], most: int) -> dict[str, str]:
    typed = {one: _line(f"{prefix}_{one}", most) for one in languages}
    return {one: said for one, said in typed.items() if said}


def _typed_step(form: Mapping[str, str], languages: list[str], at: int) -> dict[str, Any]:
    """Build the step from the form. It may be incomplete: validating the draft shows what is missing."""
    kind = form.get("kind", "say") if form.get("kind") in KINDS else "say"
    step: dict[str, Any] = _silent(kind) or {kind: _words("text", languages, 600)}
    name = _short_name(_line("as", 24))
    if name or kind in ASKING:
        step["as"] = name or f"step_{at + 1}"
    if kind == "ask":
        step |= _limits(form)
    if kind == "choose":
        step["options"] = [option for row in OPTIONS if (option := _typed_option(row, languages))]
        step |= {"again": True} if form.get("again") else {}
    if kind == "say" and (to := _line("to", 24)):
        step["to"] = to
    if kind in ASKING and not form.get("skip"):
        step["skip"] = False
    if (asked := _line("if_step", 24)) or request.form.getlist("if_is"):
        step |= _typed_condition(form, asked)
    return step


def _silent(kind: str) -> dict[str, Any]:
    """Return a step that says and asks nothing; {} for the other kinds."""
    if kind == "go":
        return {"go": _line("to", 24) or END}
    if kind == "remember":
        return {
            "remember": _short_name(_line("remember", 24)) or "noted",
            "value": _short_name(_line("value", 24)) or "yes",
        }
    return {}


def _limits(form: Mapping[str, str]) -> dict[str, Any]:
    longest = _line("longest", 3)
    limits: dict[str, Any] = {}
    if longest.isdecimal() and longest.isascii():
        limits["longest"] = min(max(int(longest), 1), 160)
    return limits | ({"kind": "number", **_range("")} if form.get("is_number") else {})


def _range(prefix: str) -> dict[str, int]:
    """Return the typed limits of a number, under `from` and `up_to`."""
    typed = {key: _line(f"{prefix}{key}", 15) for key in ("from", "up_to")}
    return {key: int(number) for key, number in typed.items() if number.isdecimal() and number.isascii()}


def _typed_condition(form: Mapping[str, str], asked: str) -> dict[str, Any]:
    if ticked := [one.split("=", 1) for one in request.form.getlist("if_is") if "=" in one]:
        asked = ticked[0][0]
        values = [_short_name(value) for step, value in ticked if step == asked]
        return {"only_if": {"step": _short_name(asked), "not" if form.get("if_not") else "is": values[:9]}}
    values = [_short_name(one.strip()) for one in _line("if_values", 200).split(",") if one.strip()]
    if values:
        return {"only_if": {"step": asked, "not" if form.get("if_not") else "is": values[:9]}}
    limits = _range("if_")
    return {"only_if": {"step": asked, **limits}} if limits else {}


def _short_name(typed: str) -> str:
    return NOT_SHORT_NAME.sub("_", typed.lower()).strip("_")


def _typed_option(row: int, languages: list[str]) -> dict[str, Any]:
    label = _words(f"label_{row}", languages, 80)
    if not label:
        return {}
    short = NOT_SHORT_NAME.sub("_", (_line(f"is_{row}", 24) or next(iter(label.values()))).lower()).strip("_")[:24]
    option = {"is": short if short and short != "end" else f"a{row}", "label": label}
    return option | ({"to": to} if (to := _line(f"to_{row}", 24)) else {})
