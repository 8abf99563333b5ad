"""Check-ins: the person is asked how it is going after one, four and then every eight weeks, if they want.

There is no reminder if they do not answer. Coordinators see who asks to be called, except in matches of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from smsgate.flows.sms import walking
from smsgate.matching.news import tell
from smsgate.models import CheckIn, CheckInAnswer, Match, MatchState, Member, Programme, Seeker, Supporter
from smsgate.models.row_failures import still_so, work_on_each
from smsgate.outbox import keys

FIRST_WEEKS, EVERY_WEEKS = (1, 4), 8
ANSWERED_WITHIN = timedelta(days=28)
KEPT = timedelta(days=90)  # answers
TO_CALL = (CheckInAnswer.CALL, CheckInAnswer.OTHER, CheckInAnswer.REPORTED)


def plan(session: Session, match: Match) -> None:
    """Plan the check-ins of a match that begins, up to its last day."""
    if match.began_at is None or match.ends_at is None:
        return
    weeks = list(FIRST_WEEKS)
    while match.began_at + timedelta(weeks=weeks[-1]) < match.ends_at:
        weeks.append(weeks[-1] + EVERY_WEEKS)
    dates = [match.began_at + timedelta(weeks=week) for week in weeks]
    session.add_all(CheckIn(match_id=match.id, due_at=due) for due in dates if due < match.ends_at)


def ask_due(session: Session, now: datetime, code: str) -> None:
    """Send the check-ins that are due to those who want them. Run by the scheduler."""
    walks = CheckIn.match_id.in_(select(Match.id).where(Match.state == MatchState.WALKING))
    due = (CheckIn.due_at <= now, CheckIn.asked_at.is_(None), walks)

    def ask(ids: Sequence[int]) -> None:
        for one in still_so(session, CheckIn, ids, *due):
            _ask(session, one, now, code)

    work_on_each(session, "check-ins", session.scalars(select(CheckIn.id).where(*due)).all(), ask, now)


def _ask(session: Session, one: CheckIn, now: datetime, code: str) -> None:
    wants = session.scalar(select(Seeker.checked).where(Seeker.member_id == one.match.member_id))
    if not wants:
        session.delete(one)
        return
    one.asked_at = now
    key = keys.walk(one.id, one.due_at, "check_in")
    match = one.match
    tell(session, match.programme, match.member, lambda: walking.check_in(code), key, now, match_id=match.id)


def open_for(session: Session, match: Match, now: datetime) -> CheckIn | None:
    """Return the check-in that a person may still answer: the last one sent; None if there is none."""
    rows = select(CheckIn).where(CheckIn.match_id == match.id, CheckIn.asked_at > now - ANSWERED_WITHIN)
    last = session.scalars(rows.order_by(CheckIn.asked_at.desc(), CheckIn.id.desc())).first()
    return last if last is not None and last.answer is None else None


def answer(session: Session, check_in_id: int, member: Member, said: CheckInAnswer, now: datetime) -> bool:
    """Record a person's answer; return False if the check-in is not theirs or the match is over."""
    one = session.get(CheckIn, check_in_id)
    if one is None or one.match.member_id != member.id or one.match.state is not MatchState.WALKING:
        return False
    one.answer, one.answered_at = said, now
    return True


def report(session: Session, match: Match, now: datetime, *, by_supporter: bool) -> None:
    """Record that one of the two ended a match by reporting it, so that a coordinator calls them."""
    session.add(
        CheckIn(
            match_id=match.id,
            due_at=now,
            asked_at=now,
            answer=CheckInAnswer.REPORTED,
            answered_at=now,
            by_supporter=by_supporter,
        )
    )


def to_call(session: Session, programme: Programme, coordinator_phone_id: int) -> list[CheckIn]:
    """Return the check-ins that ask for a call, oldest first; never those about the coordinator themselves."""
    me = select(Member.id).where(Member.phone_id == coordinator_phone_id)
    own = select(Supporter.id).where(Supporter.member_id.in_(me))
    rows = select(CheckIn).join(Match).where(
        Match.programme_id == programme.id, CheckIn.answer.in_(TO_CALL), CheckIn.seen_at.is_(None),
        Match.supporter_id.not_in(own), Match.member_id.not_in(me),
    )  # fmt: skip
    return list(session.scalars(rows.order_by(CheckIn.answered_at)))


def mark_seen(session: Session, programme: Programme, check_in_id: int, phone_id: int, now: datetime) -> bool:
    """Record that a coordinator has called; return False if they may not see the check-in or it was done already."""
    for one in to_call(session, programme, phone_id):
        if one.id == check_in_id:
            one.seen_at = now
            return True
    return False


def forget_old(session: Session, now: datetime) -> None:
    """Delete check-ins answered longer ago than KEPT."""
    session.execute(delete(CheckIn).where(CheckIn.answered_at < now - KEPT))
