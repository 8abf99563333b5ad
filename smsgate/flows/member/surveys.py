"""Surveys of a group: found in its menu, by code or after joining; holds the dialogue and saves the answers."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from smsgate.core.i18n import _, language_now
from smsgate.flows.actions import FlowsHere, KeepAnswers, LoadFlow
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Home, Tell
from smsgate.flows.survey import survey

Found = Generator[Tell | Ask | Choose | Do | Home, Any, bool]


def by_code(code: str) -> Found:
    """Hold the survey with this code. Returns False if there is none for this caller."""
    loaded = yield Do("flow_of_code", LoadFlow(code=code))
    if loaded is None:
        return False
    yield from _hold(loaded)
    return True


def chosen(survey_id: int) -> Flow:
    """Hold the survey that was chosen from the menu of a group, or asked for by SMS."""
    loaded = yield Do("flow", LoadFlow(survey_id))
    if loaded is None:
        yield Tell(_("This is no longer here."))
    else:
        yield from _hold(loaded)


def after_joining(caller: Caller, group_id: int) -> Found:
    """Offer the first survey that a group has for new members. It may be declined. Returns False if there is none."""
    waiting = yield Do("flows_joining", FlowsHere(group_id, joining=True))
    if not waiting:
        return False
    options = {"yes": waiting[0]["title"], "no": _("Not now")}
    if (yield Choose("flow_now", _("Something from the group:"), options)) == "yes":
        yield from chosen(waiting[0]["id"])
    else:
        yield Tell(_("That is fine. Dial {code} for the menu.").format(code=caller.service_code))
    return True


def _hold(loaded: dict[str, Any]) -> Generator[Tell | Ask | Choose | Do, Any, None]:
    answers = yield from survey(loaded["asked"], language_now())
    if answers:
        yield Do("answers_kept", KeepAnswers(loaded["version"], tuple((step, value) for step, value in answers)))
