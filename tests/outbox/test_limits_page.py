"""`docs/understand/what-strangers-can-cause.md` is generated from the table in `limits.py` and matches it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smsgate.outbox.limits import IN_ALL, LIMITS, OF_ONE_NUMBER, SERVICE_AN_HOUR, USUAL_HELP, Cause, Scope

PAGE = Path(__file__).resolve().parents[2] / "docs" / "understand" / "what-strangers-can-cause.md"
HEAD = """# What strangers can cause

This page is written from the table in `smsgate/outbox/limits.py`, which every text that somebody causes passes; to
write it anew, run `pytest tests/outbox/test_limits_page.py --write-conversations`. All is counted in SMS as they are
billed, in the last hour and the last day, by a keyed tag of the number: who erases themselves and joins again begins no
new day. The tags are deleted after two days.

"""
CAUSES = {
    Cause.REPLY: "answers to texts and missed calls",
    Cause.CONFIRMATION: "confirmations of STOP and START, which always work",
    Cause.FAREWELL: "the word that nothing more is answered for now",
    Cause.INVITATION: "invitations to be a responder, with their reminder",
    Cause.PRACTICE: "practices, and the answers to them",
    Cause.NEWS: "a responder who takes an answer back again and again",
    Cause.ACCOUNT: "about a PIN, to themselves and to their responders",
    Cause.LEADERS: "what leaders on the list of leaders write to one another",
    Cause.SIGN_IN: "codes for the console, in any browser; of who has an authenticator app, none before it is shown",
    Cause.SIGN_IN_KNOWN: "the same in a browser where its holder was signed in",
    Cause.GROUP_INVITATION: "invitations to a group, by those who lead it",
    Cause.CARRIED: "words to the other of a match, one to one",
    Cause.GUESS: "codes typed that nothing has (no SMS)",
}
SCOPES = (Scope.NUMBER, Scope.TARGET, Scope.BLOCK, Scope.GROUP)


def written() -> str:
    return HEAD + "\n".join(lines()) + "\n"


def lines() -> Iterator[str]:
    yield "| what | from one number | to one number | to a block of 10,000 numbers | of one group |"
    yield "|---|---|---|---|---|"
    for cause, what in CAUSES.items():
        cells = [LIMITS[cause].get(scope) for scope in SCOPES]
        shown = [f"{limit.hour} an hour, {limit.day} a day" if limit else "-" for limit in cells]
        yield f"| {what} | {' | '.join(shown)} |"
    most = f"{OF_ONE_NUMBER.hour} an hour, {OF_ONE_NUMBER.day} a day"
    yield f"| **all that one number causes** | **{most}** | - | - | - |"
    yield ""
    yield (
        f"The whole service spends {SERVICE_AN_HOUR} SMS an hour, and ten times that in a day, on people who are not"
        " members for a day yet (`SMSGATE_STRANGERS`); when half of an hour's is used, the operator is alerted. Texts"
        " to members of some days, and blocks of numbers that they belong to, are no part of it."
    )
    yield ""
    yield (
        "Help texts to people who agreed, and news of them, are counted apart and never barred: after"
        f" {USUAL_HELP} SMS of them in a day they wait with other texts, without the credit that is kept for help."
    )


def test_every_cause_stands_on_the_page() -> None:
    assert set(CAUSES) == set(Cause) - {Cause.HELP}
    assert set(CAUSES) > IN_ALL


def test_the_page_says_what_the_code_does(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--write-conversations"):
        PAGE.write_text(written(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written()
