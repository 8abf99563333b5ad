"""News of meetings: members are told of a change immediately, once, and in one text for any number of dates.

Members who replied no to a date are not told that it is cancelled or moved elsewhere, only of a new time, which may
suit them. News that is still waiting when a date changes again is withdrawn, and its readers are told what has changed
since the last news they got about these dates, or nothing if all is as they know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import blake2s
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.flows import sms
from smsgate.groups.wording import speaking_for
from smsgate.models import (
    Group,
    Meeting,
    Member,
    Membership,
    Message,
    MessageKind,
    Phone,
    Reply,
    RsvpStatus,
)
from smsgate.outbox.eligibility import refuses
from smsgate.outbox.keys import Key
from smsgate.outbox.superseding import EarlierNews, supersede_in_hand, take_back_news

MEETING = "meeting:"  # subjects of news about a meeting begin with it


class ChangeType(StrEnum):
    """What happened to a date."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    ON_AFTER_ALL = "on after all"
    ELSEWHERE = "elsewhere"


class Change(NamedTuple):
    """One date that changed."""

    meeting: Meeting
    what: ChangeType
    before: datetime  # the start that members know, in UTC
    elsewhere: bool = False
    known_place: str = ""  # the tag of the place that members know, if it is elsewhere now


class NotificationResult(NamedTuple):
    """How many people get a text, and when it expires."""

    people: int
    expires_at: datetime


class Addressee(NamedTuple):
    """A member of a group who may be texted."""

    phone_id: int
    language: str | None
    discreet: bool


def addressees(session: Session, group_id: int) -> list[Addressee]:
    """Return the members of a group who may get news of meetings: not paused, and with an eligible number."""
    rows = (
        select(Phone.id, Phone.language, Member.discreet)
        .join(Member, Member.phone_id == Phone.id)
        .join(Membership, Membership.member_id == Member.id)
        .where(
            Membership.group_id == group_id,
            Member.paused_at.is_(None),
            ~refuses(MessageKind.MEETING_NEWS),
        )
    )
    return [Addressee(*row) for row in session.execute(rows)]


def send_news(
    session: Session, changes: Sequence[Change], following: Meeting | None, key: Key, now: datetime, code: str
) -> NotificationResult:
    """Queue one text to each member whom any of these changes concerns; return how many, and when the texts expire.

    All changes must be of one group; `following` is its next date, which the text may name.
    """
    if not changes:
        return NotificationResult(0, now)
    changes = sorted(changes, key=lambda change: change.before)
    group = changes[0].meeting.group
    _take_back_reminders(session, [change.meeting.id for change in changes if change.elsewhere], now)
    unread = _unread_news(session, group.id, changes, now)
    said_no = _said_no(session, [change.meeting.id for own in (changes, *unread.values()) for change in own])
    writer = Writer(session, group, following, now, code)
    texts = []
    for addressee in addressees(session, group.id):
        concerning = [
            change
            for change in unread.get(addressee.phone_id, changes)
            if change.what is ChangeType.MOVED or (change.meeting.id, addressee.phone_id) not in said_no
        ]
        if concerning:
            texts.append((addressee.phone_id, writer.text(addressee, concerning, key)))
    return NotificationResult(len(outbox.send_texts(session, texts, now)), expiry(changes))


def tag_of_place(place: str | None) -> str:
    """Return a short tag of a place: news remembers which one its reader knows, and does not tell it."""
    return blake2s((place or "").encode(), digest_size=4).hexdigest()


def expiry(changes: Iterable[Change]) -> datetime:
    """Return when the first of the dates begins, as its readers know it or as it is now."""
    return min(min(change.before, change.meeting.starts_at) for change in changes)


def _said_no(session: Session, ids: Iterable[int]) -> set[tuple[int, int]]:
    rows = select(Reply.meeting_id, Member.phone_id).join(Member, Member.id == Reply.member_id)
    replies = session.execute(rows.where(Reply.meeting_id.in_(set(ids)), Reply.coming == RsvpStatus.NO))
    return {(meeting_id, phone_id) for meeting_id, phone_id in replies}


def _take_back_reminders(session: Session, ids: list[int], now: datetime) -> None:
    """Delete waiting reminders, which name the old place; the scheduler queues them again.

    The news takes the place of those that are being sent.
    """
    stale = (Message.kind == MessageKind.REMINDER, Message.meeting_id.in_(ids))
    outbox.unqueue(session, *stale)
    supersede_in_hand(session, *stale, now=now)


def subject_of(meeting_id: int) -> str:
    """Return the subject of news about this meeting."""
    return f"{MEETING}{meeting_id}"


def meeting_of(session: Session, subject: str) -> Meeting:
    """Return the meeting that a subject of news is about."""
    return session.get_one(Meeting, int(subject.removeprefix(MEETING)))


def _unread_news(
    session: Session, group_id: int, changes: Sequence[Change], now: datetime
) -> dict[int, list[Change]]:  # fmt: skip
    """Withdraw earlier news of these dates; return by phone id the changes to tell in place of `changes`."""
    subjects = {subject_of(change.meeting.id): change for change in changes}
    by_phone: dict[int, list[EarlierNews]] = {}
    for earlier in take_back_news(session, group_id, subjects, now):
        by_phone.setdefault(earlier.phone_id, []).append(earlier)
    ids = {subject for all_news in by_phone.values() for news in all_news for subject in news.about}
    meetings = {subject: meeting_of(session, subject) for subject in ids}
    return {
        phone_id: sorted(_since_read(all_news, subjects, meetings, now), key=lambda change: change.before)
        for phone_id, all_news in by_phone.items()
    }


def _since_read(
    all_news: Sequence[EarlierNews], changes: dict[str, Change], meetings: dict[str, Meeting], now: datetime
) -> Iterator[Change]:
    """Yield what has changed since a reader of `all_news` last read of these dates.

    News that a worker is sending counts as read, but its other dates are told again, since sending may fail.
    """
    known: dict[str, dict[str, Any]] = {}
    for news in all_news:
        for subject, before in news.about.items():
            if not (news.in_hand and subject in changes):
                first = known.setdefault(subject, before)
                known[subject] = first if first["elsewhere"] else {**before, "start": first["start"]}
    yield from (change for subject, change in changes.items() if subject not in known)
    for subject, before in known.items():
        if subject in changes and not before["elsewhere"]:
            before = {**_known_before(changes[subject]), "start": before["start"]}
        yield from changes_since(meetings[subject], before, now)


def changes_since(meeting: Meeting, known: Mapping[str, Any], now: datetime) -> Iterator[Change]:
    """Yield what changed about one date for someone who knows this, in the form of `_known_before`."""
    known_start, known_place = known["start"], known.get("place", "")
    elsewhere = known["elsewhere"] and known_place != tag_of_place(meeting.place)
    if meeting.cancelled_at is not None and known_start is None:
        return
    before = datetime.fromisoformat(known_start) if known_start else meeting.starts_at
    if before <= now:
        return
    if meeting.cancelled_at is not None:
        yield Change(meeting, ChangeType.CANCELLED, before, elsewhere, known_place)  # it may be on again
    elif known_start is None:
        yield Change(meeting, ChangeType.ON_AFTER_ALL, before)
    elif before != meeting.starts_at:
        yield Change(meeting, ChangeType.MOVED, before, elsewhere, known_place)
    elif elsewhere:
        yield Change(meeting, ChangeType.ELSEWHERE, before, elsewhere, known_place)


class Writer:
    """Writes each addressee's text; identical texts share their words."""

    def __init__(self, session: Session, group: Group, following: Meeting | None, now: datetime, code: str) -> None:
        self.session, self.group, self.following = session, group, following
        self.now, self.code = now, code
        self._known: dict[tuple[object, ...], str] = {}

    def text(self, addressee: Addressee, changes: list[Change], key: Key) -> outbox.Text:
        """Return the text that tells an addressee of these changes."""
        return outbox.Text(
            words=self.words(addressee, changes), key=key, kind=MessageKind.MEETING_NEWS, expires_at=expiry(changes),
            group_id=self.group.id, meeting_id=changes[0].meeting.id,
            about={subject_of(change.meeting.id): _known_before(change) for change in changes},
        )  # fmt: skip

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.group.zone))

    def _after(self, kinds: set[ChangeType]) -> datetime | None:
        """Return the start of the next date to name; if not all are cancelled, a text names one."""
        if self.following is not None:
            return self._local(self.following.starts_at)
        return None if kinds == {ChangeType.CANCELLED} else next_start(self.session, self.group, self.now)

    def words(self, addressee: Addressee, changes: list[Change]) -> str:
        """Return what the text says."""
        variant = (addressee.language, addressee.discreet, *changes)
        if variant not in self._known:
            self._known[variant] = self._words(addressee, changes)
        return self._known[variant]

    def _words(self, addressee: Addressee, changes: list[Change]) -> str:
        first, kinds, group, code = changes[0], {change.what for change in changes}, self.group, self.code
        before, after = self._local(first.before), self._after(kinds)
        group_name = "" if addressee.discreet else group.name
        place = "" if addressee.discreet or not group.tells_place else (first.meeting.place or "")
        with speaking_for(group, addressee.language):
            dates = sms.some_dates(before, len(changes) - 1)
            if len(changes) == 1 and first.what is ChangeType.MOVED:
                start = self._local(first.meeting.starts_at)
                moved = sms.moved(before, start, group.name, code, discreet=addressee.discreet)
                return f"{moved} {place}" if first.elsewhere and place else moved
            if kinds == {ChangeType.ELSEWHERE}:
                return sms.elsewhere(dates, place, group_name, code, tells=group.tells_place)
            if kinds == {ChangeType.ON_AFTER_ALL}:
                return sms.on_after_all(dates, group_name, code)
            if kinds == {ChangeType.CANCELLED} and len(changes) == 1 and after is None:
                return sms.cancelled(before, group.name, code, discreet=addressee.discreet)
            if kinds == {ChangeType.CANCELLED} or after is None:
                return sms.dates_cancelled(dates, after, group_name, code)
            return sms.dates_changed(dates, after, group_name, code)


def next_start(session: Session, group: Group, now: datetime) -> datetime | None:
    """Return the local start of a group's next date; None if none is planned."""
    to_come = (Meeting.group_id == group.id, Meeting.cancelled_at.is_(None), Meeting.starts_at > now)
    start = session.scalar(select(func.min(Meeting.starts_at)).where(*to_come))
    return start.astimezone(ZoneInfo(group.zone)) if start else None


def _known_before(change: Change) -> dict[str, Any]:
    """Return what a reader knew before this change: the start, or None if the date was cancelled."""
    start = None if change.what is ChangeType.ON_AFTER_ALL else change.before.isoformat()
    return {"start": start, "elsewhere": change.elsewhere, "place": change.known_place}
