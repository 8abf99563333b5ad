"""What a member sees of their help: their plan, and the actual status of an open request."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core import timezones
from smsgate.flows.actions.results import AskedSeen, HelpPlanSeen, HelpTextSeen, PlanSeen, RequestSeen
from smsgate.flows.help.plan import EscalationStep
from smsgate.groups import groups
from smsgate.help import backup_leader, plans, request_states, requests
from smsgate.help.names import responder_name
from smsgate.help.request_states import HelpCase, Person
from smsgate.models import (
    HelpRequest,
    HelpText,
    Member,
    Responder,
    ResponderStatus,
)

NOTHING: PlanSeen = {
    "words": "", "texts": [], "agreed": 0, "asked": 0, "resting": 0, "recent": 0, "then": False, "open": None,
}  # fmt: skip
EMPTY: HelpPlanSeen = {
    "texts": [], "helps": "", "hinders": "", "avoid": "", "then": "", "minutes": 15, "pause": 0, "word": "",
    "rings": False, "look_again": False, "agreed": 0, "practice": None, "leader": False,
}  # fmt: skip


def plan(session: Session, member: Member | None, now: datetime) -> PlanSeen:
    """Return everything that sending depends on, and the status of an open request."""
    if member is None:
        return NOTHING
    texts = plans.texts_of(session, member)
    rows = select(Responder.agreed).where(Responder.member_id == member.id, ~Responder.backup)
    agreed, ready = list(session.scalars(rows)), requests.reachable(session, member, now)
    own_plan = plans.plan_of(session, member)
    then = backup_leader.askable(session, member, now) is not None
    return {
        "words": plans.text_words(texts[0] if texts else None),
        "texts": [_text_result(text) for text in texts],
        "agreed": min(len(ready), 1) if requests.NEXT in own_plan.then.split() else len(ready),
        "asked": agreed.count(ResponderStatus.ASKED),
        "resting": agreed.count(ResponderStatus.YES) - len(ready),
        "recent": requests.count_recent_requests(session, member, now),
        "then": then,
        "open": request_status(session, request_states.open_case(session, member), now),
    }


def _text_result(text: HelpText) -> HelpTextSeen:
    words = plans.text_words(text)
    return {"id": text.id, "words": words, "short": plans.short(words)}


def help_plan(session: Session, member: Member | None, now: datetime) -> HelpPlanSeen:
    """Return everything a member prepared, for them to read and change."""
    if member is None:
        return EMPTY
    own_plan, is_open = plans.plan_of(session, member), requests.open_request(session, member) is not None
    practice = request_states.open_case(session, member, practice=True)
    return {
        "texts": [_text_result(text) for text in plans.texts_of(session, member)],
        "helps": own_plan.helps or "",
        "hinders": own_plan.hinders or "",
        "avoid": own_plan.avoid or "",
        "then": own_plan.then,
        "minutes": own_plan.wait_minutes,
        "pause": own_plan.pause_seconds,
        "word": own_plan.word or "",
        "rings": own_plan.rings,
        "look_again": own_plan.look_again,
        "agreed": 0 if is_open else len(requests.reachable(session, member, now)),
        "practice": request_status(session, practice, now),
        "leader": backup_leader.askable(session, member, now) is not None,
    }


def request_status(session: Session, case: HelpCase | None, now: datetime) -> RequestSeen | None:
    """Return who was asked, reached and has answered, and when; which step is next, and when. Times are local."""
    if case is None:
        return None
    zone, newest = groups.timezone_of(session, case.member), case.newest
    seconds_left = (newest.leaves_at - now).total_seconds() if newest.leaves_at else 0
    steps = _steps_ahead(session, newest, now)
    return {
        "at": timezones.local_time(newest.raised_at, zone),
        "practice": newest.practice,
        "leaves_in": max(0, ceil(seconds_left)),
        "people": [_person_result(person, zone) for person in case.people],
        "next": steps[0] if steps and newest.next_at else "",
        "next_at": timezones.local_time(newest.next_at, zone) if steps else "",
    }


def _person_result(person: Person, zone: ZoneInfo) -> AskedSeen:
    since = timezones.local_time(person.since, zone)
    # Someone who said STOP or left is shown that way, whatever became of their copy.
    state = person.state.value if person.agrees else "left"
    return {"name": responder_name(person.responder), "state": state, "at": since}


def _steps_ahead(session: Session, request: HelpRequest, now: datetime) -> list[str]:
    """Return the steps that are still to come, without a leader who cannot be asked."""
    steps = request.then.split()
    if EscalationStep.LEADER in steps and backup_leader.askable(session, request.member, now) is None:
        steps.remove(EscalationStep.LEADER)
    return steps
