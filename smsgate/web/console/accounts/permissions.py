"""Who works in the console, and what of it they may see: the one place that decides which group is whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.errors import Invalid
from smsgate.groups import groups, roles
from smsgate.models import Group, NetworkAdmin, Phone, Role


class NotYours(LookupError):
    """There is no such thing, as far as this person may know."""


class TooLittle(PermissionError):
    """It is theirs to see, and an admin's to change."""


@dataclass(frozen=True)
class Staff:
    """Somebody who is signed in, as they were when this request began."""

    phone_id: int
    name: str
    language: str | None
    network: bool  # sets up groups
    roles: Mapping[int, Role]  # by the group's id

    @property
    def is_admin(self) -> bool:
        """Of a group, or of the network."""
        return self.network or Role.ADMIN in self.roles.values()


def of(session: Session, phone: Phone, now: datetime) -> Staff | None:
    """What this number may do in the console; None where it is nothing, or somebody else may hold the number."""
    held = roles.assignments_of(session, phone.id, now)
    network = is_network_admin(session, phone.id)
    if phone.doubted_at is not None or not (held or network):
        return None
    return Staff(phone.id, roles.display_name(session, phone.id), phone.language, network, held)


def is_network_admin(session: Session, phone_id: int) -> bool:
    """Whether this number sets up groups at this moment."""
    here = (NetworkAdmin.phone_id == phone_id, NetworkAdmin.ended_at.is_(None))
    return session.scalars(select(NetworkAdmin.id).where(*here)).first() is not None


def role_in(staff: Staff, group: Group) -> Role | None:
    """Their role in a group: an admin of the network is an admin of every group, but for its people's words."""
    return Role.ADMIN if staff.network else staff.roles.get(group.id)


def the_group(session: Session, staff: Staff, code: str, *, need: Role = Role.FACILITATOR, own: bool = False) -> Group:
    """The open group with this code. Raises NotYours, or TooLittle where it takes an admin.

    With `own` an admin of the network needs a role in the group too: who its members are and what they write is for
    those whom the group appointed.
    """
    group = groups.find_open_group(session, code)
    role = (staff.roles.get(group.id) if own else role_in(staff, group)) if group else None
    if group is None or role is None:
        raise NotYours
    if need is Role.ADMIN and role is not Role.ADMIN:
        raise TooLittle
    return group


def groups_of(session: Session, staff: Staff) -> list[Group]:
    """The open groups that they may see, by name."""
    rows = select(Group).where(Group.closed_at.is_(None)).order_by(Group.name, Group.id)
    return list(session.scalars(rows if staff.network else rows.where(Group.id.in_(list(staff.roles)))))


def appoint(session: Session, phone: Phone, now: datetime) -> None:
    """Make somebody an admin of the network. Raises Invalid."""
    mine = session.scalars(select(NetworkAdmin).where(NetworkAdmin.phone_id == phone.id)).first()
    if mine is not None and mine.ended_at is None:
        raise Invalid("That number is an admin of the network already.")
    if mine is None:
        session.add(NetworkAdmin(phone_id=phone.id, since=now))
    else:
        mine.since, mine.ended_at = now, None


def dismiss(session: Session, phone: Phone | None, now: datetime) -> None:
    """End it. Raises Invalid."""
    rows = select(NetworkAdmin).where(NetworkAdmin.phone_id == (phone.id if phone else 0))
    mine = session.scalars(rows.where(NetworkAdmin.ended_at.is_(None))).first()
    if mine is None:
        raise Invalid("That number is no admin of the network. See: smsgate admin list")
    mine.ended_at = now


def network_admins(session: Session) -> list[NetworkAdmin]:
    """Those who are it, the first one first."""
    return list(session.scalars(select(NetworkAdmin).where(NetworkAdmin.ended_at.is_(None)).order_by(NetworkAdmin.id)))
