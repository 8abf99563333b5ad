"""Who may use the console, and what they may see: the one place that decides who has access to which group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.errors import Invalid
from smsgate.groups import groups, roles
from smsgate.groups.network import end_admin_role
from smsgate.matching import programmes
from smsgate.models import (
    Group,
    Meeting,
    NetworkAdmin,
    Notice,
    NumberImport,
    Phone,
    Programme,
    Role,
    RoleAssignment,
    SecurityEvent,
    Series,
    Survey,
)
from smsgate.models.security_events import record

InGroup = TypeVar("InGroup", RoleAssignment, Meeting, Notice, Series, Survey, NumberImport)

SWITCH_MOST = 12  # groups in the menu


class NotFound(LookupError):
    """Nothing is there, or nothing that this person may know of; answered with 404."""


class Forbidden(PermissionError):
    """Known to this person, but only an admin may open it; answered with 403."""


@dataclass(frozen=True)
class Staff:
    """Someone who is signed in, with the roles that they have as this request begins."""

    phone_id: int
    name: str
    language: str | None
    network: bool  # an admin of the network, who sets up groups
    roles: Mapping[int, Role]  # by group id
    coordinates: frozenset[int] = frozenset()  # ids of programmes of one-to-one support

    @property
    def is_admin(self) -> bool:
        """Whether they are an admin of any group or of the network."""
        return self.network or Role.ADMIN in self.roles.values()


def staff_for(session: Session, phone: Phone, now: datetime) -> Staff | None:
    """Return what this number may do in the console; None if it has no role or may have been reassigned."""
    held = roles.assignments_of(session, phone.id, now)
    network = is_network_admin(session, phone.id)
    coordinates = programmes.coordinated_by(session, phone.id, now)
    if phone.doubted_at is not None or not (held or network or coordinates):
        return None
    return Staff(phone.id, roles.display_name(session, phone.id), phone.language, network, held, coordinates)


def is_network_admin(session: Session, phone_id: int) -> bool:
    """Return whether this number is an admin of the network now."""
    here = (NetworkAdmin.phone_id == phone_id, NetworkAdmin.ended_at.is_(None))
    return session.scalars(select(NetworkAdmin.id).where(*here)).first() is not None


def role_in(staff: Staff, group: Group, *, appointed: bool = False) -> Role | None:
    """Return their role in a group, or None. Admins of the network count as admins of every group.

    With `appointed` only a role given in the group itself counts: only those leaders may see who is in the group and
    what members write.
    """
    return Role.ADMIN if staff.network and not appointed else staff.roles.get(group.id)


def is_appointed(staff: Staff, group: Group) -> bool:
    """Return whether they have a role in the group itself, and not just as an admin of the network."""
    return role_in(staff, group, appointed=True) is not None


def the_group(
    session: Session, staff: Staff, code: str, *, need: Role = Role.FACILITATOR, appointed: bool = False
) -> Group:
    """Return the open group with this code; `appointed` is as in `role_in`. Raise NotFound or Forbidden."""
    group = groups.find_open_group(session, code)
    role = role_in(staff, group, appointed=appointed) if group else None
    if group is None or role is None:
        raise NotFound
    if need is Role.ADMIN and role is not Role.ADMIN:
        raise Forbidden
    return group


def runs(staff: Staff, programme: Programme) -> bool:
    """Return whether they may set up a programme: its rules, cards and roles, but not who is in it."""
    return staff.network or (programme.group_id is not None and staff.roles.get(programme.group_id) is Role.ADMIN)


def the_programme(session: Session, staff: Staff, number: int) -> Programme:
    """Return an open programme that they run or coordinate. Raise NotFound if it is not one."""
    programme = programmes.programme_with(session, number)
    if programme is None or not (runs(staff, programme) or programme.id in staff.coordinates):
        raise NotFound
    return programme


def programmes_of(session: Session, staff: Staff) -> list[Programme]:
    """Return the open programmes that they run or coordinate, by name."""
    rows = select(Programme).where(Programme.closed_at.is_(None)).order_by(Programme.name, Programme.id)
    return [one for one in session.scalars(rows) if runs(staff, one) or one.id in staff.coordinates]


def find_in_group(session: Session, table: type[InGroup], number: int, group: Group) -> InGroup:
    """Return the row with this id. Raise NotFound if there is none or it belongs to another group."""
    row = session.get(table, number)
    if row is None or row.group_id != group.id:
        raise NotFound
    return row


def require_network_admin(staff: Staff) -> None:
    """Raise Forbidden unless they are an admin of the network."""
    if not staff.network:
        raise Forbidden


def groups_of(session: Session, staff: Staff) -> list[Group]:
    """Return the open groups that they may see, by name."""
    rows = select(Group).where(Group.closed_at.is_(None)).order_by(Group.name, Group.id)
    return list(session.scalars(rows if staff.network else rows.where(Group.id.in_(list(staff.roles)))))


def groups_to_switch_to(session: Session, staff: Staff) -> list[tuple[str, str]]:
    """Return (code, name) of the groups that they may see, for the menu of every page; only as many as fit there."""
    rows = select(Group.code, Group.name).where(Group.closed_at.is_(None)).order_by(Group.name, Group.id)
    mine = rows if staff.network else rows.where(Group.id.in_(list(staff.roles)))
    return [(code, name) for code, name in session.execute(mine.limit(SWITCH_MOST))]


def appoint(session: Session, phone: Phone, now: datetime) -> None:
    """Make someone an admin of the network. Raise Invalid if they are one already."""
    mine = session.scalars(select(NetworkAdmin).where(NetworkAdmin.phone_id == phone.id)).first()
    if mine is not None and mine.ended_at is None:
        raise Invalid("That number is an admin of the network already.")
    if mine is None:
        session.add(NetworkAdmin(phone_id=phone.id, since=now))
    else:
        mine.since, mine.ended_at = now, None
    record(session, SecurityEvent.ADMIN_APPOINTED, now, subject=phone.id)


def dismiss(session: Session, phone: Phone | None, now: datetime) -> None:
    """End someone's role as an admin of the network. Raise Invalid if they have none."""
    if phone is None or not end_admin_role(session, phone.id, now, by=None):
        raise Invalid("That number is no admin of the network. See: smsgate admin list")


def network_admins(session: Session) -> list[NetworkAdmin]:
    """Return the admins of the network, longest-serving first."""
    return list(session.scalars(select(NetworkAdmin).where(NetworkAdmin.ended_at.is_(None)).order_by(NetworkAdmin.id)))
