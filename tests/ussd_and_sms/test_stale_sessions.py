"""A session left behind by an earlier release is continued if possible, and otherwise starts over."""

from __future__ import annotations

from typing import Any

import pytest

from smsgate.conversations.sessions import SessionStore
from smsgate.flows import engine
from smsgate.flows.engine import Answer, AnswerSource
from smsgate.flows.steps import Caller, Choose, Do, Flow
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import joins


def changes_results(service: Service, name: str, shape: Any) -> None:
    """Change the stored results of actions, as if they had another shape in this release."""
    with SessionStore(service.redis, service.keyring).locked(name) as locked:
        kept = locked.stored
        assert kept is not None
        assert any(answer.kept is AnswerSource.SEEN for answer in kept.answers)
        kept.answers = [
            Answer(answer.name, shape, answer.kept) if answer.kept is AnswerSource.SEEN else answer
            for answer in kept.answers
        ]
        locked.save(kept, 600)


@pytest.mark.parametrize("shape", [None, [], {}, 7, "words", [{}]], ids=repr)
def test_a_dialled_session_whose_results_have_another_shape_begins_anew_and_says_so(
    amina: Phone, service: Service, group: Any, shape: Any
) -> None:
    joins(amina)
    amina.dials()
    amina.types("6")
    changes_results(service, f"ussd {amina.number}", shape)
    amina.types("1")
    assert "Sorry, please try again" not in amina.handset.screen
    if "Let's start again" in amina.handset.screen:
        amina.dials()  # now nothing of it is left
    amina.sees("1 ")


def test_the_bound_on_steps_grows_with_the_answers() -> None:
    def long(_caller: Caller) -> Flow:
        for number in range(400):
            if (yield Choose(f"q{number}", "Again?", {"yes": "Yes", "no": "No"})) == "no":
                return

    answers = [Answer(f"q{number}", "yes", AnswerSource.SAID) for number in range(350)]
    stop = engine.replay(long, Caller("en"), answers, lambda _do: None)
    assert stop.asked is not None
    assert stop.asked.name == "q350"


def test_a_flow_that_never_stops_is_stopped() -> None:
    def endless(_caller: Caller) -> Flow:
        while True:
            yield Do("same", object())  # type: ignore[arg-type]

    with pytest.raises(engine.TooManySteps):
        engine.replay(endless, Caller("en"), [Answer("same", 1, AnswerSource.SEEN)], lambda _do: None)
