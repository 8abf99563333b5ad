"""The table of `guard.py` as a page for people: `docs/understand/guarding.md`, which a test compares with the code."""

from __future__ import annotations

from collections.abc import Iterator

from smsgate.flows.guard import TABLE, Access, Act, Channel, PersonState

HEAD = """# Who may read and do what, by which channel

This page is written from the table in `smsgate/flows/guard.py`, which USSD, SMS and missed calls read; to write it
anew, run `pytest tests/members/test_guard.py --write-conversations`. Of several states the strictest counts. Who is in
none of these states does everything that a channel offers. What is pushed to a number in which state stands in
`smsgate/outbox/eligibility.py`: to a silent or a blocked phone an act by SMS is performed, and no answer arrives.

Sending help, and taking it back, is never barred. STOP works for everybody.
"""
CHANNELS = {
    Channel.USSD: "By dialling",
    Channel.SMS: "By SMS",
    Channel.MISSED_CALL: "By a missed call",
}
STATES = {
    PersonState.PIN: "a PIN is set",
    PersonState.REASSIGNED: "may be reassigned",
    PersonState.OPTED_OUT: "said STOP",
    PersonState.SILENT: "silent",
    PersonState.BLOCKED: "blocked by the network",
}
ACTS = {
    Act.STOP: "say STOP",
    Act.START: "say START",
    Act.INFORM: "ask what this is",
    Act.SEND_HELP: "send one's help text",
    Act.SAY_FINE: "take it back, say that one is fine",
    Act.COMFORT: "write of despair",
    Act.ANSWER: "answer what a text asked",
    Act.READ: "read what is one's own",
    Act.CHANGE: "change it; rest, or stop helping somebody",
    Act.LEAVE_GROUP: "leave one group (STOP 4521)",
    Act.LEAD: "write and approve notices",
    Act.ERASE: "erase everything",
    Act.REMOVE_PIN: "have a forgotten PIN removed by waiting",
}
ANSWERS = {
    Access.FREE: "yes",
    Access.UNNAMED: "yes; names nobody",
    Access.ASK_HOLDER: "after the question whose number it is",
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
