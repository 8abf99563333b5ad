"""The documents' table of a help request's states matches the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from smsgate.help import state_tables
from smsgate.help.state_tables import ANSWERS, MOVES, Act, Answer, PersonState, RequestState

PAGE = Path(__file__).parents[2] / "docs" / "understand" / "help-requests.md"


def test_the_page_is_written_from_the_tables(request: pytest.FixtureRequest) -> None:
    written = state_tables.as_markdown()
    if request.config.getoption("write_conversations"):
        PAGE.write_text(written)
    assert PAGE.read_text() == written, "write it anew with --write-conversations"


def test_every_act_and_every_answer_has_its_row() -> None:
    assert set(MOVES) == set(Act)
    assert set(ANSWERS) == set(Answer)


def test_every_state_can_be_reached_and_but_for_the_end_be_left() -> None:
    assert {state for move in MOVES.values() for state in move.targets} == set(RequestState)
    assert {state for move in MOVES.values() for state in move.sources} == {None, *RequestState} - {RequestState.ENDED}
    assert {rule.target for rule in ANSWERS.values()} == {PersonState.ANSWERED, PersonState.DECLINED}
