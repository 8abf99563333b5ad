"""Roles: people become facilitators or group admins by accepting a code; every use of a role is logged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, select, update
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.admin_text import _
from smsgate.core.dial_codes import dialled_code
from smsgate.core.errors import Invalid
from smsgate.core.phone_numbers import masked
from smsgate.flows import sms
from smsgate.flows.actions.results import EntrySeen, LedSeen, RoleSeen
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log
from smsgate.groups.wording import speaking_for
from smsgate.models import (
    AuditEntry,
    ConsentSubject,
    Group,
    MessageKind,
    NetworkEntry,
    Phone,
    Role,
    RoleAssignment,
    RoleCode,
)
from smsgate.models.lookup import find_member, forms_of, note_consent
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys
from smsgate.outbox.superseding import ROLE, take_back_news

A_YEAR = timedelta(days=365)
ASKED_BEFORE = timedelta(days=30)
CODE_DIGITS = 8  # too long to guess, and longer than usual group codes
CODE_LASTS = timedelta(days=7)
OFFERED_MOST = 20
KEPT = A_YEAR  # log entries, and roles after they ended


def in_force(now: datetime | None = None) -> ColumnElement[bool]:
    """Return the condition that a RoleAssignment has not expired or ended; without `now`, bind a parameter `now`."""
    return RoleAssignment.ended_at.is_(None) & (RoleAssignment.until > (now or bindparam("now")))


def leads_a_group() -> ColumnElement[bool]:
    """Return the condition that a Phone's holder has a role in an open group; needs the bind parameter `now`."""
    open_groups = Group.closed_at.is_(None)
    return exists().where(
        RoleAssignment.phone_id == Phone.id, RoleAssignment.group_id == Group.id, in_force(), open_groups
    )


def role_in_group(session: Session, phone_id: int | None, group_id: int, now: datetime) -> Role | None:
    """Return the role that a phone has in a group now, or None."""
    found = current_assignment(session, phone_id, group_id, now)
    return found.role if found else None


def current_assignment(session: Session, phone_id: int | None, group_id: int, now: datetime) -> RoleAssignment | None:
    """Return a phone's current assignment in an open group, or None."""
    here = (RoleAssignment.phone_id == phone_id, RoleAssignment.group_id == group_id, in_force(now))
    return session.scalars(select(RoleAssignment).join(Group).where(*here, Group.closed_at.is_(None))).first()


def assignments_of(session: Session, phone_id: int, now: datetime) -> dict[int, Role]:
    """Return the roles that a phone has in open groups, by group id."""
    return {one.group_id: one.role for one in _held_by(session, phone_id, now)}


def groups_led(session: Session, phone_id: int | None, now: datetime) -> list[Group]:
    """Return the open groups in which a phone has a role, by name."""
    return [one.group for one in _held_by(session, phone_id, now)]


def _held_by(session: Session, phone_id: int | None, now: datetime) -> list[RoleAssignment]:
    rows = select(RoleAssignment).join(Group).where(RoleAssignment.phone_id == phone_id, in_force(now))
    return list(session.scalars(rows.where(Group.closed_at.is_(None)).order_by(Group.name, Group.id)))


def assignments_in(session: Session, group_id: int, now: datetime) -> list[RoleAssignment]:
    """Return the current assignments in a group, admins first."""
    rows = select(RoleAssignment).where(RoleAssignment.group_id == group_id, in_force(now))
    return list(session.scalars(rows.order_by(RoleAssignment.role, RoleAssignment.id)))


def offer(
    session: Session,
    group: Group,
    role: Role,
    now: datetime,
    *,
    by: RoleAssignment | None = None,
    over: bool = False,
    noted: int | None = None,
) -> str:
    """Return a new code for a role, offered by the group admin `by`, or by a network admin or the operator if None.

    `over` hands over the giver's own role; `noted` is a network admin's phone id, for the log. Raises Invalid if `by`
    may not offer roles, or too many offers are open.
    """
    if by is not None and not over and by.role is not Role.ADMIN:
        raise Invalid(_("Only an admin of the group can give roles."))
    session.execute(delete(RoleCode).where(RoleCode.expires_at <= now))
    if len(session.scalars(select(RoleCode.id).where(RoleCode.group_id == group.id)).all()) >= OFFERED_MOST:
        raise Invalid(_("This group has too many unused codes. Withdraw one, or wait a week."))
    code = dialled_code(CODE_DIGITS)
    giver = by.id if by else None
    row = {"group_id": group.id, "role": by.role if by and over else role, "expires_at": now + CODE_LASTS}
    session.add(RoleCode(**row, code=code, given_by=giver, handed_over_by=giver if over else None))
    audit_log.record(session, group.id, by.phone_id if by else noted, AuditEvent(f"offered_{row['role']}"), now)
    return code


def find_offer(session: Session, code: str, now: datetime) -> RoleCode | None:
    """Return the offer with this code, unless it has expired or the role of its giver has ended; else None."""
    if len(code) != CODE_DIGITS:
        return None
    forms = forms_of(session, code, "role_code.code")
    rows = select(RoleCode).join(Group).where(RoleCode.code.in_(forms), RoleCode.expires_at > now)
    found = session.scalars(rows.where(Group.closed_at.is_(None))).first()
    if found is None:
        return None
    giver = session.get(RoleAssignment, found.given_by) if found.given_by else None
    return found if found.given_by is None or (giver and giver.ended_at is None and giver.until > now) else None


def accept(session: Session, phone: Phone, code: str, now: datetime) -> bool:
    """Accept the role that a code offers, once; an admin stays admin. Return False if the offer is gone."""
    found = find_offer(session, code, now)
    if found is None or not session.execute(delete(RoleCode).where(RoleCode.id == found.id)).rowcount:  # type: ignore[attr-defined]
        return False
    mine = session.scalars(
        select(RoleAssignment).where(RoleAssignment.group_id == found.group_id, RoleAssignment.phone_id == phone.id)
    ).first()
    is_admin = mine is not None and mine.ended_at is None and mine.until > now and mine.role is Role.ADMIN
    if mine is None:
        mine = RoleAssignment(group_id=found.group_id, phone_id=phone.id)
        session.add(mine)
    mine.role = Role.ADMIN if is_admin else found.role
    mine.since, mine.until, mine.ended_at, mine.asked_at, mine.takes_help = now, now + A_YEAR, None, None, False
    session.flush()
    _take_back_texts(session, mine, now)
    note_consent(session, phone.id, ConsentSubject.ROLE, True, now, found.group_id)
    audit_log.record(session, found.group_id, phone.id, AuditEvent(f"accepted_{found.role}"), now, subject=phone.id)
    before = session.get(RoleAssignment, found.handed_over_by) if found.handed_over_by else None
    if before is not None and before.id != mine.id:
        end(session, before, now, by=before.phone_id, event=AuditEvent.HANDED_OVER)
    return True


def end(
    session: Session, one: RoleAssignment, now: datetime, *, by: int | None, event: AuditEvent = AuditEvent.ENDED
) -> None:
    """End a role now, and delete its open offers; `by` is a phone id, None for the operator."""
    if one.ended_at is not None:
        return
    one.ended_at = now
    _take_back_texts(session, one, now)
    session.execute(delete(RoleCode).where(RoleCode.given_by == one.id))
    note_consent(session, one.phone_id, ConsentSubject.ROLE, False, now, one.group_id)
    audit_log.record(session, one.group_id, by, event, now, one.id, subject=one.phone_id)


def leave_all_roles(session: Session, phone_id: int, now: datetime) -> None:
    """End all roles of someone who leaves the service or no longer holds the number."""
    for one in session.scalars(select(RoleAssignment).where(RoleAssignment.phone_id == phone_id, in_force(now))):
        end(session, one, now, by=phone_id)
    # The next holder of the number must not get this one's name.
    session.execute(update(RoleAssignment).where(RoleAssignment.phone_id == phone_id).values(name=None))


def forget_ended_roles(session: Session, now: datetime) -> None:
    """Delete log entries older than a year, and roles that ended more than a year ago."""
    for log in (AuditEntry, NetworkEntry):
        session.execute(delete(log).where(log.at < now - KEPT))
    over = func.coalesce(RoleAssignment.ended_at, RoleAssignment.until) < now - KEPT
    session.execute(delete(RoleAssignment).where(over).execution_options(synchronize_session=False))


def revoke(
    session: Session,
    by: RoleAssignment | None,
    one: RoleAssignment,
    now: datetime,
    code: str,
    *,
    noted: int | None = None,
) -> None:
    """End someone's role as a group admin (`by`), a network admin (phone id `noted`) or the operator, and text them.

    Raises Invalid if `by` is not an admin of the same group.
    """
    if by is not None and (by.role is not Role.ADMIN or by.group_id != one.group_id):
        raise Invalid(_("Only an admin of the group can end roles."))
    end(session, one, now, by=by.phone_id if by else noted, event=AuditEvent.REVOKED)
    with speaking_for(one.group, one.phone.language):
        _text_holder(session, one, sms.role_ended(code), keys.role_ended(one.id, now), now, in_office=False)


def renew(session: Session, one: RoleAssignment, now: datetime) -> None:
    """Extend a role to a year from now, at its holder's wish."""
    one.until, one.asked_at = now + A_YEAR, None
    _take_back_texts(session, one, now)
    audit_log.record(session, one.group_id, one.phone_id, AuditEvent.WENT_ON, now)


def ask_about_renewal(session: Session, now: datetime, code: str) -> None:
    """Ask leaders once, a month before their role ends, whether to renew it. Run by the scheduler."""
    soon = (in_force(now), RoleAssignment.until <= now + ASKED_BEFORE, RoleAssignment.asked_at.is_(None))
    rows = select(RoleAssignment.id).join(Group).where(*soon, Group.closed_at.is_(None))
    due = session.scalars(rows.with_for_update(skip_locked=True, of=RoleAssignment)).all()

    def ask(ids: Sequence[int]) -> None:
        for one in session.scalars(select(RoleAssignment).where(RoleAssignment.id.in_(ids))).all():
            one.asked_at = now
            with speaking_for(one.group, one.phone.language):
                _text_holder(session, one, sms.role_ends(one.until, code), keys.role_ends(one.id, one.until), now)

    work_on_each(session, "roles that end", due, ask, now)


def _text_holder(
    session: Session, one: RoleAssignment, words: str, key: keys.Key, now: datetime, *, in_office: bool = True
) -> None:
    text = outbox.Text(
        words=words, key=key, kind=MessageKind.ALERT, expires_at=now + ASKED_BEFORE / 2, group_id=one.group_id,
        about={ROLE: one.until.isoformat()}, role_id=one.id if in_office else None,
    )  # fmt: skip
    _take_back_texts(session, one, now)
    outbox.send_text(session, one.phone_id, text, now)


def _take_back_texts(session: Session, one: RoleAssignment, now: datetime) -> None:
    """Withdraw waiting texts to a leader about their role, which are out of date."""
    take_back_news(session, one.group_id, {ROLE}, now, phone_id=one.phone_id)


def display_name(session: Session, phone_id: int | None) -> str:
    """Return a leader's chosen name, else their name as a member, else the masked number; `-` if there is no phone."""
    phone = session.get(Phone, phone_id) if phone_id else None
    if phone is None:
        return "-"
    held = select(RoleAssignment).where(RoleAssignment.phone_id == phone.id).order_by(RoleAssignment.id.desc())
    chosen = [one.name for one in session.scalars(held) if one.name]
    member = None if chosen else find_member(session, phone.id)
    return (chosen[0] if chosen else member and member.name) or masked(phone.number)


def choose_name(session: Session, phone_id: int, name: str, now: datetime) -> None:
    """Set the name that other leaders see, in all of someone's roles; "" for their name as a member."""
    for one in session.scalars(select(RoleAssignment).where(RoleAssignment.phone_id == phone_id, in_force(now))):
        one.name = name.strip() or None


def led_group_results(session: Session, phone_id: int | None, now: datetime) -> list[LedSeen]:
    """Return the groups that a phone leads, in the shape that flows show."""
    return [
        {
            "id": one.group.id,
            "name": one.group.name,
            "role": one.role.value,
            "until": _day(one.until, one.group),
            "ends_soon": one.until <= now + 2 * ASKED_BEFORE,
            "takes_help": one.takes_help,
        }
        for one in _held_by(session, phone_id, now)
    ]


def role_results(session: Session, mine: RoleAssignment, now: datetime) -> list[RoleSeen]:
    """Return everybody with a role in the group of `mine`, in the shape that flows show."""
    return [
        {
            "id": one.id,
            "name": display_name(session, one.phone_id),
            "role": one.role.value,
            "until": _day(one.until, one.group),
            "mine": one.id == mine.id,
        }
        for one in assignments_in(session, mine.group_id, now)
    ]


def log_seen(session: Session, group: Group) -> list[EntrySeen]:
    """Return a group's audit log in the shape that flows show."""
    return [
        {"at": _day(one.at, group), "who": display_name(session, one.phone_id), "what": one.what}
        for one in audit_log.entries(session, group.id)
    ]


def _day(at: datetime, group: Group) -> str:
    return at.astimezone(ZoneInfo(group.zone)).date().isoformat()
