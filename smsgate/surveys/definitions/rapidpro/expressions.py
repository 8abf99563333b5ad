"""Removing expressions such as @contact.name from texts, and finding the answer that an expression refers to."""

from __future__ import annotations

import re

TOP = (
    "contact", "fields", "urns", "results", "input", "run", "child", "parent", "globals", "webhook", "locals", "node",
    "trigger", "resume", "ticket", "legacy_extra", "legacy", "channel", "flow", "step", "extra", "date",
)  # fmt: skip
PATH = re.compile(rf"@(?:{'|'.join(TOP)})(?:\.[A-Za-z0-9_]+|\[[^\]]*\])*(?![A-Za-z0-9_])", re.IGNORECASE)
SIMPLE = re.compile(
    r"@\(?\s*(?:default\()?\s*(?:run\.|contact\.|flow\.)?(results?|fields)\.(\w+)(?:\.(\w+))?(?:,[^)]*\))?\s*\)?$",
    re.IGNORECASE,
)
INPUT = re.compile(r"@\(?\s*(?:input|run\.input|step)(?:\.(?:text|value))?\s*\)?$", re.IGNORECASE)
SPACES = re.compile(r"[ \t\u00a0]+")


def without_expressions(text: str) -> tuple[str, list[str]]:
    """Return a text without its expressions, and the expressions; `@@` is an at sign."""
    kept: list[str] = []
    found: list[str] = []
    at = 0
    while at < len(text):
        end = _end_of_expression(text, at) if text[at] == "@" else at
        if text.startswith("@@", at):
            kept.append("@")
            at += 2
        elif end > at:
            found.append(text[at:end])
            at = end
            while at < len(text) and text[at] in " \t" and (not kept or kept[-1] in " \t\n"):
                at += 1  # drop the space on one side of it too
            if at < len(text) and text[at] in "!?.,;:" and kept and kept[-1] == " ":
                kept.pop()
        else:
            kept.append(text[at])
            at += 1
    return "".join(kept), found


def _end_of_expression(text: str, at: int) -> int:
    if text.startswith("@(", at):
        depth, quoted = 0, False
        for index in range(at + 1, len(text)):
            quoted ^= text[index] == '"'
            depth += 0 if quoted else (text[index] == "(") - (text[index] == ")")
            if depth == 0 and not quoted:
                return index + 1
        return at
    found = PATH.match(text, at)
    return found.end() if found else at


def variable_in(expression: str) -> tuple[str, str] | None:
    """Return the variable in an expression as (kind.name, part), for example ("results.age", "category").

    ("input", "") is the latest answer. None for anything that has to be calculated.
    """
    if INPUT.match(expression.strip()):
        return "input", ""
    found = SIMPLE.match(expression.strip())
    if found is None:
        return None
    kind = "fields" if found.group(1).lower() == "fields" else "results"
    return f"{kind}.{found.group(2).lower()}", (found.group(3) or "").lower()


def tidy(text: str) -> str:
    """Return a text without spaces at the ends of its lines, and with at most one empty line in a row."""
    lines = [SPACES.sub(" ", line).strip() for line in text.replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
