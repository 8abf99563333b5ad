"""Tables of the states of a help request and of each person asked: which act changes them, and who is told what.

`request_states` and `answers` follow these tables; `docs/understand/help-requests.md` is generated from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from smsgate.flows import sms


class RequestState(StrEnum):
    """The state of a member's help request, with all its copies."""

    PAUSED = "paused"  # confirmed, not sent yet: it can still be taken back
    ASKING = "asking"  # nobody is on it
    ANSWERED = "answered"  # someone is on it
    ENDED = "ended"


class PersonState(StrEnum):
    """The state of someone who was asked, as the member sees it."""

    ANSWERED = "answered"  # on it
    DECLINED = "declined"  # cannot help now, or has left
    DELIVERED = "delivered"
    SENT = "sent"
    GOING = "going"  # waiting, being sent, or unknown
    LOST = "lost"  # reported as failed, but may have been read
    UNSENT = "unsent"  # certainly not read


CAN_ANSWER = frozenset({PersonState.DELIVERED, PersonState.SENT, PersonState.GOING})  # an answer is expected
READ = CAN_ANSWER | {PersonState.LOST}  # may have read it, and has not answered


class Answer(StrEnum):
    """What someone who was asked says or does."""

    ON_IT = "on it"
    NOT_NOW = "cannot now"
    RESTED = "rests"
    LEFT = "left"  # by STOP or LEAVE, erasure, removal from the list, or because the number has a new holder


@dataclass(frozen=True)
class AnswerRule:
    """The states in which an answer counts, the state it leads to, and the text to the member, given the name."""

    sources: frozenset[PersonState]
    target: PersonState
    to_member: Callable[[str], str]


ANSWERS: Mapping[Answer, AnswerRule] = {
    Answer.ON_IT: AnswerRule(READ | {PersonState.DECLINED}, PersonState.ANSWERED, sms.answered),
    Answer.NOT_NOW: AnswerRule(READ | {PersonState.ANSWERED}, PersonState.DECLINED, sms.not_now),
    Answer.RESTED: AnswerRule(READ | {PersonState.UNSENT, PersonState.ANSWERED}, PersonState.DECLINED, sms.not_now),
    Answer.LEFT: AnswerRule(READ | {PersonState.UNSENT, PersonState.ANSWERED}, PersonState.DECLINED, sms.gets_no_more),
}


class Act(StrEnum):
    """An act that may change the state of a whole request."""

    SENT = "the member sends it"
    AGAIN = "the member sends it again"
    PAUSE_OVER = "the time to take it back is over"
    ON_IT = "somebody is helping"
    NOBODY_ON_IT = "nobody is helping after all"
    STEP = "a step is due, as nobody answered"
    TAKEN_BACK = "the member takes the last copy back"
    FINE = "the member is fine"
    ERASED = "the member leaves or is erased"
    DAY_OVER = "a day has passed"
    IN_EARNEST = "the member sends a real help text (ends a practice)"


@dataclass(frozen=True)
class Move:
    """From which states an act leads to which, the text to those who may have read the request, and what follows."""

    sources: frozenset[RequestState | None]  # None: no request is open
    targets: frozenset[RequestState]
    to_people: Callable[[str], str] | None = None  # given the member's name
    follows: str = ""


OPEN = frozenset({RequestState.PAUSED, RequestState.ASKING, RequestState.ANSWERED})
MOVES: Mapping[Act, Move] = {
    Act.SENT: Move(frozenset({None}), OPEN - {RequestState.ANSWERED}, None, "the help text goes out"),
    Act.AGAIN: Move(
        OPEN, OPEN - {RequestState.ANSWERED}, None,
        "one more copy goes out; waiting ones are withdrawn, answers to earlier ones count, the steps start again",
    ),
    Act.PAUSE_OVER: Move(frozenset({RequestState.PAUSED}), OPEN - {RequestState.PAUSED}, None, ""),
    Act.ON_IT: Move(OPEN, OPEN - {RequestState.ASKING}, sms.somebody_is_on_it, "further steps wait"),
    Act.NOBODY_ON_IT: Move(
        OPEN, OPEN - {RequestState.ANSWERED}, sms.nobody_is_on_it, "the next step runs at once"
    ),
    Act.STEP: Move(frozenset({RequestState.ASKING}), frozenset({RequestState.ASKING}), None, "the step runs"),
    Act.TAKEN_BACK: Move(
        frozenset({RequestState.PAUSED, RequestState.ASKING}), OPEN | {RequestState.ENDED}, None,
        "copies sent earlier stay open; if there are none, or it is too late, the same as \"fine\"",
    ),
    Act.FINE: Move(OPEN, frozenset({RequestState.ENDED}), sms.fine_now, "waiting texts are withdrawn"),
    Act.ERASED: Move(OPEN, frozenset({RequestState.ENDED}), lambda _who: sms.over(), "waiting texts are withdrawn"),
    Act.DAY_OVER: Move(OPEN, frozenset({RequestState.ENDED}), None, "only this copy ends; later ones stay open"),
    Act.IN_EARNEST: Move(OPEN, frozenset({RequestState.ENDED}), None, "waiting texts are withdrawn"),
}  # fmt: skip


HEADING = """# The life of a help request

`tests/help/test_state_tables.py` generates this page from `smsgate/help/state_tables.py`.

A request and its copies are one case. When it is sent again, earlier copies stay open for a day each, so an answer to
any of them counts. A practice is a case of its own, and each of its texts begins with "Only a practice". Code that
moves a case locks, always in this order, members by id, their open requests, and the digits of phones by id. Anyone who
answers when it is over for everybody, or for them, is told that it is over.
"""


def as_markdown() -> str:
    """Return the tables as `docs/understand/help-requests.md` shows them."""
    states = [[state.value, _WHEN[state]] for state in RequestState]
    moves = [
        [act.value, _names(move.sources), _names(move.targets), move.to_people("Amina") if move.to_people else "",
         move.follows]
        for act, move in MOVES.items()
    ]  # fmt: skip
    people = [[state.value, _SHOWN[state], "yes" if state in CAN_ANSWER else "no"] for state in PersonState]
    answers = [
        [answer.value, _names(rule.sources), rule.target.value, rule.to_member("Juma")]
        for answer, rule in ANSWERS.items()
    ]
    return "\n".join(
        (
            HEADING,
            _table("States of a request", ("State", "When"), states),
            _table("What moves a request", ("Act", "From", "To", "Text to those who may have read it", "Then"), moves),
            _table("States of each person asked", ("State", "When", "An answer is expected"), people),
            _table("Answers", ("Act", "From", "To", "The member reads"), answers),
        )
    )


_WHEN = {
    RequestState.PAUSED: "confirmed; it can be taken back until it is sent",
    RequestState.ASKING: "nobody is helping yet",
    RequestState.ANSWERED: "somebody is helping",
    RequestState.ENDED: "answers no longer change anything",
}
_SHOWN = {
    PersonState.ANSWERED: "they said that they are helping",
    PersonState.DECLINED: "they cannot help now, are resting, or have left",
    PersonState.DELIVERED: "the network reported a copy as delivered",
    PersonState.SENT: "the gateway accepted a copy",
    PersonState.GOING: "a copy is waiting, being sent, or in doubt",
    PersonState.LOST: "a copy was reported as failed but may have been read: an answer counts",
    PersonState.UNSENT: "no copy can have been read",
}


def _names(states: Iterable[StrEnum | None]) -> str:
    return ", ".join(sorted(state.value if state else "none" for state in states))


def _table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(columns), ["---"] * len(list(columns)), *map(list, rows)]
    return "\n".join((f"## {title}\n", *("| " + " | ".join(line) + " |" for line in lines), ""))
