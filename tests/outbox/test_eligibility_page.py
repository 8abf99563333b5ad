"""`docs/understand/who-may-be-texted.md` is generated from the tables in `eligibility.py` and matches them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smsgate.models import MessageKind
from smsgate.outbox.eligibility import CONDITIONS, NumberState, states_reached_by

PAGE = Path(__file__).resolve().parents[2] / "docs" / "understand" / "who-may-be-texted.md"
HEAD = """# Who may be texted what

This page is generated from the tables in `smsgate/outbox/eligibility.py`. The queue, the reminder planner and the last
check before sending all read them; run `pytest tests/outbox/test_eligibility_page.py --write-conversations` to update
it. A number can be in several states at once: a text is sent only if all of them allow its kind. A message whose words
were erased or replaced by later news is never sent, and quiet hours delay texts that can wait.

"""
STATES = {
    NumberState.OPTED_OUT: "sent STOP",
    NumberState.BLOCKED: "its network blocks us",
    NumberState.SILENT: "reads by dialling only",
    NumberState.REASSIGNED: "in doubt: may be somebody else's by now",
}
KINDS = {
    MessageKind.HELP: "a help text, to one of somebody's people",
    MessageKind.HELP_NEWS: "news of a help text or a PIN",
    MessageKind.INVITATION: "an invitation to be one of somebody's people, or to a group",
    MessageKind.REPLY: "the answer to a text or a missed call",
    MessageKind.CONFIRMATION: "the confirmation of STOP or START",
    MessageKind.REMINDER: "a reminder of a meeting",
    MessageKind.MEETING_NEWS: "news of a meeting",
    MessageKind.NOTICE: "a notice",
    MessageKind.ANSWER: "a leader's answer, or a survey",
    MessageKind.WALK: "news of one-to-one support",
    MessageKind.WALK_REMINDER: "a reminder of a one-to-one meeting",
    MessageKind.CARRIED: "a text between the two people of a match",
    MessageKind.ALERT: "a text to a leader, the operator or someone who asked to join",
}


def written() -> str:
    return HEAD + "\n".join(lines()) + "\n"


def lines() -> Iterator[str]:
    yield "| text | " + " | ".join(STATES.values()) + " | and only if |"
    yield "|---" * (len(STATES) + 2) + "|"
    for kind, what in KINDS.items():
        reached = ["yes" if state in states_reached_by(kind) else "no" for state in STATES]
        held = " ".join(first_line(condition.__doc__) for condition in CONDITIONS.get(kind, ()))
        yield f"| {what} | " + " | ".join(reached) + f" | {held or '-'} |"


def first_line(text: str | None) -> str:
    assert text
    return text.strip().splitlines()[0]


def test_every_kind_and_state_stands_on_the_page() -> None:
    assert set(KINDS) == set(MessageKind)
    assert set(STATES) == set(NumberState)


def test_the_page_says_what_the_code_does(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--write-conversations"):
        PAGE.write_text(written(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written()
