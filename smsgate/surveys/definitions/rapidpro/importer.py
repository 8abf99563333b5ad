"""Importing one flow of an export as a definition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smsgate.core.admin_text import _
from smsgate.core.i18n import LANGUAGES
from smsgate.surveys.definitions.rapidpro import files
from smsgate.surveys.definitions.rapidpro.assemble import Assembly
from smsgate.surveys.definitions.rapidpro.graph import Graph, read_graph
from smsgate.surveys.definitions.rapidpro.languages import Languages, languages_of
from smsgate.surveys.definitions.rapidpro.report import Report
from smsgate.surveys.definitions.rapidpro.seal import unchanged_definition
from smsgate.surveys.definitions.rapidpro.walk import Walk
from smsgate.surveys.definitions.rapidpro.wordings import Wordings
from smsgate.surveys.definitions.schema import Fault, InvalidDefinition, version_of

TITLE = 30


@dataclass
class ImportedFlow:
    """An imported definition as JSON, still to be validated, and a sentence for each change or omission."""

    data: dict[str, Any]
    left: list[str] = field(default_factory=list)


def import_flow(data: object, which: str | None = None, languages: Mapping[str, str] | None = None) -> ImportedFlow:
    """Import a flow of an export; `which` is its number, name or uuid if there are several.

    `languages` maps the flow's language codes to the service's languages, "" to leave a language out. Raises
    InvalidDefinition; its subclasses SeveralFlows and UnknownLanguage ask for these two arguments.
    """
    flow = files.pick(data, which)
    if not languages and (own := unchanged_definition(flow)) is not None:
        return ImportedFlow(own)
    graph, report = read_graph(flow), Report()
    if not graph.nodes:
        raise InvalidDefinition([Fault("", _("Nothing in this file can be shown on a phone."))])
    texts = [str(text.get("text")) for node in graph.nodes.values() for text in node.texts]
    spoken = languages_of(flow, {key.casefold(): value for key, value in (languages or {}).items()}, texts)
    _tell_of_languages(spoken, report)
    title = files.name_of(flow)
    walk = Walk(graph, Wordings(spoken, report), report, title)
    walk.take()
    steps = Assembly(walk).steps()
    if not steps or all({"go", "remember"} & step.keys() for step in steps):
        raise InvalidDefinition([Fault("", _("Nothing in this file can be shown on a phone."))])
    _tell_of_the_rest(data, flow, graph, report)
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-") or "flow"
    titles = dict.fromkeys(
        spoken.spoken, title if len(title) <= TITLE else title[: TITLE + 1].rpartition(" ")[0] or title[:TITLE]
    )
    definition = {
        "smsgate": version_of(steps),
        "name": name,
        "title": titles,
        "languages": spoken.spoken,
        "steps": steps,
    }
    return ImportedFlow(definition, report.lines)


def _tell_of_languages(spoken: Languages, report: Report) -> None:
    if spoken.guessed and spoken.base:
        said = _("The flow doesn't name its language; it looks like {language}.")
        report.add(None, said.format(language=LANGUAGES[spoken.base]))
    if spoken.base is None:
        report.add(None, _("The text in {language} is left out.").format(language=spoken.base_code[:20]))
    for code in spoken.left:
        report.add(None, _("The text in {language} is left out.").format(language=code[:20]))


def _tell_of_the_rest(data: object, flow: Mapping[str, Any], graph: Graph, report: Report) -> None:
    """Report what a flow and its file have besides nodes."""
    kind = str(flow.get("type") or "messaging")
    if kind != "messaging":
        report.add(None, _("It's a flow of type {kind}; here people read it on their phones.").format(kind=kind[:20]))
    if flow.get("expire_after_minutes"):
        said = _("It ended after {minutes} minutes without an answer; here people can carry on later.")
        report.add(None, said.format(minutes=flow["expire_after_minutes"]))
    for what, count in files.beside(data).items():
        report.add(None, _("The file has {count} {what}: left out.").format(count=count, what=what))
    if len(graph.nodes) < len(flow["nodes"]):
        report.add(None, _("Parts of the file that aren't nodes, or appear twice, are left out."))
