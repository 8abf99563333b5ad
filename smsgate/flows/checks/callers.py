"""The kinds of caller that the walker walks for, and the questions that each must be able to read on one screen."""

from __future__ import annotations

from smsgate.flows.menu import ENTRIES
from smsgate.flows.steps import Caller

# Questions before something that cannot be undone: read whole, without turning a page.
ON_ONE_SCREEN = frozenset(
    {
        "menu", "sure_erase", "sure_leave", "sure_ask", "again", "leave",
        "when", "sure_notice", "too", "sure_stop", "sure_answer",
    }
)  # fmt: skip
CODE = "*384*77#"
MEMBER = Caller(language="en", member=True, chosen=True, leads=True, walks=True, service_code=CODE)
CALLERS = {
    "stranger": Caller(service_code=CODE),
    "stranger with a code": Caller(service_code=CODE, code="12345678"),
    "responder": Caller(language="en", chosen=True, service_code=CODE),
    "responder who has told no language": Caller(chosen=True, service_code=CODE),
    "blocked": Caller(language="en", member=True, blocked=True, service_code=CODE),
    "blocked, with a way out": Caller(language="en", blocked=True, allow="*456*9*5*7*12345#", service_code=CODE),
    "stopped": Caller(language="en", stopped=True, service_code=CODE),
    "member": MEMBER,
    "stranger with a card": Caller(language="en", code="1234567", service_code=CODE),
    "member with a code": Caller(language="en", member=True, code="12345678", service_code=CODE),
    "blocked, on a hard day": Caller(language="en", blocked=True, start="choices", service_code=CODE),
    "stranger, on a hard day": Caller(language="en", start="choices", service_code=CODE),
    "asking": Caller(language="en", member=True, asked_for_help=True, stopped=True, service_code=CODE),
    **{f"at {entry}": Caller(language="en", member=True, start=entry, service_code=CODE) for entry in ENTRIES},
}
