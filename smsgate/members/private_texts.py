"""Private texts name neither group nor place: what waits for a member who switches to them is written anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from smsgate.matching import meetings as match_meetings
from smsgate.models import Member, Message
from smsgate.notices import group_changes


def switch(session: Session, member: Member, on: bool, now: datetime, code: str) -> None:
    """Switch private texts on or off, for texts that wait too."""
    member.discreet = on
    group_changes.write_anew(session, now, code, Message.phone_id == member.phone_id)
    match_meetings.write_anew(session, member, code)
