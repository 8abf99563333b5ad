"""The table of `guard.py` as a page for people: `docs/understand/guarding.md`, which a test compares with the code."""

from __future__ import annotations

from collections.abc import Iterator

from smsgate.flows.guard import TABLE, Access, Act, Channel, PersonState

HEAD = """# Who may read and do what, by which channel

This page is generated from the table in `smsgate/flows/guard.py`, which USSD, SMS and missed calls all obey; run
`pytest tests/members/test_guard.py --write-conversations` to update it. If several states apply, the strictest counts.
A person in none of these states can do everything that a channel offers. `smsgate/outbox/eligibility.py` decides which
texts may be sent in which state. If a silent or blocked phone asks for something by SMS, it is done without an answer.

Sending a help text and taking it back are never refused. STOP works for everybody.
"""
CHANNELS = {
    Channel.USSD: "By dialling",
    Channel.SMS: "By SMS",
    Channel.MISSED_CALL: "By a missed call",
}
STATES = {
    PersonState.PIN: "a PIN is set",
    PersonState.REASSIGNED: "number in doubt",
    PersonState.OPTED_OUT: "said STOP",
    PersonState.SILENT: "silent",
    PersonState.BLOCKED: "blocked by the network",
}
ACTS = {
    Act.STOP: "say STOP",
    Act.START: "say START",
    Act.INFORM: "ask what this is",
    Act.SEND_HELP: "send the help text",
    Act.SAY_FINE: "take it back, say that they are fine",
    Act.COMFORT: "send words of despair",
    Act.ANSWER: "answer what a text asked",
    Act.READ: "read their data",
    Act.CHANGE: "change their data; pause, or stop helping somebody",
    Act.LEAVE_GROUP: "leave one group (STOP 4521)",
    Act.LEAD: "write and approve notices",
    Act.ERASE: "erase everything",
    Act.REMOVE_PIN: "remove a forgotten PIN by waiting",
}
ANSWERS = {
    Access.FREE: "yes",
    Access.UNNAMED: "yes, but the answer names nobody",
    Access.ASK_HOLDER: "after being asked whose number it is",
    Access.ASK_PIN: "after the PIN",
    Access.DIAL: "no: please dial",
    Access.REFUSED: "no",
}


def page() -> str:
    """Return the page in Markdown."""
    return HEAD + "".join(
        f"\n## {title}\n\n" + "\n".join(_table(channel)) + "\n" for channel, title in CHANNELS.items()
    )


def _table(channel: Channel) -> Iterator[str]:
    yield _row("", *STATES.values())
    yield _row(*["---"] * (len(STATES) + 1))
    for act, told in ACTS.items():
        if act in TABLE[channel]:
            row = TABLE[channel][act]
            yield _row(told, *(ANSWERS[row.get(state, Access.FREE)] for state in STATES))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
