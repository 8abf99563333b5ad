"""Quiet hours: each group's nights, during which news that can wait does wait.

Notices, reminders and meeting news are held; help texts, replies and confirmations never are. Workers hold texts when
they claim them (`hold`), so none is sent at night, whatever made it late; a held text stays in the outbox as waiting,
with the time at which it becomes due. Times are local to the group and survive clock changes. A member may also have
chosen the hours at which texts may come; all other hours are quiet for them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from smsgate.core import timezones
from smsgate.core.database import among
from smsgate.models import Group, Member, Message, MessageKind, Phone
from smsgate.outbox import notice_order

HELD_KINDS = frozenset(
    {
        MessageKind.NOTICE,
        MessageKind.ANSWER,
        MessageKind.REMINDER,
        MessageKind.MEETING_NEWS,
        MessageKind.ALERT,
        MessageKind.INVITATION,
        MessageKind.WALK,
        MessageKind.WALK_REMINDER,
        MessageKind.CARRIED,
    }
)
WALK_KINDS = frozenset({MessageKind.WALK, MessageKind.WALK_REMINDER, MessageKind.CARRIED})
NIGHT = (time(21), time(7))  # for WALK_KINDS of a programme of the network, in the local time of the number
# Often without a group, and nobody is waiting for them: a member's own hours still hold them.
PERSONAL_KINDS = WALK_KINDS | {MessageKind.INVITATION}
HOLD_REASON = "QuietHours"
RELEASE_SPREAD = timedelta(minutes=10)  # held texts are spread over it, not all sent in the same second
RELEASE_STEP = timedelta(seconds=10)  # phones that share a step share the calls of a broadcast
NEWS_KINDS = frozenset({MessageKind.NOTICE, MessageKind.MEETING_NEWS})  # a later one may correct an earlier one
MAX_STEPS = 4  # of consecutive quiet hours
TRAVEL_TIME = timedelta(hours=1)  # anyone who hears later than this before a meeting has set out, or can no longer come


@dataclass(frozen=True)
class Hours:
    """The quiet hours of a group, from `start` to `end` in local time; they may span midnight."""

    zone: ZoneInfo
    start: time
    end: time

    def over(self, moment: datetime) -> datetime | None:
        """Return when the quiet hours that include `moment` end (UTC); None if none do."""
        local = moment.astimezone(self.zone)
        if not self.holds(local.time()):
            return None
        day = local.date() + timedelta(days=local.time() >= self.end)
        # When clocks go back, an hour occurs twice: take the end in the occurrence we are in.
        return datetime.combine(day, self.end, self.zone).replace(fold=local.fold).astimezone(UTC)

    def began(self, moment: datetime) -> datetime:
        """Return when the quiet hours that include `moment` began (UTC)."""
        local = moment.astimezone(self.zone)
        day = local.date() - timedelta(days=local.time() < self.start)
        # When clocks go forward, the hour of the start may not exist.
        return min(datetime.combine(day, self.start, self.zone).astimezone(UTC), moment)

    def holds(self, local: time) -> bool:
        """True if a local time of day lies within the quiet hours."""
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


class Candidate(Protocol):
    """A message that is about to be sent."""

    @property
    def id(self) -> int:
        """The id of its row."""

    @property
    def kind(self) -> MessageKind:
        """The kind, which decides whether it is held."""

    @property
    def phone_id(self) -> int:
        """The phone whose chosen hours apply."""

    @property
    def group_id(self) -> int | None:
        """The group whose quiet hours apply."""

    @property
    def expires_at(self) -> datetime:
        """When it is too late to send it."""


@dataclass(frozen=True)
class HoldResult:
    """Ids of the candidates that are not sent now."""

    waiting: set[int]
    too_late: set[int]  # they would be, once the quiet hours are over


def hours_for(group: Group) -> Hours | None:
    """Return the quiet hours of a group; None if it has none."""
    return _hours(group.zone, group.quiet_from, group.quiet_until)


def _hours(zone: str, start: time | None, end: time | None) -> Hours | None:
    return Hours(ZoneInfo(zone), start, end) if start is not None and end is not None else None


def hours_text(group: Group) -> str:
    """Return the quiet hours as `21:00-07:00`, or "" if there are none."""
    hours = hours_for(group)
    return f"{hours.start:%H:%M}-{hours.end:%H:%M}" if hours else ""


def send_time_text(group: Group, kind: MessageKind, expires_at: datetime, now: datetime) -> str:
    """Return when a message due at `now` is sent, in words for an operator."""
    until = held_until(hours_for(group), kind, expires_at, now)
    return f"when the quiet hours end, at {until.astimezone(ZoneInfo(group.zone)):%H:%M}" if until else "at once"


def held_until(hours: Hours | None, kind: MessageKind, expires_at: datetime, now: datetime) -> datetime | None:
    """Return the end of the quiet hours that a message due at `now` has to wait for; None if it may be sent at once.

    Meeting news that would come too late to be of use does not wait, so that nobody sets out for a meeting that was
    cancelled at night. A notice or a reminder waits all the same, and may then be too late.
    """
    over = hours.over(now) if hours and kind in HELD_KINDS else None
    cannot_wait = kind is MessageKind.MEETING_NEWS and over and over + RELEASE_SPREAD + TRAVEL_TIME > expires_at
    return None if cannot_wait else over


def hold(session: Session, candidates: Iterable[Candidate], now: datetime) -> HoldResult:
    """Postpone candidates that fall into quiet hours, and news that would overtake earlier news to its phone."""
    concerned = [
        text for text in candidates if (text.kind in HELD_KINDS and text.group_id) or text.kind in PERSONAL_KINDS
    ]
    held = _held_by_hours(session, concerned, now)
    free = [text for text in concerned if text.kind in NEWS_KINDS and text.id not in held.waiting | held.too_late]
    return HoldResult(held.waiting | _behind_earlier_news(session, free, now), held.too_late)


def _behind_earlier_news(session: Session, texts: Sequence[Candidate], now: datetime) -> set[int]:
    until: dict[int, datetime] = {}
    notices = [text for text in texts if text.kind is MessageKind.NOTICE]
    all_news = [text for text in texts if text.kind is MessageKind.MEETING_NEWS]
    if all_news:
        until = notice_order.behind_news_in_the_air(session, {text.id: text.phone_id for text in all_news}, now)
    news = _news_that_can_wait(session, [text for text in all_news if text.id not in until], now)
    for behind, waiting in ((notice_order.behind_earlier, notices), (notice_order.news_behind_notices, news)):
        group_ids = {text.group_id for text in waiting if text.group_id}
        if group_ids:
            until |= behind(session, {text.id: text.phone_id for text in waiting}, group_ids, now)
    _postpone(session, until, reason=None)
    return set(until)


def _news_that_can_wait(session: Session, news: Sequence[Candidate], now: datetime) -> list[Candidate]:
    """Return the meeting news that is not urgent. What was let through quiet hours is."""
    in_time = [text for text in news if text.group_id and now + TRAVEL_TIME < text.expires_at]
    nights = _group_nights(session, {text.group_id for text in in_time if text.group_id}) if in_time else {}
    asleep = {group_id for group_id, (_zone, night) in nights.items() if night and night.over(now)}
    return [text for text in in_time if text.group_id not in asleep]


def _held_by_hours(session: Session, concerned: Sequence[Candidate], now: datetime) -> HoldResult:
    nights = _group_nights(session, {text.group_id for text in concerned if text.group_id})
    chosen = _chosen_hours(session, {text.phone_id for text in concerned})
    walk = any(text.group_id is None and text.kind in WALK_KINDS for text in concerned)
    if not chosen and not walk and not any(night and _just_over(night, now) for _zone, night in nights.values()):
        return HoldResult(set(), set())
    waiting: dict[int, datetime] = {}
    too_late: set[int] = set()
    for text in concerned:
        hours = chosen.get(text.phone_id)
        if text.group_id is None and hours is None and text.kind not in WALK_KINDS:
            continue
        zone, night = nights[text.group_id] if text.group_id else _without_group(session, text)
        closed = _outside_chosen_hours(zone, hours)
        over = _sendable_at(text, night, closed, now)
        if over is None and text.kind in NEWS_KINDS:
            over = _own_minute(text, night, closed, now)
        elif over is not None and over + RELEASE_SPREAD >= text.expires_at:
            too_late.add(text.id)
            continue
        elif over is not None:
            over = release_at(text.phone_id, over)
        if over is not None:
            waiting[text.id] = over
    _postpone(session, waiting)
    return HoldResult(set(waiting), too_late)


def release_at(phone_id: int, over: datetime) -> datetime:
    """Return when texts held until `over` are sent to a phone: always the same time, so that none overtakes another.

    The phones are spread over RELEASE_SPREAD, in a different order each day.
    """
    place = zlib.crc32(f"{phone_id} {over:%Y%m%d}".encode()) % (RELEASE_SPREAD // RELEASE_STEP)
    return over + RELEASE_STEP * place


def _just_over(hours: Hours, now: datetime) -> datetime | None:
    """Return the end of the quiet hours that are in force, or that ended less than RELEASE_SPREAD ago."""
    return hours.over(now) or hours.over(now - RELEASE_SPREAD)


def _own_minute(text: Candidate, night: Hours | None, closed: Hours | None, now: datetime) -> datetime | None:
    """Return when news that comes just after quiet hours is sent: not before the texts that were held for its phone."""
    ends = [_just_over(hours, now) for hours in (night, closed) if hours]
    releases = [release_at(text.phone_id, over) for over in ends if over is not None and over <= now]
    release = max(releases, default=now)
    return release if now < release < text.expires_at - TRAVEL_TIME else None


def _postpone(session: Session, due: Mapping[int, datetime], reason: str | None = HOLD_REASON) -> None:
    by_time: dict[datetime, list[int]] = {}
    for message_id, moment in due.items():
        by_time.setdefault(moment, []).append(message_id)
    for moment, ids in by_time.items():
        session.execute(
            update(Message)
            .where(among(session, Message.id, ids))
            .values(due_at=moment, reason=reason)
            .execution_options(synchronize_session=False)
        )


def _sendable_at(text: Candidate, night: Hours | None, closed: Hours | None, now: datetime) -> datetime | None:
    """Return when neither the group's nor the member's quiet hours hold the message; None if they don't now.

    A member's chosen hours hold even what the group's would let through. If the two leave no common hour, this is the
    time at which the message expires.
    """
    moment = now
    for _turn in range(MAX_STEPS):
        ends = held_until(night, text.kind, text.expires_at, moment), closed.over(moment) if closed else None
        over = max(filter(None, ends), default=None)
        if over is None:
            return moment if moment > now else None
        moment = over
    return text.expires_at


def _without_group(session: Session, text: Candidate) -> tuple[str, Hours | None]:
    zone = timezones.timezone_of_number(session.get_one(Phone, text.phone_id).number)
    return zone, _hours(zone, *NIGHT) if text.kind in WALK_KINDS else None


def _outside_chosen_hours(zone: str, hours: tuple[time, time] | None) -> Hours | None:
    """Return all hours but those that a member chose, as quiet hours."""
    return Hours(ZoneInfo(zone), hours[1], hours[0]) if hours else None


def _chosen_hours(session: Session, phone_ids: set[int]) -> dict[int, tuple[time, time]]:
    """Return the chosen hours by phone id, of the members who chose some."""
    if not phone_ids:
        return {}
    rows = select(Member.phone_id, Member.texts_from, Member.texts_until).where(
        among(session, Member.phone_id, phone_ids), Member.texts_from.is_not(None)
    )
    return {phone_id: (start, end) for phone_id, start, end in session.execute(rows) if start and end}


def _group_nights(session: Session, group_ids: set[int]) -> dict[int, tuple[str, Hours | None]]:
    """Return the time zone and the quiet hours of each group by id."""
    if not group_ids:
        return {}
    rows = select(Group.id, Group.zone, Group.quiet_from, Group.quiet_until).where(among(session, Group.id, group_ids))
    return {row.id: (row.zone, _hours(row.zone, row.quiet_from, row.quiet_until)) for row in session.execute(rows)}
