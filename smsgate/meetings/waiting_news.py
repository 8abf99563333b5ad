"""News of meetings that waits, or has waited too long: it is written anew, by what is so and still to come.

What its reader knew before (`Message.about`) says which dates it tells of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.database import among
from smsgate.meetings.news import MEETING, Addressee, Change, Writer, changes_since, expiry, meeting_of
from smsgate.models import Meeting, Member, Message, MessageKind
from smsgate.models.lookup import members_by_phone
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys, messages


def write_anew(session: Session, now: datetime, code: str, *which: ColumnElement[bool]) -> None:
    """Rewrite those of these texts that are waiting news of meetings, as things are and each member wants it now."""
    waiting = messages.waiting(session, MessageKind.MEETING_NEWS, *which)
    readers, writers = (
        members_by_phone(session, [message.phone_id for message in waiting]),
        _Writers(session, now, code),
    )
    for message in waiting:
        changes, member = _still_to_tell(session, message.about, now), readers.get(message.phone_id)
        if changes and member:  # otherwise it is too late
            messages.rewrite(message, writers.of(changes).words(_addressee(member), changes))


def tell_the_rest(session: Session, message_ids: Collection[int], now: datetime, code: str) -> None:
    """Queue, for each text of news that came too late for its first date, one about the dates that are still to come.

    Nothing is queued for a text that tells of no other date, or is no news of meetings.
    """
    news = (Message.kind == MessageKind.MEETING_NEWS, Message.about.is_not(None), Message.superseded_at.is_(None))
    ids = session.scalars(select(Message.id).where(among(session, Message.id, message_ids), *news)).all()
    writers = _Writers(session, now, code)

    def tell(each: Sequence[int]) -> None:
        rows = select(Message.id, Message.phone_id, Message.expires_at, Message.about)
        for row in session.execute(rows.where(Message.id.in_(each))):
            changes = [one for one in _still_to_tell(session, row.about, now) if expiry([one]) > row.expires_at]
            member = members_by_phone(session, [row.phone_id]).get(row.phone_id)
            if changes and member:
                text = writers.of(changes).text(_addressee(member), changes, keys.news_rest(row.id))
                outbox.send_text(session, row.phone_id, text, now)

    work_on_each(session, "news that came too late", ids, tell, now)


class _Writers:
    """Keeps a writer for each group and series, so that equal texts are written once."""

    def __init__(self, session: Session, now: datetime, code: str) -> None:
        self.session, self.now, self.code = session, now, code
        self._known: dict[tuple[int, int | None], Writer] = {}

    def of(self, changes: Sequence[Change]) -> Writer:
        """Return the writer of texts about these changes, all of one group."""
        all_series = {change.meeting.series_id for change in changes}
        series_id = next(iter(all_series)) if len(all_series) == 1 else None
        group = changes[0].meeting.group
        if (group.id, series_id) not in self._known:
            following = self._next_of(series_id) if series_id else None
            self._known[group.id, series_id] = Writer(self.session, group, following, self.now, self.code)
        return self._known[group.id, series_id]

    def _next_of(self, series_id: int) -> Meeting | None:
        to_come = (Meeting.series_id == series_id, Meeting.cancelled_at.is_(None), Meeting.starts_at > self.now)
        return self.session.scalars(select(Meeting).where(*to_come).order_by(Meeting.starts_at).limit(1)).first()


def _still_to_tell(session: Session, about: Mapping[str, Any] | None, now: datetime) -> list[Change]:
    """Return the changes of dates to come that a text with this `about` tells; none if it is about something else."""
    if about is None or not all(subject.startswith(MEETING) for subject in about):
        return []
    changes = [
        change for subject, known in about.items() for change in changes_since(meeting_of(session, subject), known, now)
    ]
    return sorted(changes, key=lambda change: change.before)


def _addressee(member: Member) -> Addressee:
    return Addressee(member.phone_id, member.phone.language, member.discreet)
