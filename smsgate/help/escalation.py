"""What happens when nobody answers: the escalation steps the member chose beforehand, one by one, and nothing else.

The remaining steps are stored in the request, with the time at which the next is due. An answer holds them; "I am fine
now" or the end of 24 hours clears them (`answers.py`, `endings.py`). Each step is taken under the lock of
`request_states`: two schedulers at once are safe, and an answer at the same moment counts before the step or after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.reading.bad_rows import each_past_bad_rows
from smsgate.flows import sms
from smsgate.flows.help.plan import EscalationStep
from smsgate.groups.wording import speaking_of
from smsgate.help import backup_leader, request_states, requests
from smsgate.help.crisis import crisis_lines
from smsgate.help.news import tell_member
from smsgate.models import (
    HelpPlan,
    HelpRecipient,
    HelpRequest,
    Member,
    MessageKind,
    Responder,
)
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys
from smsgate.outbox.keys import Key

NUMBERS_MOST = 2
LOOK_EVERY = timedelta(days=90)
WORTH_ASKING = timedelta(days=7)


def escalate_due(session: Session, now: datetime, code: str) -> None:
    """Take the escalation steps that are due. Run by the scheduler."""
    due = select(HelpRequest.member_id).where(HelpRequest.next_at <= now, HelpRequest.closed_at.is_(None))

    def escalate(member_ids: Sequence[int]) -> None:
        for member in request_states.locked_members(session, member_ids):
            case = request_states.locked(session, member.id)
            if case and case.newest.next_at is not None and case.newest.next_at <= now and not case.is_answered:
                _take_next_step(session, case.newest, now, code)

    member_ids = dict.fromkeys(session.scalars(due.order_by(HelpRequest.next_at)))
    work_on_each(
        session, "escalation of a member's help request", member_ids, each_past_bad_rows(session, escalate), now
    )


def _take_next_step(session: Session, request: HelpRequest, now: datetime, code: str) -> None:
    steps, done = request.then.split(), False
    while steps and not done:
        step = EscalationStep(steps[0])
        done = STEP_ACTIONS[step](session, request, now, code)
        if not (done and step is EscalationStep.NEXT):  # repeated until no responder is left
            steps.pop(0)
    request.then = " ".join(steps)
    sent_lines = done and step is EscalationStep.LINES
    if done and not (sent_lines and not steps):
        request.next_at = now + timedelta(minutes=request.wait_minutes)
    else:
        request.next_at = None
        if not sent_lines:
            _tell_nobody_answered(session, request, keys.nobody_answered(request.id, now), now, code)


def _ask_next_responder(session: Session, request: HelpRequest, now: datetime, code: str) -> bool:
    """Ask the first responder, in the member's order, who has not been asked yet."""
    asked = _asked_phones(session, request)
    people = requests.reachable(session, request.member, now)
    rest = [responder for responder in people if responder.phone_id not in asked]
    return any(recipient.message_id for recipient in requests.ask_responders(session, request, rest[:1], now, now))


def _ask_again(session: Session, request: HelpRequest, now: datetime, code: str) -> bool:
    """Send the help text again to responders who have not said anything."""
    rows = select(HelpRecipient).where(HelpRecipient.request_id == request.id, HelpRecipient.declined_at.is_(None))
    reachable = {responder.id for responder in requests.reachable(session, request.member, now)}
    silent = [recipient for recipient in session.scalars(rows).all() if recipient.responder_id in reachable]
    sent = [requests.ask_again(session, recipient, now) for recipient in silent]
    return any(sent)


def _ask_facilitator(session: Session, request: HelpRequest, now: datetime, code: str) -> bool:
    """Ask the leader whom the member chose, unless they were asked already."""
    leader = backup_leader.askable(session, request.member, now)
    if leader is None or leader.phone_id in _asked_phones(session, request):
        return False
    return any(asked.message_id for asked in requests.ask_responders(session, request, [leader], now, now))


def _asked_phones(session: Session, request: HelpRequest) -> set[int]:
    """Return the ids of phones asked in this request, as one person can be both a responder and the backup leader."""
    rows = select(Responder.phone_id).join(HelpRecipient, HelpRecipient.responder_id == Responder.id)
    return set(session.scalars(rows.where(HelpRecipient.request_id == request.id)))


def _send_crisis_lines(session: Session, request: HelpRequest, now: datetime, code: str) -> bool:
    """Send crisis lines to the member, and to nobody else."""
    _tell_nobody_answered(session, request, keys.crisis_lines(request.id, now), now, code)
    return True


def _tell_nobody_answered(session: Session, request: HelpRequest, key: Key, now: datetime, code: str) -> None:
    """Tell the member that nobody answered; crisis lines go without names, which could tell others what it is about."""
    numbers = ", ".join(crisis_lines.numbers_to_call(session, request.member.phone.number, now)[:NUMBERS_MOST])
    tell_member(session, request, lambda: sms.nobody_yet(code, numbers), key, now)


STEP_ACTIONS: dict[EscalationStep, Callable[[Session, HelpRequest, datetime, str], bool]] = {
    EscalationStep.NEXT: _ask_next_responder,
    EscalationStep.AGAIN: _ask_again,
    EscalationStep.LEADER: _ask_facilitator,
    EscalationStep.LINES: _send_crisis_lines,
}


def ask_for_reviews(session: Session, now: datetime, code: str) -> None:
    """Ask members who want it, every 90 days, whether their help plan is still right. Run by the scheduler."""
    since = now - LOOK_EVERY
    due = select(HelpPlan.id).where(HelpPlan.look_again, HelpPlan.looked_at <= since)
    due = due.where((HelpPlan.asked_at.is_(None)) | (HelpPlan.asked_at <= since))

    def ask(ids: Sequence[int]) -> None:
        for plan_id in ids:
            _ask_for_review(session, session.get_one(HelpPlan, plan_id), now, code)

    work_on_each(session, "help reviews", session.scalars(due).all(), ask, now)


def _ask_for_review(session: Session, plan: HelpPlan, now: datetime, code: str) -> None:
    plan.asked_at = now
    member = session.get_one(Member, plan.member_id)
    with speaking_of(member, member.phone.language):
        words = sms.still_right(code)
    text = outbox.Text(
        words=words, key=keys.plan_review(plan.id, now), kind=MessageKind.HELP_NEWS, expires_at=now + WORTH_ASKING
    )
    outbox.send_text(session, member.phone_id, text, now)
