"""Replays a flow: starts it again, feeds it the remembered answers and stops at the first unanswered question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from smsgate.core.i18n import SOURCE, language_now, speaking, wording_now
from smsgate.flows.steps import OPENED, Ask, Caller, Do, Flow, Home, Question, Tell

MOST_STEPS = 200
TOLD_MOST = 4  # steps that a flow may take for each remembered answer


class AnswerSource(StrEnum):
    """Where a remembered value came from; decides whether Back may cross it."""

    SAID = "said"  # given by the caller
    SEEN = "seen"  # the result of an action without effects
    DONE = "done"  # the result of an action with effects


@dataclass(frozen=True)
class Answer:
    """One remembered value. Answers are ordered, but looked up by name, never by position."""

    name: str
    value: Any
    kept: AnswerSource


@dataclass
class ReplayResult:
    """Where the replay stopped: what was said since the last answer, and the open question, None at the end."""

    told: list[str] = field(default_factory=list)
    asked: Question | None = None
    answers: list[Answer] = field(default_factory=list)
    language: str = SOURCE  # spoken when the replay stopped; a flow may change it


class WentHome(Exception):
    """The flow sends the caller back to the first screen."""


class TooManySteps(Exception):
    """A flow took MOST_STEPS steps beyond the remembered answers without stopping at an open question."""


class StaleAnswers(Exception):
    """The flow cannot use the remembered answers: a release changed the shape of an action's result."""


Perform = Callable[[Do], Any]


def replay(flow: Callable[[Caller], Flow], caller: Caller, answers: list[Answer], perform: Perform) -> ReplayResult:
    """Run `flow` to its next open question.

    `perform` is called for each action without a remembered result, and must return plain JSON. Raises WentHome if the
    flow leads back to the first screen, StaleAnswers if it cannot use `answers`, and TooManySteps if it does not stop.
    """
    stop = ReplayResult(answers=list(answers))
    known = {answer.name: answer.value for answer in answers}
    with speaking(caller.spoken, wording_now()):
        running = flow(caller)
        stop.asked = _run_to_question(running, known, stop, perform)
        stop.language = language_now()
        running.close()
    return stop


def _run_to_question(running: Flow, known: dict[str, Any], stop: ReplayResult, perform: Perform) -> Question | None:
    value: Any = None
    for _step in range(MOST_STEPS + TOLD_MOST * len(known)):
        try:
            step = running.send(value)
        except StopIteration:
            return None
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            if not known:
                raise
            raise StaleAnswers from error
        if isinstance(step, Tell):
            value = None
            stop.told.append(step.text)
        elif isinstance(step, Do):
            value = _perform_once(step, known, stop, perform)
        elif isinstance(step, Home):
            raise WentHome
        elif _still_fits(step, known):
            value = known[step.name]
            stop.told.clear()
        else:
            return step
    raise TooManySteps(f"{MOST_STEPS} steps without a question")


def _perform_once(step: Do, known: dict[str, Any], stop: ReplayResult, perform: Perform) -> Any:  # noqa: ANN401 - JSON
    if step.name not in known:
        known[step.name] = perform(step)
        kept = AnswerSource.DONE if step.action.changes else AnswerSource.SEEN
        stop.answers.append(Answer(step.name, known[step.name], kept))
    return known[step.name]


def _still_fits(question: Question, known: dict[str, Any]) -> bool:
    """Return True if the remembered answer still fits: a release between two turns may have removed an option."""
    if question.name not in known:
        return False
    value = known[question.name]
    return isinstance(question, Ask) or value in question.options or (question.pin and value in OPENED)


def back(answers: list[Answer]) -> list[Answer] | None:
    """Return the answers before the caller's last one; None if there is none or an action with effects followed it."""
    for index in range(len(answers) - 1, -1, -1):
        if answers[index].kept is AnswerSource.DONE:
            return None
        if answers[index].kept is AnswerSource.SAID:
            return answers[:index]
    return None


def depth(answers: list[Answer]) -> int:
    """Return how many of the answers were given by the caller."""
    return sum(answer.kept is AnswerSource.SAID for answer in answers)
