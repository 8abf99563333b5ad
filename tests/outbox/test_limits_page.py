"""`docs/understand/what-strangers-can-cause.md` is generated from the table in `limits.py` and matches it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smsgate.outbox.limits import IN_ALL, LIMITS, OF_ONE_NUMBER, SERVICE_AN_HOUR, USUAL_HELP, Cause, Scope

PAGE = Path(__file__).resolve().parents[2] / "docs" / "understand" / "what-strangers-can-cause.md"
HEAD = """# What strangers can cause

This page is generated from the table in `smsgate/outbox/limits.py`, against which every text that somebody causes is
checked; run `pytest tests/outbox/test_limits_page.py --write-conversations` to update it. Counts are in SMS as billed,
over the last hour and the last day, by a keyed tag of the number: erasing oneself and joining again doesn't reset them.
The tags are deleted after two days.

"""
CAUSES = {
    Cause.REPLY: "answers to texts and missed calls",
    Cause.CONFIRMATION: "confirmations of STOP and START, which always work",
    Cause.FAREWELL: "the text saying that there are no more answers for now",
    Cause.INVITATION: "invitations to be one of somebody's people, with their reminder",
    Cause.PRACTICE: "practices, and the answers to them",
    Cause.NEWS: "news that one of your people changed their answer",
    Cause.ACCOUNT: "texts about a PIN, to the member and their people",
    Cause.LEADERS: "what leaders on the list of leaders write to one another",
    Cause.SIGN_IN: "codes for the console, in any browser; with an authenticator app, none until its code is typed",
    Cause.SIGN_IN_KNOWN: "the same, in a browser where this person has signed in before",
    Cause.GROUP_INVITATION: "invitations to a group, by its leaders",
    Cause.CARRIED: "texts to the other person of a match, and times proposed to them",
    Cause.GUESS: "wrong codes typed (no SMS)",
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
        f"The whole service spends at most {SERVICE_AN_HOUR} SMS an hour, and ten times that in a day, on people who"
        " haven't been members for a day (`SMSGATE_STRANGERS`); when half of the hourly budget is used, the operator is"
        " alerted. Invitations to groups leave a quarter of it for answers. Texts to people who have been members for a"
        " day don't count, nor do limits on blocks apply to them."
    )
    yield ""
    yield (
        "Help texts to people who agreed, and news about them, are counted separately and never refused. After"
        f" {USUAL_HELP} SMS in a day, further ones wait like other texts and don't use the credit kept for help."
    )


def test_every_cause_stands_on_the_page() -> None:
    assert set(CAUSES) == set(Cause) - {Cause.HELP}
    assert set(CAUSES) > IN_ALL


def test_the_page_says_what_the_code_does(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--write-conversations"):
        PAGE.write_text(written(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written()
