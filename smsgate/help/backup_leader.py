"""The backup leader, whom a member chose to be asked when nobody answers: choosing, undoing, and who can be asked now.

A leader agrees once, for the members of a group (`set_takes_help`). This consent is separate from being someone's
responder and has its own row: someone may decline one and give the other. `askable` is the one answer to "may this
leader be asked for this member now". The plan's screens, the preview before sending, the escalation and the last check
before a text is sent (`outbox.eligibility`) agree on it, so that nothing is promised that will not be done. A choice
stays while its leader cannot be asked, and counts again once they can.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, literal, select, update
from sqlalchemy.orm import Session

from smsgate.flows.help.plan import EscalationStep
from smsgate.groups import roles
from smsgate.help import plans
from smsgate.help.choices import is_asked
from smsgate.models import (
    HelpRequest,
    Member,
    MessageKind,
    Responder,
    ResponderStatus,
    RoleAssignment,
)
from smsgate.outbox.eligibility import is_reached_by, leader_stands, takes_help_for


def leaders(session: Session, member: Member, now: datetime) -> list[RoleAssignment]:
    """Return the leaders of the member's open groups who take help requests and can be reached, one assignment each.

    Leaders who asked not to be chosen by this member are left out.
    """
    refused = exists().where(
        Responder.member_id == member.id,
        Responder.phone_id == RoleAssignment.phone_id,
        Responder.backup,
        Responder.agreed != ResponderStatus.YES,
    )
    rows = select(RoleAssignment).where(
        takes_help_for(literal(member.id), RoleAssignment.phone_id),
        ~refused,
        RoleAssignment.phone_id != member.phone_id,
    )
    do_not_contact = plans.do_not_contact_numbers(session, member)
    by_phone = {
        assignment.phone_id: assignment
        for assignment in session.scalars(rows.order_by(RoleAssignment.id), {"now": now})
        if is_reached_by(assignment.phone, MessageKind.HELP) and assignment.phone.number not in do_not_contact
    }
    return list(by_phone.values())


def askable(session: Session, member: Member, now: datetime) -> Responder | None:
    """Return the leader the member chose, if the plan has that step and this leader may be asked for the member now."""
    if EscalationStep.LEADER not in plans.plan_of(session, member).then.split():
        return None
    chosen = select(Responder).where(Responder.member_id == member.id, Responder.backup, leader_stands())
    available = {assignment.phone_id for assignment in leaders(session, member, now)}
    standing = session.scalars(chosen.order_by(Responder.id.desc()), {"now": now})
    return next((leader for leader in standing if leader.phone_id in available), None)


def choose(session: Session, member: Member, assignment_id: int, now: datetime) -> bool:
    """Choose a leader to ask when nobody answers, in place of the one chosen before.

    Returns False if the leader of this role assignment no longer takes help requests.
    """
    chosen = next((leader for leader in leaders(session, member, now) if leader.id == assignment_id), None)
    if chosen is None:
        return False
    undo(session, member, now)
    mine = (Responder.member_id == member.id, Responder.phone_id == chosen.phone_id, Responder.backup)
    responder = session.scalars(select(Responder).where(*mine)).first()
    if responder is None:
        responder = Responder(member_id=member.id, phone_id=chosen.phone_id, backup=True)
        session.add(responder)
    responder.agreed, responder.asked_at, responder.answered_at = ResponderStatus.YES, now, now
    responder.undone_at, responder.name = None, roles.display_name(session, chosen.phone_id)
    responder.muted_until = _rests_until(session, chosen.phone_id)
    session.flush()
    return True


def _rests_until(session: Session, phone_id: int) -> datetime | None:
    """Return when their rest ends: a day's rest holds for every member, including those who choose them during it."""
    rests = select(Responder.muted_until).where(Responder.phone_id == phone_id, Responder.muted_until.is_not(None))
    return max((until for until in session.scalars(rests) if until), default=None)


def undo(session: Session, member: Member, now: datetime) -> None:
    """Undo the choice of a leader, who is not asked any more.

    The row of a leader who was asked in an open request stays until that is over, so that their answer counts and "I am
    fine now" reaches them. The row of one who asked not to be chosen by this member stays too.
    """
    for responder in session.scalars(select(Responder).where(Responder.member_id == member.id, Responder.backup)):
        responder.undone_at = responder.undone_at or now
    session.flush()
    _forget_undone(session, Responder.member_id == member.id)


def forget_undone(session: Session) -> None:
    """Delete undone choices whose help requests are over. Run by the scheduler."""
    _forget_undone(session)


def _forget_undone(session: Session, *which: ColumnElement[bool]) -> None:
    over = (Responder.backup, Responder.undone_at.is_not(None), Responder.agreed == ResponderStatus.YES, ~is_asked())
    session.execute(delete(Responder).where(*over, *which))


def set_takes_help(session: Session, assignment: RoleAssignment, on: bool) -> None:
    """Set whether a leader takes help requests; when turned on, members they had left may choose them again."""
    assignment.takes_help = on
    if on:
        refused = (Responder.phone_id == assignment.phone_id, Responder.backup, Responder.agreed != ResponderStatus.YES)
        again = {"agreed": ResponderStatus.YES, "undone_at": assignment.since}
        session.execute(update(Responder).where(*refused).values(again))
    session.flush()


def stop_escalation(session: Session, member: Member) -> None:
    """Stop the escalation of an open request, as the member asked."""
    open_now = (HelpRequest.member_id == member.id, HelpRequest.closed_at.is_(None))
    session.execute(update(HelpRequest).where(*open_now).values(then="", next_at=None))


def save_steps(session: Session, member: Member, then: str, minutes: int, leader: int, now: datetime) -> bool:
    """Save what happens when nobody answers; `leader` is the assignment of a newly chosen leader, or 0.

    Returns False, and saves nothing, if that leader cannot be chosen any more. Without steps, the escalation of an open
    request stops too.
    """
    if leader and not choose(session, member, leader, now):
        return False
    if EscalationStep.LEADER not in then.split():
        undo(session, member, now)
    if not then:
        stop_escalation(session, member)
    plans.set_escalation(session, member, then, minutes)
    return True
