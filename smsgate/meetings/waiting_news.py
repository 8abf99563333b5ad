"""News of meetings that waits, or has waited too long: it is written anew, by what is so and still to come.

What its reader knew before (`Message.about`) says which dates it tells of. It may name others: the group's next one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.database import among
from smsgate.flows import sms
from smsgate.groups.wording import speaking_for
from smsgate.meetings.news import (
    MEETING,
    Addressee,
    Change,
    NotificationResult,
    Writer,
    changes_since,
    expiry,
    meeting_of,
    next_start,
    send_news,
)
from smsgate.models import Group, Meeting, Member, Message, MessageKind
from smsgate.models.lookup import members_by_phone
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys, messages
from smsgate.outbox.keys import Key

ZONE = "zone"  # subject of the news that a group goes by another zone, which names its next date


def tell_changes(
    session: Session, changes: Sequence[Change], following: Meeting | None, key: Key, now: datetime, code: str
) -> NotificationResult:
    """Send news as `send_news` does; what waits about other dates of the group is written anew."""
    told = send_news(session, changes, following, key, now, code)
    if changes:
        write_anew(session, now, code, Message.group_id == changes[0].meeting.group_id, Message.key != key)
    return told


def write_anew(session: Session, now: datetime, code: str, *which: ColumnElement[bool]) -> None:
    """Rewrite those of these texts that are waiting news of dates, as things are and each member wants it now."""
    waiting = messages.waiting(session, MessageKind.MEETING_NEWS, *which)
    readers, writers = (
        members_by_phone(session, [message.phone_id for message in waiting]),
        _Writers(session, now, code),
    )
    for message in waiting:
        member = readers.get(message.phone_id)
        if member and ZONE in (message.about or {}):
            _tell_zone_anew(session, message, _addressee(member), now, code)
            continue
        changes = _still_to_tell(session, message.about, now)
        if changes and member:  # otherwise it is too late
            messages.rewrite(message, writers.of(changes).words(_addressee(member), changes))


def _tell_zone_anew(session: Session, message: Message, reader: Addressee, now: datetime, code: str) -> None:
    group = session.get_one(Group, message.group_id)
    words_for = zone_words(session, group, now, code)
    if words_for:
        messages.rewrite(message, in_words_of(group, reader, words_for))
    else:
        outbox.withdraw(session, Message.id == message.id, now=now)


def zone_words(session: Session, group: Group, now: datetime, code: str) -> Callable[[str], str] | None:
    """Return what says that times are others now; None if no meeting is planned."""
    coming = next_start(session, group, now)
    city = group.zone.rpartition("/")[2].replace("_", " ")
    return (lambda name: sms.zone_changed(coming, city, name, code)) if coming else None


def in_words_of(group: Group, reader: Addressee, words_for: Callable[[str], str]) -> str:
    """Return what `words_for` says in the group's wording, with its name if the reader wants that."""
    with speaking_for(group, reader.language):
        return words_for("" if reader.discreet else group.name)


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
