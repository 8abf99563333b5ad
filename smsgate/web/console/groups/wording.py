"""The wording editor: every text of the service and the group's own wording of it, in each language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Blueprint, request
from sqlalchemy.orm import Session
from wtforms import FieldList, StringField

from smsgate.core import gsm7
from smsgate.core.i18n import LANGUAGES, SOURCE, language_now
from smsgate.flows.actions.members import LONGEST_GROUP
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, wording_editor, wording_screens
from smsgate.groups.wording import wording_at
from smsgate.groups.wording_editor import Original, WordingFault
from smsgate.models import CustomText, Group, Role
from smsgate.notices import group_changes
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound
from smsgate.web.console.pages import Form, Page, accept_once, already_done, redirect_to, render_page, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

PAGE_SIZE = 40  # texts


class WordingForm(Form):
    """The wording of one text: a single field, or one for each plural form of the language."""

    words = FieldList(StringField(), max_entries=6)

    def typed(self) -> list[str]:
        """Return the typed forms, with white space normalised."""
        return [_tidy(one or "")[: wording_editor.LONGEST] for one in self.words.data]


def _tidy(typed: str) -> str:
    return "\n".join(" ".join(line.split()) for line in typed.strip().splitlines())


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes that list the texts, and that edit, preview while typing, or restore one."""

    @routes.get("/groups/<code>/texts")
    def texts_here(code: str) -> Page:
        wording_screens.prepare()
        with service.database.reading() as session:
            return _list(session, the_group(session, code, Role.ADMIN))

    @routes.get("/groups/<code>/texts/<language>/<key>")
    def text_one(code: str, language: str, key: str) -> Page:
        with service.database.reading() as session:
            return _render_text(session, the_group(session, code, Role.ADMIN), _original(language, key), language)

    @routes.post("/groups/<code>/texts/<language>/<key>")
    def text_keep(code: str, language: str, key: str) -> Page:
        return _check_and_save(service, code, language, key)

    @routes.post("/groups/<code>/texts/<language>/<key>/look")
    def text_look(code: str, language: str, key: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN)
            original, form = _original(language, key), WordingForm()
            faults, words = _faults(group, original, language, form), form.typed()
            screens = [] if faults else _screens(service, session, group, original, language, words)
            return render_page("text_look", faults=faults, said=_examples(form, language, group), screens=screens)

    @routes.post("/groups/<code>/texts/<language>/<key>/back")
    def text_back(code: str, language: str, key: str) -> Page:
        return _restore(service, code, language, key)


def sections() -> dict[str, str]:
    """Return the sections of the list, by key."""
    return {
        "first": _("First screens and keys"),
        "groups": _("Groups and joining"),
        "meetings": _("Meetings"),
        "help": _("Help texts"),
        "chosen": _("People whom members choose"),
        "hard": _("A hard day"),
        "settings": _("Settings and PIN"),
        "standing": _("STOP, START and short answers"),
        "two": _("One to one"),
        "leading": _("Leaders"),
    }


def _original(language: str, key: str) -> Original:
    found = wording_editor.originals().get(key)
    if found is None or language not in LANGUAGES:
        raise NotFound
    return found


def _list(session: Session, group: Group) -> Page:
    asked = request.args.get("language", "")
    language = asked if asked in LANGUAGES else language_now()
    section, sought = request.args.get("section", "first"), request.args.get("q", "").strip()[:60]
    own = {text: words for (spoken, text), words in wording_at(session, group.wording).items() if spoken == language}
    found = [one for one in wording_editor.originals().values() if _fits(one, language, own, section, sought)]
    page = max(int(number), 1) if (number := request.args.get("page", "1")).isdecimal() and len(number) < 6 else 1
    first = (page - 1) * PAGE_SIZE
    return render_page(
        "texts",
        rows=[
            (one, _shown(one.forms(language), language, group), _shown(own.get(one.text, ("",)), language, group))
            for one in found[first : first + PAGE_SIZE]
        ],
        spoken=language, section=section, sought=sought, sections=sections(), count=len(found), page=page,
        pages=-(-len(found) // PAGE_SIZE), gone=wording_editor.unused_wordings(session, group),
    )  # fmt: skip


def _shown(forms: tuple[str, ...], language: str, group: Group) -> str:
    """Return the first form of a text as phones show it; "" if it is empty."""
    return _named(wording_editor.example(forms[0], language), group) if forms[0] else ""


def _fits(one: Original, language: str, own: dict[str, tuple[str, ...]], section: str, sought: str) -> bool:
    if sought:
        texts = (one.text, *one.forms(language), *own.get(one.text, ()))
        return any(sought.casefold() in text.casefold() for text in texts)
    return one.text in own if section == "own" else one.section == section


def _render_text(
    session: Session, group: Group, original: Original, language: str, form: WordingForm | None = None,
    faults: list[WordingFault] | None = None, *, meanwhile: bool = False,
) -> Page:  # fmt: skip
    """Render the form for a text, with the current wording, the original and earlier versions."""
    before = wording_editor.history(session, group, language, original.text)
    now = before[0].words if before else None
    mine = original.forms(language)
    if form is None:
        form = WordingForm(formdata=None, seen=str(before[0].id if before else 0), data={"words": now or list(mine)})
    elif meanwhile:
        form.renew(str(before[0].id if before else 0))
    return render_page(
        "text",
        409 if meanwhile else 422 if faults else 200,
        original=original, mine=mine, spoken=language, form=form, faults=faults or [], meanwhile=meanwhile,
        reworded=now, before=before, source=original.forms(SOURCE),
        said=_examples(form, language, group), place=sections()[original.section],
    )  # fmt: skip


def _examples(form: WordingForm, language: str, group: Group) -> list[str]:
    return [_named(wording_editor.example(said, language), group) for said in form.typed()]


def _named(text: str, group: Group) -> str:
    """Return a text with the sample name replaced by the group's own."""
    return text.replace(LONGEST_GROUP, gsm7.transliterate(group.name))


def _screens(
    service: Service, session: Session, group: Group, original: Original, language: str, words: list[str]
) -> list[list[tuple[str, bool]]]:
    """Return the screens that show the text, each as (part, is edited) pairs that mark the edited words."""
    wording, limit = wording_at(session, group.wording), service.settings.ussd_limit
    parts = {part for form in words for part in wording_screens.literal_parts(form)}
    split = re.compile(f"({'|'.join(map(re.escape, sorted(parts, key=len, reverse=True)))})") if parts else None
    found = wording_screens.screens_with(wording, original.text, language, words, limit)
    return [
        [(_named(part, group), part in parts) for part in (split.split(screen) if split else [screen]) if part]
        for screen in found
    ]


def _faults(group: Group, original: Original, language: str, form: WordingForm) -> list[WordingFault]:
    typed = form.typed()
    if len(typed) != len(original.forms(language)):
        raise NotFound
    return wording_editor.find_faults(group, original, language, typed)


def _check_and_save(service: Service, code: str, language: str, key: str) -> Page:
    original, form = _original(language, key), WordingForm()
    with service.database.reading() as session:
        group = the_group(session, code, Role.ADMIN)
        faults = _faults(group, original, language, form)
        if all(one.doubt for one in faults):  # run the slow check here, before any lock is taken
            broken = wording_editor.find_broken_screen(
                session, group, original, language, form.typed(), service.settings.ussd_limit
            )  # fmt: skip
            faults += [broken] if broken else []
        if any(not one.doubt for one in faults):
            return _render_text(session, group, original, language, form, faults)
    return _save(service, code, original, language, form, form.typed(), faults)


def _save(
    service: Service, code: str, original: Original, language: str, form: WordingForm, words: list[str] | None,
    doubts: list[WordingFault],
) -> Page:  # fmt: skip
    now = service.now()
    if words == list(original.forms(language)):
        words = None
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        if not accept_once(session, form, now):
            return already_done("text_one", code=code, language=language, key=original.key)
        seen = form.seen.data or ""
        try:
            known = int(seen) if seen.isdecimal() and len(seen) < 12 else -1
            new = wording_editor.save_wording(
                session, group, original, language, words, now, by=current_staff().phone_id, seen=known
            )
        except wording_editor.StaleWording:
            return _render_text(session, group, original, language, form, meanwhile=True)
        if new:
            group_changes.write_group_anew(session, group, now, service.settings.service_code)
            audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.TEXT_REWORDED, now)
    said = _("Saved. Phones use it from the next call on.") if words else _("The original text is back.")
    return redirect_to(
        "text_one", " ".join([said, *(one.said for one in doubts)]), code=code, language=language, key=original.key
    )


def _restore(service: Service, code: str, language: str, key: str) -> Page:
    """Restore the service's words, or an earlier wording of the group, which is checked like a new one."""
    original, form = _original(language, key), WordingForm()
    wanted = request.form.get("to", "")
    with service.database.reading() as session:
        group = the_group(session, code, Role.ADMIN)
        row = session.get(CustomText, int(wanted)) if wanted.isdecimal() and len(wanted) < 12 else None
        if wanted and (row is None or (row.group_id, row.language, row.text) != (group.id, language, original.text)):
            raise NotFound
        if row is None or row.words is None:
            return _save(service, code, original, language, form, None, [])
        form.words.process(None, row.words)
        found = wording_editor.find_faults(group, original, language, row.words)
        broken = wording_editor.find_broken_screen(
            session, group, original, language, row.words, service.settings.ussd_limit
        )
        faults = [one for one in [*found, *([broken] if broken else [])] if not one.doubt]
        if faults:
            return _render_text(session, group, original, language, form, faults)
    return _save(service, code, original, language, form, row.words, [])
