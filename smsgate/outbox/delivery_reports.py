"""Delivery reports move a message forward only, in whatever order they arrive: delivered is the last word.

The hook stores a report and answers; the reports are then applied many at a time. A report whose message is unknown is
kept: it may have overtaken the reply to the send. An unknown status is noted on the message and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import case, literal, select, update
from sqlalchemy.orm import Session

from smsgate.core.database import among, end_sessions_after_commit, match_rows, wake_after_commit
from smsgate.core.encryption import Keyring, keys_of
from smsgate.models import FINAL, DeliveryReport, Message, MessageStatus, Phone
from smsgate.models.row_failures import work_on_each
from smsgate.outbox.queues import INBOUND

AT_ONCE = 500
WORTH_MATCHING = timedelta(hours=1)  # the reply to a send never arrives later than this

# The provider's words that end a message; any other (Sent, Submitted, Buffered and future ones) is noted and changes
# nothing. The provider does not say whether Expired is final; public clients treat it so, and no network tries again.
FINAL_STATUSES = {
    "Success": MessageStatus.DELIVERED,
    "Failed": MessageStatus.FAILED,
    "Rejected": MessageStatus.FAILED,
    "Expired": MessageStatus.FAILED,
}
ABSENT = "AbsentSubscriber"  # the phone is off: the network keeps trying, and the text fails only when it expires
SPELLINGS = {word.casefold(): word for word in (*FINAL_STATUSES, ABSENT)}  # in whatever case they come
# Reasons that concern the person rather than this one text, in lower case.
REASSIGNED_REASONS = frozenset(
    {"userdoesnotexist", "notnetworksubcriber", "notnetworksubscriber"}
)  # the number may be reassigned: see members/number_reassignment.py
BLOCKED_REASONS = frozenset({"userinblacklist"})


@dataclass(frozen=True)
class DeliveryState:
    """What is known about a message that was sent, or may have been."""

    state: MessageStatus
    report: str | None = None
    network: str | None = None
    reason: str | None = None

    def after(self, report: DeliveryReport) -> DeliveryState:
        """Return the state after a report. A final state never changes, except that a failed text may yet arrive."""
        word = SPELLINGS.get(report.status.strip().casefold(), report.status)
        end = FINAL_STATUSES.get(word)
        arrived_after_all = self.state is MessageStatus.FAILED and end is MessageStatus.DELIVERED
        if self.state in FINAL and not arrived_after_all:
            return self
        noted = replace(self, report=word, network=report.network or self.network)
        if arrived_after_all:
            return replace(noted, state=MessageStatus.DELIVERED, reason=None)
        if end is not None:
            return replace(noted, state=end, reason=report.reason or self.reason)
        # The network has it, so it was sent.
        return replace(noted, state=MessageStatus.SENT) if self.state is MessageStatus.UNKNOWN else noted


def receive(
    session: Session,
    provider_id: str,
    status: str,
    reason: str | None,
    network: str | None,
    now: datetime,
    number: str | None = None,
) -> None:
    """Store a report until it is applied. Only a tag of the number is kept: see `calls/lost_replies.py`."""
    row = DeliveryReport(
        number_tag=number_tag(keys_of(session.get_bind().dialect), number) if number else None,
        provider_id=provider_id[:100],
        status=status[:40],
        reason=reason[:60] if reason else None,
        network=network[:12] if network else None,
        at=now,
    )
    session.add(row)
    wake_after_commit(session, INBOUND)


def number_tag(keyring: Keyring, number: str) -> str:
    """Return the tag that stands for a number in reports."""
    return keyring.tag(f"reports {number}")


def apply_next(session: Session, now: datetime) -> int:
    """Apply the oldest reports that were not examined yet; return how many that were."""
    fresh = select(DeliveryReport).where(DeliveryReport.looked_at.is_(None)).order_by(DeliveryReport.id).limit(AT_ONCE)
    reports = session.scalars(fresh.with_for_update(skip_locked=True)).all()
    _apply(session, reports, now)
    return len(reports)


def match_unmatched(session: Session, now: datetime) -> None:
    """Apply reports that crossed with the reply to the send: both were committed before either could see the other."""
    crossed = (
        select(DeliveryReport)
        .join(Message, Message.provider_id == DeliveryReport.provider_id)
        .where(DeliveryReport.looked_at > now - WORTH_MATCHING)
        .order_by(DeliveryReport.id)
        .limit(AT_ONCE)
    )
    _apply(session, session.scalars(crossed).all(), now)
    if session.scalar(select(DeliveryReport.id).where(DeliveryReport.looked_at.is_(None)).limit(1)):
        wake_after_commit(session, INBOUND)


def end_undelivered(session: Session, now: datetime) -> None:
    """Mark texts as failed if the phone was off until they expired. Run by the scheduler."""
    is_absent = Message.report == literal(ABSENT, literal_execute=True)
    absent = (Message.stands(MessageStatus.SENT), is_absent, Message.expires_at < now)
    ids = select(Message.id).where(*absent).order_by(Message.expires_at).limit(AT_ONCE)
    failed = update(Message).where(Message.id.in_(ids), Message.state == MessageStatus.SENT)
    session.execute(failed.values(state=MessageStatus.FAILED, reason=ABSENT, ended_at=now))


def apply_early_reports(session: Session, provider_ids: Sequence[str], now: datetime) -> None:
    """Apply the reports that arrived before the reply to the send."""
    if provider_ids:
        early = select(DeliveryReport).where(among(session, DeliveryReport.provider_id, provider_ids))
        _apply(session, session.scalars(early.order_by(DeliveryReport.id)).all(), now)


def _apply(session: Session, reports: Sequence[DeliveryReport], now: datetime) -> None:
    """Apply reports in order and delete them; those whose message is unknown stay, marked as examined."""
    if not reports:
        return
    columns = (Message.id, Message.provider_id, Message.phone_id, *_STATE_COLUMNS)
    reported = among(session, Message.provider_id, {report.provider_id for report in reports})
    rows = session.execute(select(*columns).where(reported).order_by(Message.id).with_for_update()).all()
    ids = {row.provider_id: row.id for row in rows}
    before = {row.provider_id: DeliveryState(row.state, row.report, row.network, row.reason) for row in rows}
    after = dict(before)
    for report in reports:
        if report.provider_id in after:
            after[report.provider_id] = after[report.provider_id].after(report)
            session.delete(report)
        else:
            report.looked_at = now
    changed = [provider_id for provider_id in ids if after[provider_id] != before[provider_id]]
    _write(session, {ids[provider_id]: after[provider_id] for provider_id in changed}, now)
    blocking = {report.provider_id for report in reports if _reason(report) in BLOCKED_REASONS}
    mark_blocked(session, [row.phone_id for row in rows if row.provider_id in blocking], now)
    gone = {report.provider_id for report in reports if _reason(report) in REASSIGNED_REASONS}
    _mark_as_reassigned(session, [row.phone_id for row in rows if row.provider_id in gone], now)


def _reason(report: DeliveryReport) -> str:
    return (report.reason or "").strip().casefold()


_STATE_COLUMNS = (Message.state, Message.report, Message.network, Message.reason)


def _write(session: Session, states: dict[int, DeliveryState], now: datetime) -> None:
    """Write all changes in one statement."""
    if not states:
        return
    rows = [(row_id, known.state.value, known.report, known.network, known.reason) for row_id, known in states.items()]
    new, its_row = match_rows(session, Message.id, rows)
    state = new[1].as_string()
    ended, sent = state.in_([*FINAL_STATUSES.values()]), state.in_([MessageStatus.SENT, MessageStatus.DELIVERED])
    session.execute(
        update(Message)
        .where(its_row)
        .values(
            state=state,
            report=new[2].as_string(),
            network=new[3].as_string(),
            reason=new[4].as_string(),
            sent_at=case((sent & Message.sent_at.is_(None), now), else_=Message.sent_at),
            ended_at=case((ended, now), else_=Message.ended_at),
            leased_until=case((ended, None), else_=Message.leased_until),
        )
        .execution_options(synchronize_session=False)
    )


def mark_blocked(session: Session, phone_ids: Iterable[int], now: datetime) -> None:
    """Mark numbers whose holders block our sender: no more texts are sent to them."""

    def mark(ids: Sequence[int]) -> None:
        for phone in session.scalars(select(Phone).where(Phone.id.in_(ids), Phone.blocked_at.is_(None))).all():
            phone.blocked_at = now
            phone.doubted_at = phone.doubted_at or now
            end_sessions_after_commit(session, phone.number)

    work_on_each(session, "numbers that block us", dict.fromkeys(phone_ids), mark, now)


def _mark_as_reassigned(session: Session, phone_ids: Iterable[int], now: datetime) -> None:
    def mark(ids: Sequence[int]) -> None:
        for phone in session.scalars(select(Phone).where(Phone.id.in_(ids))).all():
            phone.doubted_at = phone.doubted_at or now
            end_sessions_after_commit(session, phone.number)

    work_on_each(session, "numbers in doubt", dict.fromkeys(phone_ids), mark, now)
