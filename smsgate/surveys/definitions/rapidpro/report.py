"""The report of what an import changed or left out, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from smsgate.core.admin_text import _
from smsgate.surveys.definitions.rapidpro.expressions import tidy, without_expressions
from smsgate.surveys.definitions.rapidpro.graph import Case, Node

SHORT = 40


class Report:
    """The list of what was changed or left out, without repetitions."""

    def __init__(self) -> None:
        self._lines: dict[str, None] = {}
        self.nodes: set[str] = set()  # mentioned in the report
        self.left: set[str] = set()  # left out as a whole

    def add(self, node: Node | None, what: str) -> None:
        """Note something about a node, or about the whole flow."""
        if node is not None:
            self.nodes.add(node.uuid)
        self._lines[f"{place(node)}: {what}" if node is not None else what] = None

    def leave(self, node: Node) -> None:
        """Note that a whole node is left out, since nothing leads to it."""
        if node.uuid not in self.left:
            self.left.add(node.uuid)
            self.add(node, _("nothing leads here any more, so it's left out."))

    @property
    def lines(self) -> list[str]:
        """Everything noted, in order."""
        return list(self._lines)


def place(node: Node) -> str:
    """Return what to call a node, as its author knows it: by its text, or else by what it does."""
    if node.texts:
        return quoted(str(node.texts[0].get("text")))
    if node.router is not None and node.router.result:
        return _("Node {number} (answer “{name}”)").format(number=node.number, name=short(node.router.result))
    if node.router is not None and node.router.operand and not node.router.waits:
        return _("Node {number} (split by {what})").format(number=node.number, what=short(node.router.operand))
    return _("Node {number}").format(number=node.number)


def quoted(text: str) -> str:
    """Return the beginning of a text in quotation marks."""
    return f"“{short(without_expressions(text)[0])}”"


def short(text: str, longest: int = SHORT) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(tidy(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def words_of(cases: Iterable[Case]) -> str:
    """Return what answers that match some rules look like."""
    said = [" ".join(" ".join(case.arguments).replace(",", " ").split()) for case in cases]
    return short(", ".join(filter(None, said)) or _("any text"), 60)


def action_words(action: Mapping[str, Any]) -> str:
    """Return the sentence that says that an action is left out."""
    kind = str(action.get("type") or "?")[:SHORT]
    name, known = _name_in(action), _ACTIONS()
    said = known[kind] if kind in known and (name or "{name}" not in known[kind]) else ""
    return (said or _("“{what}” doesn't exist here and is left out.")).format(what=kind, name=short(name))


def _name_in(action: Mapping[str, Any]) -> str:
    for key in ("groups", "labels", "flow", "field", "channel", "topic", "llm", "template"):
        found = action.get(key)
        found = found[0] if isinstance(found, list) and found else found
        if isinstance(found, Mapping):
            return str(found.get("name") or found.get("name_match") or found.get("key") or "")
    return str(action.get("name") or action.get("language") or action.get("url") or action.get("status") or "")


def _ACTIONS() -> dict[str, str]:
    return {
        "add_contact_groups": _("adding the person to the group “{name}” is left out."),
        "remove_contact_groups": _("taking the person out of the group “{name}” is left out."),
        "enter_flow": _("the flow “{name}” isn't part of this one and is skipped."),
        "start_session": _("starting the flow “{name}” for others is left out."),
        "send_broadcast": _("a message to others is left out."),
        "send_email": _("an e-mail is left out."),
        "call_webhook": _("a call to an outside service ({name}) is left out."),
        "call_resthook": _("a call to an outside service ({name}) is left out."),
        "call_classifier": _("classifying an answer by machine is left out."),
        "call_llm": _("classifying an answer by machine is left out."),
        "set_contact_name": _("changing the person's name is left out."),
        "set_contact_language": _("changing the person's language to {name} is left out."),
        "set_contact_channel": _("changing the channel to “{name}” is left out."),
        "set_contact_status": _("blocking or opting the person out ({name}) is left out."),
        "set_contact_timezone": _("changing the person's time zone is left out."),
        "set_contact_field": _("“{name}” is the result of a calculation and is left out."),
        "set_run_result": _("“{name}” is the result of a calculation and is left out."),
        "add_contact_urn": _("adding another number or address of the person is left out."),
        "add_input_labels": _("labelling the answer as “{name}” is left out."),
        "open_ticket": _("opening a ticket is left out."),
        "transfer_airtime": _("sending airtime is left out."),
        "play_audio": _("an audio recording is left out."),
        "request_optin": _("asking for the opt-in “{name}” is left out."),
    }
