"""Meetings of a match: once the first is agreed, one follows every week, which either person can move or skip.

The next one is planned once the last one is past; extra ones can be added. They keep their local time in the
programme's zone across clock changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core import gsm7
from smsgate.flows import reminder_times
from smsgate.flows.sms import walking
from smsgate.matching import counts
from smsgate.matching.counts import Count
from smsgate.matching.matches import both, seeker_in
from smsgate.matching.news import speaking_to, tell
from smsgate.models import (
    Match,
    MatchMeeting,
    MatchState,
    MeetingState,
    Member,
    Message,
    MessageKind,
)
from smsgate.models.row_failures import still_so, work_on_each
from smsgate.outbox import keys, messages

LONGEST_PLACE = 30
SHOWN_MOST = 4
NOTED_WITHIN = timedelta(days=14)
LONGEST_MINUTES = 600
REMINDED_AT_MOST = timedelta(days=reminder_times.FURTHEST_DAYS)


def checked_place(place: str) -> str:
    """Return a place shortened to one line, without characters that phones cannot show."""
    plain = gsm7.transliterate(place)
    odd = gsm7.expensive_chars(plain)
    return " ".join("".join(char for char in plain if char not in odd).split())[:LONGEST_PLACE]


def propose(
    session: Session, match: Match, starts_at: datetime, place: str, now: datetime, code: str, *, by_supporter: bool,
    extra: bool = False,
) -> MatchMeeting | None:  # fmt: skip
    """Propose a time and a place ("" by phone), replacing an open proposal; return None if that is not possible."""
    if match.state is not MatchState.WALKING or starts_at <= now or (match.ends_at and starts_at >= match.ends_at):
        return None
    waits = (MatchMeeting.match_id == match.id, MatchMeeting.state == MeetingState.PROPOSED)
    session.execute(delete(MatchMeeting).where(*waits))
    meeting = MatchMeeting(
        match_id=match.id, starts_at=starts_at, place=checked_place(place) or None, by_supporter=by_supporter,
        state=MeetingState.PROPOSED, extra=extra or has_weekly(session, match),
    )  # fmt: skip
    session.add(meeting)
    session.flush()
    _tell_other(session, meeting, "proposed", walking.meeting_proposed, now, code, by_supporter=by_supporter)
    return meeting


def has_weekly(session: Session, match: Match) -> bool:
    """Return whether the two have agreed to a first meeting, which the weekly ones follow."""
    weekly = (MatchMeeting.match_id == match.id, ~MatchMeeting.extra, MatchMeeting.state != MeetingState.PROPOSED)
    return session.scalar(select(MatchMeeting.id).where(*weekly).limit(1)) is not None


def answer(session: Session, meeting_id: int, yes: bool, now: datetime, code: str, *, supporter: bool) -> bool:
    """Record the other's answer to a proposed time; return False if it is not theirs to answer, or past."""
    meeting = _locked(session, meeting_id)
    if meeting is None or meeting.state is not MeetingState.PROPOSED or meeting.by_supporter is supporter:
        return False
    if meeting.starts_at <= now or meeting.match.state is not MatchState.WALKING:
        return False
    if yes:
        meeting.state = MeetingState.AGREED
        _tell_other(session, meeting, "agreed", _agreed, now, code, by_supporter=supporter)
    else:
        _tell_other(session, meeting, "declined", walking.meeting_declined, now, code, by_supporter=supporter)
        session.delete(meeting)
    return True


def _agreed(name: str, when: datetime, _code: str) -> str:
    return walking.meeting_agreed(name, when)


def move(session: Session, meeting_id: int, starts_at: datetime, now: datetime, code: str, *, supporter: bool) -> bool:
    """Propose another time for a meeting to the other person; return False if it is past, or the match over."""
    meeting = _locked(session, meeting_id)
    if meeting is None or not is_to_come(meeting, now) or starts_at <= now:
        return False
    if meeting.match.ends_at is not None and starts_at >= meeting.match.ends_at:
        return False
    meeting.starts_at, meeting.state, meeting.by_supporter = starts_at, MeetingState.PROPOSED, supporter
    meeting.person_reminded = meeting.supporter_reminded = ""
    _take_back_reminders(session, meeting, now)
    _tell_other(session, meeting, "proposed", walking.meeting_proposed, now, code, by_supporter=supporter)
    return True


def skip(session: Session, meeting_id: int, now: datetime, code: str, *, supporter: bool) -> bool:
    """Skip one meeting; the next one stays. Return False if it is past, or the match over."""
    meeting = _locked(session, meeting_id)
    if meeting is None or not is_to_come(meeting, now):
        return False
    meeting.state = MeetingState.SKIPPED
    _take_back_reminders(session, meeting, now)
    _tell_other(session, meeting, "skipped", walking.meeting_skipped, now, code, by_supporter=supporter)
    return True


def is_to_come(meeting: MatchMeeting, now: datetime) -> bool:
    """Return whether a meeting can still be moved or skipped."""
    is_open = meeting.state in (MeetingState.PROPOSED, MeetingState.AGREED)
    return is_open and meeting.starts_at > now and meeting.match.state is MatchState.WALKING


def note(session: Session, meeting_id: int, minutes: int, now: datetime) -> bool:
    """Record how many minutes they met, 0 if not at all; return False if that was noted already or is long past."""
    meeting = _locked(session, meeting_id)
    if meeting is None or meeting.state is not MeetingState.AGREED or not now - NOTED_WITHIN < meeting.starts_at <= now:
        return False
    meeting.state, meeting.minutes = MeetingState.NOTED, min(max(minutes, 0), LONGEST_MINUTES)
    if meeting.minutes:
        _count(session, meeting, now)
    return True


def _count(session: Session, meeting: MatchMeeting, now: datetime) -> None:
    programme = meeting.match.programme
    counts.add(session, programme, Count.MEETINGS, now)
    counts.add(session, programme, Count.MINUTES, now, meeting.minutes or 0)
    local = now.astimezone(ZoneInfo(programme.zone))
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for what, since in ((Count.PEOPLE, month), (Count.PEOPLE_OF_YEAR, month.replace(month=1))):
        if not _noted_since(session, meeting, since):
            counts.add(session, programme, what, now)


def _noted_since(session: Session, meeting: MatchMeeting, since: datetime) -> bool:
    """Return whether another meeting of the same person since then has been noted."""
    same = (Match.member_id == meeting.match.member_id, Match.programme_id == meeting.match.programme_id)
    noted = (MatchMeeting.state == MeetingState.NOTED, MatchMeeting.minutes > 0, MatchMeeting.id != meeting.id)
    rows = select(MatchMeeting.id).join(Match).where(*same, *noted, MatchMeeting.starts_at >= since)
    return session.scalar(rows.limit(1)) is not None


def to_come(session: Session, match: Match, now: datetime) -> list[MatchMeeting]:
    """Return a match's upcoming meetings, soonest first."""
    rows = select(MatchMeeting).where(
        MatchMeeting.match_id == match.id, MatchMeeting.starts_at > now,
        MatchMeeting.state.in_((MeetingState.PROPOSED, MeetingState.AGREED)),
    )  # fmt: skip
    return list(session.scalars(rows.order_by(MatchMeeting.starts_at).limit(SHOWN_MOST)))


def to_note(session: Session, match: Match, now: datetime) -> list[MatchMeeting]:
    """Return a match's past meetings that were agreed and are still to be noted, oldest first."""
    rows = select(MatchMeeting).where(
        MatchMeeting.match_id == match.id, MatchMeeting.state == MeetingState.AGREED, MatchMeeting.starts_at <= now,
        MatchMeeting.starts_at > now - NOTED_WITHIN,
    )  # fmt: skip
    return list(session.scalars(rows.order_by(MatchMeeting.starts_at).limit(SHOWN_MOST)))


def local_start(meeting: MatchMeeting) -> datetime:
    """Return when a meeting starts, in the programme's local time without tzinfo."""
    return meeting.starts_at.astimezone(ZoneInfo(meeting.match.programme.zone)).replace(tzinfo=None)


def plan_next(session: Session, now: datetime) -> None:
    """Plan the next weekly meeting of each match whose last one is past. Run by the scheduler."""
    last = func.max(MatchMeeting.starts_at)
    rows = select(Match.id).join(MatchMeeting).where(Match.state == MatchState.WALKING, ~MatchMeeting.extra)
    past = session.scalars(rows.group_by(Match.id).having(last <= now)).all()

    def plan(ids: Sequence[int]) -> None:
        for match in still_so(session, Match, ids, Match.state == MatchState.WALKING):
            _plan_next(session, match, now)

    work_on_each(session, "weekly meetings of two", past, plan, now)


def _plan_next(session: Session, match: Match, now: datetime) -> None:
    weekly = select(MatchMeeting).where(MatchMeeting.match_id == match.id, ~MatchMeeting.extra)
    last = session.scalars(weekly.order_by(MatchMeeting.starts_at.desc()).limit(1)).first()
    if last is None or last.starts_at > now:
        return
    if last.state is MeetingState.PROPOSED:  # it was never agreed, so there is nothing to repeat
        session.delete(last)
        return
    local = last.starts_at.astimezone(ZoneInfo(match.programme.zone))
    while local.astimezone(UTC) <= now:
        local += timedelta(weeks=match.programme.weeks_between)
    if match.ends_at is None or local.astimezone(UTC) < match.ends_at:
        row = {"match_id": match.id, "starts_at": local.astimezone(UTC), "place": last.place}
        session.add(MatchMeeting(**row, by_supporter=last.by_supporter, state=MeetingState.AGREED))


def remind(session: Session, now: datetime, code: str) -> None:
    """Remind both people of their meetings, each at the times they chose. Run by the scheduler."""
    walks = MatchMeeting.match_id.in_(select(Match.id).where(Match.state == MatchState.WALKING))
    near = (MatchMeeting.starts_at > now, MatchMeeting.starts_at <= now + REMINDED_AT_MOST)
    due = (*near, MatchMeeting.state == MeetingState.AGREED, walks)

    def remind_of(ids: Sequence[int]) -> None:
        for meeting in still_so(session, MatchMeeting, ids, *due):
            _remind(session, meeting, now, code)

    rows = select(MatchMeeting.id).where(*due)
    work_on_each(session, "reminders of two", session.scalars(rows).all(), remind_of, now)


def _remind(session: Session, meeting: MatchMeeting, now: datetime, code: str) -> None:
    match = meeting.match
    seeker = seeker_in(session, match)
    wanted = (seeker.reminders if seeker else "", match.supporter.reminders)
    sent = (meeting.person_reminded, meeting.supporter_reminded)
    for side, (member, other) in enumerate(both(match)):
        step = _due_step(meeting, wanted[side], sent[side], now)
        if step is None:
            continue
        key = keys.walk_reminder(meeting.id, meeting.starts_at, step)
        words = _reminder(meeting, member, other, code)
        tell(
            session, match.programme, member, words, key, now, kind=MessageKind.WALK_REMINDER, match_id=match.id,
            expires_at=meeting.starts_at,
        )  # fmt: skip
        if side:
            meeting.supporter_reminded = f"{sent[side]} {step}".strip()
        else:
            meeting.person_reminded = f"{sent[side]} {step}".strip()


def _reminder(meeting: MatchMeeting, member: Member, other: Member, code: str):  # type: ignore[no-untyped-def]
    local, place = local_start(meeting), meeting.place or ""
    return lambda: walking.meeting_reminder(other.name or "", local, place, code, discreet=member.discreet)


def write_anew(session: Session, member: Member, code: str) -> None:
    """Rewrite the reminders that wait for one of the two, as they want them now."""
    for message in messages.waiting(session, MessageKind.WALK_REMINDER, Message.phone_id == member.phone_id):
        of_this = (MatchMeeting.match_id == message.match_id, MatchMeeting.starts_at == message.expires_at)
        meeting = session.scalars(select(MatchMeeting).where(*of_this)).first()
        if meeting is None:
            continue
        (other,) = (two[1] for two in both(meeting.match) if two[0].id == member.id)
        with speaking_to(meeting.match.programme, member):
            messages.rewrite(message, _reminder(meeting, member, other, code)())


def _due_step(meeting: MatchMeeting, wanted: str, sent: str, now: datetime) -> str | None:
    """Return the latest reminder that is due, unless it was sent; if several are due, one is enough."""
    due = [
        str(offset)
        for offset in reminder_times.each(wanted)
        if meeting.starts_at - timedelta(days=offset.days, hours=offset.hours) <= now
    ]
    return due[-1] if due and due[-1] not in sent.split() else None


def _take_back_reminders(session: Session, meeting: MatchMeeting, now: datetime) -> None:
    of_this = (Message.match_id == meeting.match_id, Message.kind == MessageKind.WALK_REMINDER)
    outbox.withdraw(session, *of_this, now=now)


def _locked(session: Session, meeting_id: int) -> MatchMeeting | None:
    rows = select(MatchMeeting).where(MatchMeeting.id == meeting_id).with_for_update(of=MatchMeeting)
    return session.scalars(rows.execution_options(populate_existing=True)).first()


Words = Callable[[str, datetime, str], str]  # arguments: the writer's name, the local time, the code to dial


def _tell_other(
    session: Session, meeting: MatchMeeting, event: str, words: Words, now: datetime, code: str, *, by_supporter: bool
) -> None:
    match = meeting.match
    (person, supporter), _back = both(match)
    reader, writer = (person, supporter) if by_supporter else (supporter, person)
    key, local = keys.walk(meeting.id, now, f"meeting_{event}"), local_start(meeting)
    expires_at = max(meeting.starts_at, now + timedelta(hours=1))
    tell(
        session, match.programme, reader, lambda: words(writer.name or "", local, code), key, now, match_id=match.id,
        expires_at=expires_at,
    )  # fmt: skip
