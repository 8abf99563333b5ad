"""Tells members within two minutes which help texts could not be sent or did not arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from smsgate.core.reading.bad_rows import each_past_bad_rows
from smsgate.flows import sms
from smsgate.help import endings, request_states
from smsgate.help.answers import advance_if_unanswerable
from smsgate.help.names import responder_name
from smsgate.help.news import tell_member
from smsgate.help.request_states import HelpCase, Person
from smsgate.help.state_tables import CAN_ANSWER, PersonState
from smsgate.models import FINAL, HelpRecipient, HelpRequest, Message, MessageStatus, scheduler_runs
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys

ROUND = "help"
UNSENT_AFTER = timedelta(seconds=90)  # the member is told within two minutes
TO_TELL = frozenset({PersonState.GOING, PersonState.LOST, PersonState.UNSENT})


def tell_undelivered(session: Session, message_ids: Iterable[int], now: datetime, code: str) -> None:
    """Tell members, once per person, whom these help texts did not reach; escalate if nobody else can answer."""
    _tell(session, message_ids, now, code)


def run_scheduled_tasks(session: Session, now: datetime, code: str) -> None:
    """Tell members of help texts that ended unsent or are late, and close requests after a day. Run by the scheduler.

    After a gap in which nothing ran, waiting texts get the usual time again: the workers are only just back.
    """
    on_time = scheduler_runs.running_without_gap_since(session, ROUND, now) <= now - UNSENT_AFTER
    _tell(session, _unsent(session, Message.state.in_(FINAL - {MessageStatus.DELIVERED})), now, code)
    if on_time:
        deadline = now - UNSENT_AFTER
        _tell(session, _unsent(session, Message.created_at < deadline), now, code, deadline)
    _tell(session, _unreported(session, now), now, code)
    endings.end_after_a_day(session, now)


def _unsent(session: Session, *which: object) -> list[int]:
    return _open_copies(session, Message.state.not_in((MessageStatus.SENT, MessageStatus.DELIVERED)), *which)


def _unreported(session: Session, now: datetime) -> list[int]:
    """Return the texts that a gateway took and no network reported on before they expired: they may have been read."""
    return _open_copies(session, Message.state == MessageStatus.SENT, Message.expires_at < now)


def _open_copies(session: Session, *which: object) -> list[int]:
    rows = (
        select(Message.id)
        .join(HelpRecipient, or_(HelpRecipient.message_id == Message.id, HelpRecipient.again_id == Message.id))
        .join(HelpRequest)
        .where(
            HelpRequest.closed_at.is_(None),
            HelpRecipient.told_unsent_at.is_(None),
            HelpRecipient.answered_at.is_(None),
            HelpRecipient.declined_at.is_(None),
            *which,  # type: ignore[arg-type]
        )
    )
    return list(session.scalars(rows))


def _tell(
    session: Session, message_ids: Iterable[int], now: datetime, code: str, deadline: datetime | None = None
) -> None:
    """Tell members of these texts; with `deadline`, also of texts still waiting that were to be sent before it."""
    ids = list(message_ids)
    asked = or_(HelpRecipient.message_id.in_(ids), HelpRecipient.again_id.in_(ids))
    open_ = (HelpRequest.closed_at.is_(None), HelpRecipient.told_unsent_at.is_(None))
    rows = select(HelpRequest.member_id, HelpRequest.practice, HelpRecipient.responder_id).join(HelpRecipient)
    concerned = session.execute(rows.where(asked, *open_).order_by(HelpRecipient.id)).all() if ids else []

    def tell(member_ids: Sequence[int]) -> None:
        request_states.locked_members(session, member_ids)
        for row in [one for one in concerned if one.member_id in member_ids]:
            case = request_states.locked(session, row.member_id, practice=row.practice)
            person = case.person(row.responder_id) if case else None
            if case and person and person.last.told_unsent_at is None:
                _tell_of_person(session, case, person, now, code, deadline)

    members = dict.fromkeys(row.member_id for row in concerned)
    work_on_each(session, "a member's undelivered help text", members, each_past_bad_rows(session, tell), now)


def _tell_of_person(
    session: Session, case: HelpCase, person: Person, now: datetime, code: str, deadline: datetime | None
) -> None:
    if not (_is_undelivered(case, person, deadline) or _is_unreported(case, person, now)):
        return
    person.last.told_unsent_at = now
    name = responder_name(person.responder)
    words = sms.lost if person.may_have_read else sms.unsent
    tell_member(session, case.newest, partial(words, name, code), keys.help_unsent(person.last.id), now)
    advance_if_unanswerable(case, now)


def _is_undelivered(case: HelpCase, person: Person, deadline: datetime | None) -> bool:
    return person.state in TO_TELL and (person.state not in CAN_ANSWER or _is_late(case, person, deadline))


def _is_unreported(case: HelpCase, person: Person, now: datetime) -> bool:
    """Return whether the network never reported on any copy, where that matters because nobody is on it."""
    over = all(copy.expires_at < now for copy in person.copies)
    return person.state is PersonState.SENT and over and not case.is_answered


def _is_late(case: HelpCase, person: Person, deadline: datetime | None) -> bool:
    """Return whether every copy was to be sent before the deadline."""
    due = [case.newest.leaves_at or case.newest.raised_at, *(copy.created_at for copy in person.copies)]
    return deadline is not None and max(due) < deadline
