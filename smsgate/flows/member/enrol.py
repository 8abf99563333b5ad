"""Making someone who chose to join a member of the service: texts again after STOP, and a name if wanted."""

from __future__ import annotations

from smsgate.core.i18n import _, language_now
from smsgate.flows.actions import Join, TakeName
from smsgate.flows.member.settings import LONGEST_NAME, start_texts
from smsgate.flows.steps import Ask, Caller, Do, Flow, InputType


def enrol(caller: Caller, language: str) -> Flow:
    """Make a stranger a member, and ask for a name."""
    yield from join(caller, language)
    yield from say_name()


def join(caller: Caller, language: str) -> Flow:
    """Make a stranger a member: from here on they are one, even if the call drops."""
    yield Do("joined", Join(language))
    if caller.stopped:
        yield from start_texts(caller)


def say_name() -> Flow:
    """Ask for the name that their people should see."""
    name = yield Ask(
        "name", _("What name should your people see? It can be any name."),
        input_type=InputType.NAME, longest=LONGEST_NAME, skip=_("No name"),
    )  # fmt: skip
    yield Do("named", TakeName(name))


def if_new(caller: Caller) -> Flow:
    """Make the caller a member and ask for a name, unless they are one already; each happens once in a call."""
    if not caller.member:
        yield from enrol(caller, language_now())
