"""Deletion of old data: three months after a match ends, only counts of it remain."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from smsgate.groups import roles
from smsgate.matching import carrying, check_ins, endings
from smsgate.models import CardBatch, Coordinator, Match, MatchState, ProgrammeOffer, Supporter

MATCHES = timedelta(days=90)  # after their end
DECIDING = timedelta(days=28)  # for someone who does not say what they want after their match ended
CARDS = timedelta(days=90)  # after their last day


def forget_old_data(session: Session, now: datetime) -> None:
    """Delete what has expired. Run hourly."""
    carrying.forget_old(session, now)
    check_ins.forget_old(session, now)
    endings.forget_undecided(session, now, DECIDING)
    not_agreed = (Match.state == MatchState.NOT_AGREED) & (Match.proposed_at < now - MATCHES)
    session.execute(delete(Match).where(or_(Match.ended_at < now - MATCHES, not_agreed)))
    session.execute(delete(ProgrammeOffer).where(ProgrammeOffer.expires_at <= now))
    session.execute(delete(CardBatch).where(CardBatch.last_day < (now - CARDS).date()))
    session.execute(delete(Coordinator).where(Coordinator.ended_at < now - roles.KEPT))
    session.execute(delete(Coordinator).where(Coordinator.until < now - roles.KEPT))
    has_match = exists(select(Match.id).where(Match.supporter_id == Supporter.id))
    session.execute(delete(Supporter).where(Supporter.ended_at < now - MATCHES, ~has_match))
