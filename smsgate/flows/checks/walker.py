"""Walks every path of a flow in a language, with the worst values that an action may return, and reports what is wrong.

It proves that there is no crash, no dead end, no screen over the limit, no option or word cut, and GSM-7 throughout.

Paths that meet with the dialogue in the same state go on alike, so only one of them is followed further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from smsgate.core.gsm7 import is_gsm7
from smsgate.core.i18n import speaking, wording_now
from smsgate.flows import engine, screens
from smsgate.flows.engine import Answer, AnswerSource, ReplayResult
from smsgate.flows.steps import OPENED, Ask, Caller, Choose, Do, Flow, Home, InputType, Tell

MOST_STOPS = 60_000
MOST_ANSWERS = 300  # on one path: a longer one goes round in a circle
TYPED = {InputType.NUMBER: "+254711000001", InputType.CODE: "12345678", InputType.SAME_PIN: "same"}


@dataclass(frozen=True)
class Visit:
    """One stop on one path: what the person sees, and their answers before it."""

    said: tuple[str, ...]
    keys: tuple[str, ...]  # the keys pressed; typed words as they are
    stop: ReplayResult
    pages: list[screens.Page]


class _Needs(Exception):
    """The walk has reached an action that has several possible results."""

    def __init__(self, do: Do) -> None:
        self.do = do


class Endless(Exception):
    """More stops than MOST_STOPS, or more answers than MOST_ANSWERS: a flow goes round in a circle."""


class _Watched:
    """A flow, with the state in which it was left: the position and the variables of each of its generators."""

    def __init__(self, flow: Callable[[Caller], Flow]) -> None:
        self.flow, self.__name__ = flow, flow.__name__
        self.left: tuple[object, ...] = ()
        self.asked_again = set[str]()  # steps whose answer is used at more than one place

    def __call__(self, caller: Caller) -> Flow:
        """Run the flow, and note its state where the replay stops."""
        running, value, names = self.flow(caller), None, set[str]()
        self.left = ()
        while True:
            try:
                step = running.send(value)
            except StopIteration:
                return
            if not isinstance(step, Tell | Home):
                self.asked_again |= {step.name} & names
                names.add(step.name)
            try:
                value = yield step
            except GeneratorExit:
                self.left = _standing(running)
                running.close()
                raise

    def state(self, stop: ReplayResult, keys: tuple[str, ...]) -> tuple[object, ...]:
        """Return all that decides how a dialogue goes on, and the last key, which some questions must not repeat."""
        again = [repr(answer) for answer in stop.answers if answer.name in self.asked_again]
        ways_out = engine.back(stop.answers) is not None, min(engine.depth(stop.answers), 2)
        return (*self.left, keys[-1:], ways_out, stop.language, *again)


def _standing(running: Any) -> tuple[object, ...]:  # noqa: ANN401 - a generator, and what one waits for
    """Return the position and the variables of a flow and of those that it waits for."""
    found: list[object] = []
    while running is not None and running.gi_frame is not None:
        known = {name: repr(value) for name, value in running.gi_frame.f_locals.items() if not callable(value)}
        found.append((running.gi_code, running.gi_frame.f_lasti, repr(known)))
        running = running.gi_yieldfrom
    return tuple(found)


def walk(flow: Callable[[Caller], Flow], caller: Caller, language: str, limit: int) -> Iterator[Visit]:
    """Yield every stop on every path. Raises Endless, and whatever the flow raises."""
    caller = replace(caller, language=caller.language and language)
    paths: list[tuple[list[Answer], tuple[str, ...]]] = [([], ())]
    watched, walked = _Watched(flow), set[tuple[object, ...]]()
    drawn = dict[tuple[object, ...], list[screens.Page]]()  # a few hundred screens stand at thousands of stops
    for _count in range(MOST_STOPS):
        if not paths:
            return
        answers, keys = paths.pop()
        if len(answers) > MOST_ANSWERS:
            raise Endless(flow.__name__)
        try:
            stop = engine.replay(watched, caller, answers, _perform)
        except _Needs as needs:
            paths += [([*answers, _result_answer(needs.do, result)], keys) for result in needs.do.action.samples]
            continue
        except engine.StaleAnswers as stale:
            raise stale.__cause__ or stale from None  # the walk's own answers are never stale
        except engine.WentHome:
            continue  # leads to the first screen, which is walked anyway
        if (screen := _screen(stop)) not in drawn:
            drawn[screen] = pages(stop, limit)
        laid_out = drawn[screen]
        yield Visit(_answers_given(answers), keys, stop, laid_out)
        if (here := watched.state(stop, keys)) in walked:
            continue
        walked.add(here)
        name, key_of = stop.asked.name if stop.asked else "", {m: key for key, m in laid_out[-1].options.items()}
        paths += [
            (
                [*stop.answers, Answer(name, value, AnswerSource.DONE if value in OPENED else AnswerSource.SAID)],
                (*keys, key_of.get(value or screens.SKIP, value)),
            )
            for value in _values(stop, language)
        ]
    raise Endless(flow.__name__)


def revisit(
    flow: Callable[[Caller], Flow], caller: Caller, language: str, answers: Sequence[Answer], limit: int
) -> Visit:
    """Return one stop of a walk again, in another language or wording. Raises StaleAnswers if it no longer exists.

    `answers` are those of the stop (`Visit.stop`).
    """
    caller = replace(caller, language=caller.language and language)
    spoken = [replace(one, value=language) if one.name == "language" else one for one in answers]
    stop = engine.replay(flow, caller, spoken, _perform)
    return Visit(_answers_given(spoken), (), stop, pages(stop, limit))


def faults_in(seen: Visit, limit: int) -> list[str]:
    """Return what is wrong with a stop, in words for the person who wrote the flow."""
    faults = []
    for number, page in enumerate(seen.pages, start=1):
        if not screens.fits(page.text, limit):
            faults.append(f"page {number} is longer than {limit}: {page.text!r}")
        if not is_gsm7(page.text):
            faults.append(f"page {number} is not GSM-7: {page.text!r}")
    if not "".join(page.text for page in seen.pages).strip():
        faults.append("an empty screen")
    if isinstance(seen.stop.asked, Choose):
        lost = set(seen.stop.asked.options) - set(seen.pages[-1].options.values())
        faults += [f"the option {option!r} cannot be reached" for option in sorted(lost)]
        faults += ["a question without options"] * (not seen.stop.asked.options)
    return faults


def _perform(do: Do) -> Any:  # noqa: ANN401 - JSON
    if len(do.action.samples) == 1:
        return do.action.samples[0]
    raise _Needs(do)


def _result_answer(do: Do, result: Any) -> Answer:  # noqa: ANN401 - JSON
    return Answer(do.name, result, AnswerSource.DONE if do.action.changes else AnswerSource.SEEN)


def _values(stop: ReplayResult, language: str) -> list[Any]:
    if isinstance(stop.asked, Choose):
        # Of many options of one kind (a list of groups), the first, the last and those with a name are enough.
        options = list(stop.asked.options)
        walked = [*options[:1], *(option for option in options[1:-1] if not option.isdigit()), *options[1:][-1:]]
        opened = OPENED if stop.asked.pin else ()
        return [*opened, *(option for option in walked if stop.asked.name != "language" or option == language)]
    if isinstance(stop.asked, Ask):
        longest = TYPED.get(stop.asked.input_type) or ("Wanjiku wa Nyambura " * 9)[: stop.asked.longest].strip()
        return [longest, *([""] if stop.asked.skip else [])]
    return []


def pages(stop: ReplayResult, limit: int) -> list[screens.Page]:
    """Return the pages of a stop, laid out for screens of any limit, even another than that of the walk."""
    with speaking(stop.language, wording_now()):
        can_back, can_home = _ways_out(stop)
        return screens.lay_out(stop.told, stop.asked, limit, can_back=can_back, can_home=can_home, whole_words=True)


def _screen(stop: ReplayResult) -> tuple[object, ...]:
    """Return all that decides what the pages of a stop show, for one limit."""
    return (*stop.told, repr(stop.asked), stop.language, *_ways_out(stop))


def _ways_out(stop: ReplayResult) -> tuple[bool, bool]:
    """Return whether Back and Home lead anywhere."""
    return engine.back(stop.answers) is not None, engine.depth(stop.answers) > 1


def _answers_given(answers: list[Answer]) -> tuple[str, ...]:
    return tuple(str(answer.value) for answer in answers if answer.kept is AnswerSource.SAID)
