"""Texts: every text of the service as phones say it, and as the group would rather have it said, in each language."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import FieldList, StringField

from smsgate.core.i18n import LANGUAGES, SOURCE, language_now
from smsgate.groups import roles, wording_editor
from smsgate.groups.wording import wording_at
from smsgate.groups.wording_editor import Original, WordingFault
from smsgate.models import CustomText, Group, Role
from smsgate.web.console.access import me
from smsgate.web.console.accounts.permissions import NotYours
from smsgate.web.console.pages import Form, again, first_time, go, show, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response
PAGE = 40  # texts


class Words(Form):
    """The forms of one text: one, or as many as the language counts with."""

    words = FieldList(StringField(), max_entries=6)

    def typed(self) -> list[str]:
        """What they want said."""
        return [_tidy(one or "")[: wording_editor.LONGEST] for one in self.words.data]


def _tidy(typed: str) -> str:
    return "\n".join(" ".join(line.split()) for line in typed.strip().splitlines())


def add(routes: Blueprint, service: Service) -> None:
    """The list, one text, the look at it while it is typed, and going back."""

    @routes.get("/groups/<code>/texts")
    def texts_here(code: str) -> Page:
        with service.database.reading() as session:
            return _list(session, the_group(session, code, Role.ADMIN))

    @routes.get("/groups/<code>/texts/<language>/<key>")
    def text_one(code: str, language: str, key: str) -> Page:
        with service.database.reading() as session:
            return _one(session, the_group(session, code, Role.ADMIN), _original(language, key), language)

    @routes.post("/groups/<code>/texts/<language>/<key>")
    def text_keep(code: str, language: str, key: str) -> Page:
        return _keep(service, code, language, key)

    @routes.post("/groups/<code>/texts/<language>/<key>/look")
    def text_look(code: str, language: str, key: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN)
            original, form = _original(language, key), Words()
            return show("text_look", faults=_quick(group, original, language, form), said=_examples(form, language))

    @routes.post("/groups/<code>/texts/<language>/<key>/back")
    def text_back(code: str, language: str, key: str) -> Page:
        return _back(service, code, language, key)


def sections() -> dict[str, str]:
    """Where texts are said, as people call it."""
    return {
        "first": _("First screens and keys"),
        "groups": _("Groups and joining"),
        "meetings": _("Meetings"),
        "help": _("Help texts"),
        "chosen": _("People whom members choose"),
        "hard": _("A hard day"),
        "settings": _("Settings and PIN"),
        "standing": _("STOP, START and short answers"),
        "leading": _("Who leads"),
    }


def _original(language: str, key: str) -> Original:
    found = wording_editor.originals().get(key)
    if found is None or language not in LANGUAGES:
        raise NotYours
    return found


def _list(session: Session, group: Group) -> Page:
    asked = request.args.get("language", "")
    language = asked if asked in LANGUAGES else language_now()
    section, sought = request.args.get("section", "first"), request.args.get("q", "").strip()[:60]
    own = {text: words for (spoken, text), words in wording_at(session, group.wording).items() if spoken == language}
    found = [one for one in wording_editor.originals().values() if _fits(one, language, own, section, sought)]
    page = max(int(number), 1) if (number := request.args.get("page", "1")).isdecimal() and len(number) < 6 else 1
    return show(
        "texts",
        rows=[(one, one.forms(language), own.get(one.text)) for one in found[(page - 1) * PAGE : page * PAGE]],
        spoken=language, section=section, sought=sought, sections=sections(), count=len(found), page=page,
        pages=-(-len(found) // PAGE), gone=wording_editor.unused_wordings(session, group),
    )  # fmt: skip


def _fits(one: Original, language: str, own: dict[str, tuple[str, ...]], section: str, sought: str) -> bool:
    if sought:
        texts = (one.text, *one.forms(language), *own.get(one.text, ()))
        return any(sought.casefold() in text.casefold() for text in texts)
    return one.text in own if section == "own" else one.section == section


def _one(
    session: Session, group: Group, original: Original, language: str, form: Words | None = None,
    faults: list[WordingFault] | None = None, *, meanwhile: bool = False,
) -> Page:  # fmt: skip
    """The form of a text, with what stands there now, the original beside it, and how it was worded before."""
    before = wording_editor.history(session, group, language, original.text)
    now = before[0].words if before else None
    mine = original.forms(language)
    if form is None:
        form = Words(formdata=None, seen=str(before[0].id if before else 0), data={"words": now or list(mine)})
    elif meanwhile:
        form.seen.data, form.once.data = str(before[0].id if before else 0), secrets.token_urlsafe(18)
    return show(
        "text",
        409 if meanwhile else 422 if faults else 200,
        original=original, mine=mine, spoken=language, form=form, faults=faults or [], meanwhile=meanwhile,
        reworded=now, before=before, source=original.forms(SOURCE),
        said=_examples(form, language), place=sections()[original.section],
    )  # fmt: skip


def _examples(form: Words, language: str) -> list[str]:
    return [wording_editor.example(said, language) for said in form.typed()]


def _quick(group: Group, original: Original, language: str, form: Words) -> list[WordingFault]:
    typed = form.typed()
    if len(typed) != len(original.forms(language)):
        raise NotYours
    return wording_editor.find_faults(group, original, language, typed)


def _keep(service: Service, code: str, language: str, key: str) -> Page:
    original, form = _original(language, key), Words()
    with service.database.reading() as session:
        group = the_group(session, code, Role.ADMIN)
        faults = _quick(group, original, language, form)
        if all(one.doubt for one in faults):  # the long look, with nothing locked meanwhile
            broken = wording_editor.find_broken_screen(
                session, group, original, language, form.typed(), service.settings.ussd_limit
            )  # fmt: skip
            faults += [broken] if broken else []
        if any(not one.doubt for one in faults):
            return _one(session, group, original, language, form, faults)
    return _kept(service, code, original, language, form, form.typed(), faults)


def _kept(
    service: Service, code: str, original: Original, language: str, form: Words, words: list[str] | None,
    doubts: list[WordingFault],
) -> Page:  # fmt: skip
    now = service.now()
    if words == list(original.forms(language)):
        words = None
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        if not first_time(session, form, now):
            return again("text_one", code=code, language=language, key=original.key)
        seen = form.seen.data or ""
        try:
            known = int(seen) if seen.isdecimal() and len(seen) < 12 else -1
            new = wording_editor.save_wording(
                session, group, original, language, words, now, by=me().phone_id, seen=known
            )
        except wording_editor.StaleWording:
            return _one(session, group, original, language, form, meanwhile=True)
        if new:
            roles.record_use(session, group.id, me().phone_id, "text_reworded", now)
    said = _("Kept. Phones say it so from the next call on.") if words else _("The service's own words are back.")
    return go(
        "text_one", " ".join([said, *(one.said for one in doubts)]), code=code, language=language, key=original.key
    )


def _back(service: Service, code: str, language: str, key: str) -> Page:
    """To the service's words, or to what the group said before; earlier words are looked at again, too."""
    original, form = _original(language, key), Words()
    wanted = request.form.get("to", "")
    with service.database.reading() as session:
        group = the_group(session, code, Role.ADMIN)
        row = session.get(CustomText, int(wanted)) if wanted.isdecimal() and len(wanted) < 12 else None
        if wanted and (row is None or (row.group_id, row.language, row.text) != (group.id, language, original.text)):
            raise NotYours
        if row is None or row.words is None:
            return _kept(service, code, original, language, form, None, [])
        form.words.process(None, row.words)
        found = wording_editor.find_faults(group, original, language, row.words)
        broken = wording_editor.find_broken_screen(
            session, group, original, language, row.words, service.settings.ussd_limit
        )
        faults = [one for one in [*found, *([broken] if broken else [])] if not one.doubt]
        if faults:
            return _one(session, group, original, language, form, faults)
    return _kept(service, code, original, language, form, row.words, [])
