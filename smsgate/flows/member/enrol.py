"""Becoming a member of the service, once someone chose to join: a name if wanted, and texts again after STOP."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.actions import Join, TakeName
from smsgate.flows.member.settings import LONGEST_NAME, start_texts
from smsgate.flows.steps import Ask, Caller, Do, Flow, InputType


def enrol(caller: Caller, language: str) -> Flow:
    """Make a stranger a member, and ask for a name."""
    yield Do("joined", Join(language))
    name = yield Ask(
        "name", _("What name should your people see? It can be any name."),
        input_type=InputType.NAME, longest=LONGEST_NAME, skip=_("No name"),
    )  # fmt: skip
    yield Do("named", TakeName(name))
    if caller.stopped:
        yield from start_texts(caller)
