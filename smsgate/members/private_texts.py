"""Private texts name neither group nor place: what waits for a member who switches to them is written anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from smsgate.groups import join_requests
from smsgate.matching import meetings as match_meetings
from smsgate.meetings import news, reminders
from smsgate.models import Member
from smsgate.notices import group_changes


def switch(session: Session, member: Member, on: bool, now: datetime, code: str) -> None:
    """Switch private texts on or off, for texts that wait too."""
    member.discreet = on
    reminders.write_anew(session, member.phone_id)
    news.write_anew(session, member, now, code)
    group_changes.write_anew(session, member, now, code)
    match_meetings.write_anew(session, member, code)
    if on:
        join_requests.write_anew(session, member, code)
