"""A survey's step in words: what it says, what kind it is and who sees it."""

from __future__ import annotations

from typing import Any

from smsgate.flows.survey import END
from smsgate.surveys.definitions.schema import texts_of
from smsgate.web.console.text import _


def words_of(step: dict[str, Any], language: str) -> str:
    """Return what a step says or, if it says nothing, what it does."""
    if "go" in step:
        return _("to {name}").format(name=_("the end") if step["go"] == END else step["go"])
    if "remember" in step:
        return f"{step['remember']} = {step.get('value', '')}"
    words = texts_of(step)[0]
    return words.get(language) or next(iter(words.values()), "")


def condition_said(step: dict[str, Any], steps: list[dict[str, Any]], language: str) -> str:
    """Say who sees a step; "" means everybody."""
    if "only_if" not in step:
        return ""
    condition = step["only_if"]
    asked = next((one for one in steps if condition["step"] in (one.get("as"), one.get("remember"))), {})
    labels = {one["is"]: one["label"].get(language) or one["is"] for one in asked.get("options", ())}
    values = ", ".join(labels.get(value, value) for value in condition.get("is", condition.get("not", ())))
    values = values or f"{condition.get('from', '')}–{condition.get('up_to', '')}"
    question = words_of(asked, language) if "ask" in asked or "choose" in asked else condition["step"]
    said = (
        _("Only if “{question}” is not: {answers}") if "not" in condition else _("Only if “{question}” is: {answers}")
    )
    return said.format(question=question, answers=values)


def kind_of(step: dict[str, Any]) -> str:
    """Return the name of a step's kind."""
    names = {"say": _("say"), "ask": _("ask"), "choose": _("choose"), "go": _("go"), "remember": _("set")}
    return next((name for kind, name in names.items() if kind in step), "?")
