"""Where an action is done, and the function that does it: one more is registered for each action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch
from typing import Any

from sqlalchemy.orm import Session

from smsgate.core.config import Settings
from smsgate.flows.steps import Action
from smsgate.models import Member, Phone, lookup


@dataclass
class Scene:
    """Where an action is done: for whom, in which transaction, when."""

    session: Session
    number: str
    now: datetime
    code: str  # what is dialled for the menu
    settings: Settings

    @property
    def phone(self) -> Phone:
        """The caller's row, made if it is new."""
        return lookup.ensure_phone(self.session, self.number, self.now)

    @property
    def phone_id(self) -> int | None:
        """The caller's row, if there is one."""
        phone = lookup.find_phone(self.session, self.number)
        return phone.id if phone else None

    @property
    def member(self) -> Member | None:
        """The caller as a member, if they are one."""
        return lookup.find_member_by_number(self.session, self.number)


class NotAMember(Exception):
    """The caller left between two turns, by another way."""


def the_member(scene: Scene) -> Member:
    """The caller, who has to be a member; raises NotAMember."""
    member = scene.member
    if member is None:
        raise NotAMember
    return member


@singledispatch
def perform(action: Action, scene: Scene) -> Any:  # noqa: ANN401 - JSON
    """Do `action`; its result is plain JSON, of the shape that its samples show."""
    raise NotImplementedError(type(action).__name__)
