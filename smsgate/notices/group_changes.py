"""Changing a group's settings, and what follows from a new code or time zone.

New code: members are told, and the former code still leads to the group. New time zone: upcoming meetings, their series
and timed notices keep their local time, and members are told. If newcomers no longer need approval, those who asked are
admitted. What waits to be sent and says the name, the code or a place is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core import timezones
from smsgate.core.database import among
from smsgate.core.dial_codes import code_below
from smsgate.flows import sms
from smsgate.groups import groups, invitations, join_requests, settings
from smsgate.groups.settings import GroupSettings
from smsgate.matching import zones
from smsgate.meetings import news, reminders, waiting_news
from smsgate.meetings.meetings import mark_changed
from smsgate.meetings.news import Addressee
from smsgate.meetings.occurrences import starts_at
from smsgate.meetings.waiting_news import ZONE, in_words_of, zone_words
from smsgate.models import (
    Group,
    Lane,
    Meeting,
    Message,
    MessageKind,
    MessageStatus,
    Notice,
    NoticeStatus,
    Series,
)
from smsgate.models.lookup import members_by_phone
from smsgate.outbox import keys, messages
from smsgate.outbox.keys import Key
from smsgate.outbox.superseding import take_back_news

WORTH_TELLING = timedelta(days=7)
CODE = "code"  # subject of news
NOT_STARTED = (NoticeStatus.DRAFT, NoticeStatus.ASKED, NoticeStatus.TIMED)


def change_settings(
    session: Session, group: Group, wanted: GroupSettings, now: datetime, dial: str, *, by: int | None
) -> None:
    """Apply settings to a group and tell its members what they need to know; `by` is a phone id. Raises Invalid."""
    said, code, zone, by_approval = _said_in_texts(group), group.code, group.zone, group.by_approval
    settings.apply_settings(session, group, wanted, now)
    session.flush()
    if group.code != code:
        unread = _tell_code(session, group, code, now, dial)
        if group.former_code not in unread - {group.code}:  # otherwise it is what people know
            group.former_code = code
    if group.zone != zone:
        _keep_local_times(session, group, zone, now)
        _tell_zone(session, group, zone, now, dial)
    if by_approval and not group.by_approval:
        join_requests.admit_all(session, group, now, dial, by=by)
    if _said_in_texts(group) != said:
        write_group_anew(session, group, now, dial)


def _said_in_texts(group: Group) -> tuple[str, str, str, bool]:
    """Return the settings that texts say or go by."""
    return group.name, group.code, group.zone, group.tells_place


def write_group_anew(session: Session, group: Group, now: datetime, dial: str) -> None:
    """Write anew the group's texts that wait, since its settings or its wording have changed."""
    session.flush()
    write_anew(session, now, dial, Message.group_id == group.id)
    invitations.correct_waiting_texts(session, group, dial)


def write_anew(session: Session, now: datetime, dial: str, *which: ColumnElement[bool]) -> None:
    """Write anew those of these texts that wait and say a group's name, code or place: by what is so now.

    Each says what its reader wants by now: nothing of these if they want private texts.
    """
    reminders.write_anew(session, dial, *which)
    waiting_news.write_anew(session, now, dial, *which)
    join_requests.write_anew(session, dial, *which)
    waiting = messages.waiting(session, MessageKind.MEETING_NEWS, *which)
    readers = members_by_phone(session, [message.phone_id for message in waiting])
    for message in waiting:
        group, member = session.get(Group, message.group_id), readers.get(message.phone_id)
        if group and member and CODE in (message.about or {}):
            addressee = Addressee(member.phone_id, member.phone.language, member.discreet)
            messages.rewrite(message, in_words_of(group, addressee, _code_words(group, dial)))


def _tell_code(session: Session, group: Group, before: str, now: datetime, dial: str) -> set[str]:
    key = keys.group_code_changed(group.id, now)
    return _tell(session, group, (CODE, before, group.code), _code_words(group, dial), key, now)


def _code_words(group: Group, dial: str) -> Callable[[str], str]:
    return lambda name: sms.code_changed(name, code_below(dial, group.code))


def _tell_zone(session: Session, group: Group, before: str, now: datetime, dial: str) -> None:
    key = keys.group_zone_changed(group.id, now)
    _tell(session, group, (ZONE, before, group.zone), zone_words(session, group, now, dial), key, now)


def _tell(
    session: Session, group: Group, change: tuple[str, str, str], words_for: Callable[[str], str] | None, key: Key,
    now: datetime,
) -> set[str]:  # fmt: skip
    """Tell members of a `change` (subject, before, after), replacing earlier news of it that is still waiting.

    Returns what those know who have not read that earlier news. Without words, nothing is told in its place.
    """
    subject, before, after = change
    known: dict[int, str] = {}
    for earlier in take_back_news(session, group.id, {subject}, now):
        if not earlier.in_hand:
            known.setdefault(earlier.phone_id, str(earlier.about[subject]))
    if words_for is None:
        return set(known.values())
    texts = []
    for addressee in news.addressees(session, group.id):
        if known.get(addressee.phone_id, before) != after:
            about = {subject: known.get(addressee.phone_id, before)}
            text = outbox.Text(
                words=in_words_of(group, addressee, words_for), key=key, kind=MessageKind.MEETING_NEWS,
                expires_at=now + WORTH_TELLING, group_id=group.id, about=about,
            )  # fmt: skip
            texts.append((addressee.phone_id, text))
    outbox.send_texts(session, texts, now)
    return set(known.values())


def _keep_local_times(session: Session, group: Group, before: str, now: datetime) -> None:
    """Move what was planned in the former zone, so that it keeps its local time; if unknown, its moment."""
    former = timezones.existing(before)

    def moved(moment: datetime) -> datetime:
        if former is None:
            return moment
        local = moment.astimezone(former).replace(tzinfo=ZoneInfo(group.zone))
        return starts_at(local)

    own_zone = select(Series.id).where(Series.group_id == group.id, Series.zone != before)
    by_own_zone = set(session.scalars(own_zone))
    to_come = (Meeting.group_id == group.id, Meeting.starts_at > now)
    moving = set()  # ids of the dates that move with the zone
    for meeting in session.scalars(select(Meeting).where(*to_come).order_by(Meeting.id).with_for_update()):
        if meeting.series_id not in by_own_zone:
            meeting.starts_at, meeting.moves = moved(meeting.starts_at), meeting.moves + 1
            meeting.planned_at = moved(meeting.planned_at) if meeting.planned_at else None
            mark_changed(meeting, now)
            moving.add(meeting.id)
    for series in session.scalars(select(Series).where(Series.group_id == group.id, Series.zone == before)):
        series.zone, series.look_at = group.zone, now
    not_started = (Notice.group_id == group.id, Notice.stage.in_(NOT_STARTED), Notice.due_at > now)
    for notice in session.scalars(select(Notice).where(*not_started).with_for_update()):
        notice.due_at = moved(notice.due_at) if notice.due_at else None
    zones.keep_local_times(session, group, before, moved, now)
    _correct_waiting_news(session, group, moving, moved)
    _move_timed_requests(session, group, moved, now)
    groups.reschedule_reminders(session, group.id, now)


def _correct_waiting_news(
    session: Session, group: Group, ids: Collection[int], moved: Callable[[datetime], datetime]
) -> None:  # fmt: skip
    """Adjust what readers of waiting news know of the dates that moved, and when it is too late, to the new zone."""
    subjects = {news.subject_of(meeting_id) for meeting_id in ids}
    is_open = or_(Message.stands(MessageStatus.WAITING), Message.stands(MessageStatus.SENDING))
    unread = (Message.lane.in_(Lane), is_open, Message.group_id == group.id, Message.about.is_not(None))
    rows = select(Message).where(*unread, Message.kind == MessageKind.MEETING_NEWS)
    for row in session.scalars(rows.order_by(Message.id).with_for_update()):
        row.about = {
            subject: {**known, "start": moved(datetime.fromisoformat(known["start"])).isoformat()}
            if subject in subjects and known["start"]
            else known
            for subject, known in (row.about or {}).items()
        }
        if row.meeting_id in ids:
            row.expires_at = moved(row.expires_at)


def _move_timed_requests(session: Session, group: Group, moved: Callable[[datetime], datetime], now: datetime) -> None:
    """Move the texts that ask members, at a set time, to take part in a survey."""
    waiting = (Message.lane.in_(Lane), Message.stands(MessageStatus.WAITING), Message.group_id == group.id)
    timed = (*waiting, Message.survey_id.is_not(None), Message.due_at > now, Message.reason.is_(None))
    times = session.execute(select(Message.due_at, Message.expires_at).where(*timed).distinct()).all()
    ids = {time: session.scalars(select(Message.id).where(*timed, Message.due_at == time[0])).all() for time in times}
    for (due_at, expires_at), own in ids.items():
        values = {"due_at": moved(due_at), "expires_at": moved(expires_at)}
        rows = update(Message).where(among(session, Message.id, own)).values(values)
        session.execute(rows.execution_options(synchronize_session=False))
