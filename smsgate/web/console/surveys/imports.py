"""Importing from RapidPro and TextIt: read a file, pick a flow, name its languages, and show what is left out.

Nothing is saved before the last button is pressed; until then the page carries the packed file.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request
from sqlalchemy.orm import Session

from smsgate.core.i18n import LANGUAGES
from smsgate.models import Group, Role
from smsgate.surveys import surveys
from smsgate.surveys.definitions import rapidpro
from smsgate.surveys.definitions.rapidpro import FlowInFile, ImportedFlow, seal
from smsgate.surveys.definitions.schema import Definition, Fault, InvalidDefinition, parse_definition
from smsgate.web.console.pages import Form, Page, accept_once, already_done, redirect_to, render_page, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

ROOM = 12 * 1024 * 1024  # bytes: a slightly too big file gets an error beside its field, no 413
WITH_FILES = ("console.flow_begin", "console.flow_import")
KEPT = (
    "uuid", "name", "spec_version", "version", "metadata", "language", "type", "expire_after_minutes", "localization",
    "nodes", "_ui",
)  # fmt: skip
BESIDE = ("campaigns", "triggers", "fields", "groups", "globals")


@dataclass
class Reading:
    """What is known of a file so far: its flows, the picked one, and why it cannot be imported yet."""

    flows: list[FlowInFile]
    picked: FlowInFile | None = None
    languages: dict[str, str | None] = field(default_factory=dict)  # the picked flow's, with ours, if decided
    imported: ImportedFlow | None = None
    definition: Definition | None = None
    faults: list[Fault] = field(default_factory=list)


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for importing flows."""

    @routes.before_app_request
    def room_for_a_flow() -> None:
        if request.endpoint in WITH_FILES:
            request.max_content_length = request.max_form_memory_size = ROOM

    @routes.post("/groups/<code>/flows/import")
    def flow_import(code: str) -> Page:
        return _go_on(service, code)


def preview(data: object, form: Form, status: int = 200) -> Page:
    """Render what an import would make of a file, and what it would leave out."""
    number = request.form.get("pick", "")
    return _render(data, read(data, number, _chosen()), form, status)


def _render(data: object, reading: Reading, form: Form, status: int) -> Page:
    return render_page(
        "flow_import",
        status,
        form=form,
        carried=_packed(data),
        reading=reading,
        spoken=LANGUAGES,
        title=next(iter(reading.definition["title"].values())) if reading.definition else "",
    )


def read(data: object, number: str, languages: Mapping[str, str]) -> Reading:
    """Read a file as far as the choices made so far allow."""
    flows = rapidpro.flows_in(data)
    readable = [flow for flow in flows if not flow.refused]
    picked = next((flow for flow in flows if str(flow.number) == number), None)
    if picked is None and len(flows) == 1:
        picked = flows[0]
    reading = Reading(flows, picked)
    if picked is None:
        if not readable:
            reading.faults = [Fault(flow.name, flow.refused) for flow in flows[:5]] or _faults_of(data)
        return reading
    codes = dict.fromkeys([picked.language, *picked.translations])
    reading.languages = {code: languages.get(code, rapidpro.known_language(code) or None) for code in codes}
    given = {code: language for code, language in languages.items() if code in codes}
    try:
        reading.imported = rapidpro.import_flow(data, str(picked.number) if len(flows) > 1 else None, given)
        reading.definition = parse_definition(reading.imported.data)
    except InvalidDefinition as faulty:
        reading.imported, reading.faults = None, faulty.faults
    if reading.definition is not None and reading.languages[picked.language] is None:
        reading.languages[picked.language] = reading.definition["languages"][0]
    return reading


def _faults_of(data: object) -> list[Fault]:
    try:
        rapidpro.import_flow(data)
    except InvalidDefinition as faulty:
        return faulty.faults
    return []


def _chosen() -> dict[str, str]:
    """Return the languages that the admin named, by code in the file; undecided ones are left out."""
    found = {}
    for name, value in request.form.items():
        if name.startswith("language_") and value in (*LANGUAGES, "none"):
            found[name.removeprefix("language_")] = "" if value == "none" else value
    return found


def _go_on(service: Service, code: str) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        data = _unpacked(request.form.get("carried", ""))
        if data is None:
            return redirect_to("flows_here", _("Please choose the file again."), "wait", code=code)
        reading = read(data, request.form.get("pick", ""), _chosen())
        if request.form.get("do") != "import" or reading.definition is None:
            return _render(data, reading, form, 422 if reading.faults else 200)
        return _create(session, group, reading.definition, form, now)


def _create(session: Session, group: Group, definition: Definition, form: Form, now: Any) -> Page:  # noqa: ANN401 - a datetime
    code = group.code
    if len(surveys.surveys_of(session, group.id)) >= surveys.MOST:
        said = _("This group has as many flows as it can. Archive one first.")
        return redirect_to("flows_here", said, "wait", code=code)
    if not accept_once(session, form, now):
        return already_done("flows_here", code=code)
    one = surveys.create(session, group, definition, now)
    return redirect_to(
        "flow", _("Imported as a draft. Read it and try it before you publish it."), code=code, number=one.id
    )


def _packed(data: object) -> str:
    """Pack a file so that a page can carry it, without the parts that an import ignores."""
    whole: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    flows = whole["flows"] if isinstance(whole.get("flows"), list) else [whole]
    content: dict[str, Any] = {
        key: [{}] * len(value) for key, value in whole.items() if isinstance(value, list) and key in BESIDE
    }
    content |= {"version": whole.get("version"), "flows": [_lean(one) for one in flows if isinstance(one, Mapping)]}
    return base64.b64encode(zlib.compress(json.dumps(content).encode(), 9)).decode()


def _lean(flow: Mapping[str, Any]) -> dict[str, Any]:
    drawn = flow.get("_ui")
    ours = isinstance(drawn, Mapping) and seal.PLACE in drawn
    return {key: flow[key] for key in KEPT if key in flow and (ours or key != "_ui")}


def _unpacked(carried: str) -> object:
    """Return the file that a page carried; None if it is not a flow file."""
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(base64.b64decode(carried, validate=True), 2 * rapidpro.MOST_BYTES)
        data: object = json.loads(content) if not unpacker.unconsumed_tail else None
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        return None
    return data if rapidpro.is_rapidpro_flow(data) else None
