"""Faults to plant, each in one place of the product, named after the issue's parts: A requests, B answers, G guards.

Each is a bug that once existed; the machine has to find it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.conversations import missed_calls
from smsgate.conversations.sms import fine, responses, written
from smsgate.flows import sms
from smsgate.flows.help import send
from smsgate.flows.typed.fine_phrases import Meaning, meaning_of
from smsgate.flows.typed.keywords import parse_keyword
from smsgate.help import (
    answer_keys,
    answers,
    backup_leader,
    endings,
    plans,
    request_states,
    requests,
)
from smsgate.members import guard
from smsgate.models import HelpRequest, Member, Message, MessageStatus, Responder

Fault = Callable[[pytest.MonkeyPatch], None]
FAULTS: dict[str, Fault] = {}


def plants(name: str) -> Callable[[Fault], Fault]:
    def keep(fault: Fault) -> Fault:
        FAULTS[name] = fault
        return fault

    return keep


def _nothing(*_arguments: Any, **_more: Any) -> None:
    return None


@plants("A-may-have-read-is-only-what-was-sent")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(request_states, "may_be_read", lambda message: message.state is MessageStatus.SENT)


@plants("A-taking-back-takes-what-a-worker-holds")
def _(patch: pytest.MonkeyPatch) -> None:
    withdraw = outbox.withdraw

    def of_hands(session: Session, *which: Any, now: datetime) -> Any:
        held = update(Message).where(*which, Message.state == MessageStatus.SENDING)
        session.execute(held.values(state=MessageStatus.WAITING, leased_until=None, attempt=Message.attempt + 1))
        return withdraw(session, *which, now=now)

    patch.setattr(outbox, "withdraw", of_hands)


@plants("A-only-the-newest-copy-is-seen")
def _(patch: pytest.MonkeyPatch) -> None:
    case = request_states._case

    def newest(session: Session, member: Member, **how: bool) -> Any:
        found = case(session, member, **how)
        if found is None:
            return None
        last = found.requests[-1:]
        return request_states.HelpCase(member, last, request_states.people_of(session, last))

    patch.setattr(request_states, "_case", newest)


@plants("A-a-practice-becomes-real")
def _(patch: pytest.MonkeyPatch) -> None:
    raise_help = requests.raise_help

    def in_earnest(session: Session, member: Member, now: datetime, options: requests.HelpOptions | None = None) -> Any:
        given = options or requests.HelpOptions()
        return raise_help(session, member, now, requests.HelpOptions(given.text_id, False, given.pause, given.again))

    patch.setattr(requests, "raise_help", in_earnest)


@plants("A-a-practice-is-not-marked")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sms, "practice", lambda words: words)


@plants("A-a-practice-stands-before-the-real-one")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(endings, "end_practice", _nothing)


@plants("A-two-texts-have-one-digit")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answer_keys, "key_for", lambda *_asked: 1)


@plants("A-one-wish-by-two-ways-is-two-requests")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(requests, "SAME_ACT", timedelta())


@plants("A-the-steps-go-on-after-an-answer")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(request_states.HelpCase, "is_answered", False)
    patch.setattr(answers, "_now_on_it", _nothing)


@plants("A-who-leaves-is-not-noticed")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answers, "leave", _nothing)


@plants("A-who-takes-it-back-brings-no-step")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answers, "_nobody_on_it_now", _nothing)


@plants("A-a-leader-who-takes-no-help-texts-is-asked")
def _(patch: pytest.MonkeyPatch) -> None:
    def chosen(session: Session, member: Member, _now: datetime) -> Responder | None:
        return session.query(Responder).filter_by(member_id=member.id, backup=True).first()

    patch.setattr(backup_leader, "askable", chosen)


@plants("A-a-ring-sends-although-switched-off")
def _(patch: pytest.MonkeyPatch) -> None:
    switch = plans.set_missed_call
    patch.setattr(plans, "set_missed_call", lambda session, member, on: switch(session, member, True))


@plants("A-switched-off-within-the-minute-it-is-still-sent")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(missed_calls, "take_back", lambda *_given: False)


@plants("A-what-was-taken-back-counts-as-sent")
def _(patch: pytest.MonkeyPatch) -> None:
    def all_of_the_hour(session: Session, member: Member, now: datetime, since: datetime | None = None) -> int:
        mine = (HelpRequest.member_id == member.id, HelpRequest.raised_at > (since or now - requests.HOUR))
        return session.query(func.count(HelpRequest.id)).filter(*mine, ~HelpRequest.practice).scalar() or 0

    patch.setattr(requests, "count_recent_requests", all_of_the_hour)


@plants("A-a-ring-is-answered-with-silence")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(missed_calls, "_reply_once", lambda *_given: False)


@plants("A-words-that-take-back-are-not-heard")
def _(patch: pytest.MonkeyPatch) -> None:
    def only_keywords(text: str) -> Meaning:
        return Meaning.UNCLEAR if parse_keyword(text) is None else meaning_of(text)

    patch.setattr(fine, "meaning_of", only_keywords)


@plants("A-an-end-is-told-to-nobody")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(endings, "_tell_fine", _nothing)


@plants("A-an-erasure-is-told-to-nobody")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(endings, "tell_responder", _nothing)


@plants("A-an-answer-to-what-is-over-reads-a-menu")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answers, "ended_help", _nothing)


@plants("B-an-invitation-that-has-not-left-can-be-agreed-to")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(responses, "_when_read", lambda _inbound, invited: {one: [one.asked_at] for one in invited})


@plants("B-a-stale-answer-counts")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(written, "written_at", lambda _dated_at, received_at: received_at)


@plants("B-one-key-pressed-twice-sends")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(send, "_sending", lambda: {"yes": "Yes, send it now", "no": "Not now"})


@plants("G-a-guarded-phone-tells")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guard, "states_of", lambda *_given: frozenset())
