"""Notices: writing them in several languages, previewing, sending, following and stopping them, and approval."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, request
from sqlalchemy.orm import Session

from smsgate.core import gsm7
from smsgate.core.admin_text import changes_said
from smsgate.core.graphemes import EMOJI
from smsgate.core.i18n import LANGUAGES
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.flows.leader.notices import LONGEST, doubts_said, outcome_said, price_said
from smsgate.flows.spelling import odd_said
from smsgate.groups import audit_log
from smsgate.models import Group, Notice, NoticeStatus
from smsgate.notices import approval, delivery_stats, notices, pricing, summaries
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound, find_in_group
from smsgate.web.console.notices import delivery_bar, drafts, sent, story
from smsgate.web.console.notices.compose import NoticeForm, offer_choices, read_content
from smsgate.web.console.pages import Form, Page, accept_once, already_done, redirect_to, render_page, the_group
from smsgate.web.console.text import _
from smsgate.web.front import row_id

if TYPE_CHECKING:
    from smsgate.service import Service

ACCEPTED = (
    approval.ApprovalResult.GOING,
    approval.ApprovalResult.TIMED,
    approval.ApprovalResult.ASKED,
    approval.ApprovalResult.OPERATOR,
    approval.ApprovalResult.NOBODY,
)


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for notices."""

    @routes.get("/groups/<code>/notices")
    def notices_here(code: str) -> Page:
        with service.database.reading() as session:
            return _list(session, the_group(session, code, appointed=True), service)

    @routes.get("/groups/<code>/notices/new")
    def notice_new(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, appointed=True)
            return _compose(session, group, _draft_form(session, group), service)

    @routes.post("/groups/<code>/notices/new")
    def notice_write(code: str) -> Page:
        return _write(service, code)

    @routes.get("/groups/<code>/notices/<int:number>")
    def notice(code: str, number: int) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, appointed=True)
            return _render(session, group, _the_notice(session, group, number), service)

    @routes.post("/groups/<code>/notices/<int:number>/send")
    def notice_send(code: str, number: int) -> Page:
        return _send(service, code, number)

    @routes.post("/groups/<code>/notices/<int:number>/stop")
    def notice_stop(code: str, number: int) -> Page:
        return _stop(service, code, number)

    @routes.post("/groups/<code>/notices/<int:number>/template")
    def notice_template(code: str, number: int) -> Page:
        with service.database.transaction() as session:
            found = _the_notice(session, the_group(session, code, appointed=True), number)
            found.is_template = request.form.get("keep") == "y" and found.forgotten_at is None
            said = _("Saved as a template.") if found.is_template else _("Template removed.")
        return redirect_to("notices_here", said, code=code, _anchor="templates")

    @routes.post("/groups/<code>/notices/<int:number>/agree")
    def notice_agree(code: str, number: int) -> Page:
        return _agree(service, code, number, yes=True)

    @routes.post("/groups/<code>/notices/<int:number>/decline")
    def notice_decline(code: str, number: int) -> Page:
        return _agree(service, code, number, yes=False)


def _the_notice(session: Session, group: Group, number: int) -> Notice:
    """Return a notice of this group. Raise NotFound if there is none, or it is someone else's draft."""
    found = find_in_group(session, Notice, number, group)
    if found.author_id != current_staff().phone_id and drafts.is_private(session, found):
        raise NotFound
    return found


def _list(session: Session, group: Group, service: Service) -> Page:
    waits = summaries.notices_to_approve(
        session, group, current_staff().phone_id, service.now(), service.settings.price
    )
    return render_page(
        "notices", rows=sent.list_sent(session, group, service.now()), waits=waits, form=Form(),
        drafts=drafts.drafts_of_mine(session, group), templates=drafts.templates_of(session, group),
    )  # fmt: skip


def _draft_form(session: Session, group: Group) -> NoticeForm:
    """Return an empty form, or with `?from=` one filled with an earlier notice."""
    number = request.args.get("from", type=row_id)
    if number is None:
        return NoticeForm(formdata=None)
    found = _the_notice(session, group, number)
    form = NoticeForm(formdata=None)
    form.words.data = found.words
    for language, words in notices.versions_of(found).items():
        form[f"words_{language}"].data = words
    form.whom.data = found.language or found.audience.value
    if found.due_at is not None and found.stage is NoticeStatus.DRAFT:
        form.when.data, form.at.data = "later", summaries.local(group, found.due_at)[:16]
    form.draft.data = str(found.id) if drafts.is_draft_of_mine(found) else ""
    return form


def _compose(session: Session, group: Group, form: NoticeForm, service: Service, status: int = 200) -> Page:
    now = service.now()
    offer_choices(session, form, group, now)
    each = pricing.price_per_segment(session, group.id, service.settings.price)
    return render_page(
        "notice_new",
        status,
        form=form,
        longest=LONGEST,
        several=len(group.languages.split()) > 1,  # only if chosen: a group that chose none has all languages
        alphabet={
            "basic": "".join(sorted(gsm7.BASIC)),
            "extended": "".join(sorted(gsm7.EXTENDED)),
            "folded": _substitutes(),
            "emoji": EMOJI.pattern,
        },
        each=pricing.price_text([each]) if each else "",
        clock=now.astimezone(ZoneInfo(group.zone)).strftime("%H:%M"),
    )


def _substitutes() -> str:
    return json.dumps({chr(code): cheaper for code, cheaper in gsm7.SUBSTITUTES.items()})


def _write(service: Service, code: str) -> Page:
    form, now = NoticeForm(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, appointed=True)
        offer_choices(session, form, group, now)
        content = read_content(form, group, now) if form.validate() else None
        if content is None:
            return _compose(session, group, form, service, 422)
        if not accept_once(session, form, now):
            waiting = approval.waiting_draft(session, current_staff().phone_id, now)
            return (
                already_done("notice", code=code, number=waiting.id)
                if waiting
                else already_done("notices_here", code=code)
            )
        draft = approval.draft(session, current_staff().phone_id, group, content, now)
        _replace_draft(session, group, form, now)
        for said in filter(None, map(changes_said, [content.words, *content.versions.values()])):
            flash(said, "wait")
        return redirect_to("notice", code=code, number=draft.id)


def _replace_draft(session: Session, group: Group, form: NoticeForm, now: datetime) -> None:
    """Discard the draft that this one replaces."""
    typed = form.draft.data or ""
    earlier = session.get(Notice, int(typed)) if typed.isdecimal() and len(typed) < 12 else None
    if earlier is not None and earlier.group_id == group.id and drafts.is_draft_of_mine(earlier):
        notices.discard(session, earlier, now)


def _render(session: Session, group: Group, found: Notice, service: Service) -> Page:
    """Render the preview of a draft, or the progress of a sent notice."""
    now, price = service.now(), service.settings.price
    texts = {"": found.words, **notices.versions_of(found)}
    given: dict[str, Any] = {
        "notice": found,
        "texts": [_measured(one, text) for one, text in texts.items()],
        "form": Form(),
        "whom": story.audience_said(found),
    }
    if found.stage in (NoticeStatus.DRAFT, NoticeStatus.ASKED):
        priced = summaries.priced_notice(session, found, now, price)
        said = [price_said(priced), *doubts_said(priced), *([odd_said(priced["odd"])] if priced["odd"] else [])]
        other = approval.recent_notice_by_other(session, group.id, current_staff().phone_id, now) is not None
        if found.stage is NoticeStatus.DRAFT and approval.needs_second_approver(
            session, found, priced["people"], now, service.settings.second_agrees
        ):
            said.append(_("Another leader has to approve it before it's sent. We ask them when you press Send."))
        given |= {"said": said, "nobody": not priced["people"], "another": other}
        over = found.created_at <= now - approval.CODE_LASTS
        given["stale"] = found.stage is NoticeStatus.DRAFT and over
        given["mine"] = found.author_id == current_staff().phone_id
    if found.stage is not NoticeStatus.DRAFT:
        given |= _progress(session, found, now)
    template = "notice_live" if request.args.get("part") == "live" else "notice"
    return render_page(template, **given)


def _measured(language: str, words: str) -> dict[str, Any]:
    return {
        "language": LANGUAGES.get(language, ""),
        "words": words,
        "parts": gsm7.segments(words),
        "length": len(words),
    }


def _progress(session: Session, found: Notice, now: datetime) -> dict[str, Any]:
    far, states = summaries.delivery_status(session, found), notices.progress(session, found)
    stopped = found.stopped_at is not None
    counts = delivery_bar.counts_by_part(states, stopped=stopped)
    if found.stage in story.NOT_GONE:
        counts["waiting"] = far["waiting"]
    hours = delivery_stats.by_hour(session, found)
    return {
        "far": far,
        "state": story.state_of(found, counts),
        "counts": counts,
        "names": delivery_bar.part_names(),
        "bars": delivery_bar.draw(counts).parts,
        "failures": [
            (story.reason_said(one.reason), one.reason, one.network, one.count)
            for one in delivery_stats.failures(session, found)
        ],
        "unsent": story.unsent_said(states, stopped=stopped),
        "events": story.timeline(session, found, now),
        "hours": hours,
        "tallest": delivery_stats.tallest(hours),
        "going_on": bool(far["waiting"] or far["sent"]) and not stopped,
    }


def _send(service: Service, code: str, number: int) -> Page:
    now = service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, appointed=True)
        found = _the_notice(session, group, number)
        if found.author_id != current_staff().phone_id:
            raise NotFound
        if request.form.get("anyway"):
            found.warned_at = found.warned_at or now
        decision = approval.confirm(session, found, current_staff().phone_id, None, now, service.settings)
        said = outcome_said(summaries.outcome(session, decision, now))
    if decision.result is approval.ApprovalResult.ANOTHER:
        said = _("Someone else sent a notice to this group a few minutes ago. Check that you want both.")
    return redirect_to("notice", said, "done" if decision.result in ACCEPTED else "wait", code=code, number=number)


def _stop(service: Service, code: str, number: int) -> Page:
    now = service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, appointed=True)
        found = _the_notice(session, group, number)
        if drafts.is_draft_of_mine(found):
            notices.discard(session, found, now)
        elif found.stopped_at is None:
            notices.stop(session, found, now)
            audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.NOTICE_STOPPED, now, found.id)
    return redirect_to("notice", _("Stopped. Texts that weren't sent yet won't be sent."), code=code, number=number)


def _agree(service: Service, code: str, number: int, *, yes: bool) -> Page:
    now = service.now()
    with service.database.transaction() as session:
        found = _the_notice(session, the_group(session, code, appointed=True), number)
        decision = approval.approve(session, found, current_staff().phone_id, yes, now, service.settings.service_code)
        said = outcome_said(summaries.outcome(session, decision, now))
    good = decision.result in (*ACCEPTED, approval.ApprovalResult.DROPPED)
    return redirect_to("notice", said, "done" if good else "wait", code=code, number=number)
