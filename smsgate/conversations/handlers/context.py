"""The context of an action, and `perform`, which registers the function of each action."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.config import Settings
from smsgate.flows.member.settings import ERASED
from smsgate.flows.steps import Action, Do
from smsgate.models import Member, PerformedAction, Phone, lookup
from smsgate.service import Service


@dataclass
class ActionContext:
    """Whose action it is, in which transaction, and when."""

    session: Session
    number: str  # E.164
    now: datetime
    code: str  # what is dialled for the menu
    settings: Settings

    @property
    def phone(self) -> Phone:
        """The caller's row, created if they are new."""
        return lookup.ensure_phone(self.session, self.number, self.now)

    @property
    def phone_id(self) -> int | None:
        """The id of the caller's row, if there is one."""
        phone = lookup.find_phone(self.session, self.number)
        return phone.id if phone else None

    @property
    def member(self) -> Member | None:
        """The caller as a member, if they are one."""
        return lookup.find_member_by_number(self.session, self.number)


class NotAMember(Exception):
    """The caller left between two turns, by another way."""


def action_context(service: Service, session: Session, number: str) -> ActionContext:
    """Return the context of an E.164 number's actions in this transaction, now."""
    settings = service.settings
    return ActionContext(session, number, service.now(), settings.service_code, settings)


def the_member(context: ActionContext) -> Member:
    """Return the caller, who has to be a member. Raises NotAMember."""
    member = context.member
    if member is None:
        raise NotAMember
    return member


@singledispatch
def perform(action: Action, context: ActionContext) -> Any:  # noqa: ANN401 - JSON
    """Perform `action`; its result is plain JSON, of the shape that its samples show. May raise NotAMember."""
    raise NotImplementedError(type(action).__name__)


def run_action(do: Do, session_id: str, context: ActionContext) -> Any:  # noqa: ANN401 - JSON
    """Perform an action of a phone's session; one that changes something, only once."""
    return run_action_once(do, session_id, context) if do.action.changes else perform(do.action, context)


def run_action_once(do: Do, session_id: str, context: ActionContext) -> Any:  # noqa: ANN401 - JSON
    """Perform an action and store its result, or return the result stored for this session and action."""
    done = context.session.scalars(
        select(PerformedAction).where(PerformedAction.run == session_id, PerformedAction.name == do.name)
    ).first()
    if done is not None:
        return json.loads(done.result)
    result = perform(do.action, context)
    owner = lookup.owner_tag(context.session, context.number) if do.name != ERASED else None
    context.session.add(
        PerformedAction(run=session_id, name=do.name, result=json.dumps(result), at=context.now, owner=owner)
    )
    return result
