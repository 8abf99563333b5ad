"""Performs the actions of flows: one small function per action, registered by the action's type.

A flow yields `Do("kept", KeepText(...))`; the channel (`ussd.py`, `sms/exchange.py`) opens a transaction, makes an
`ActionContext` and calls `run_action`. An action that changes something is performed once per session and name, and its
result is stored in the same transaction: a repeated callback gets the stored result. Results are plain JSON, as
`smsgate/flows/actions` declares them, since the session remembers them.

The caller is looked up again for each action. Handlers of leaders' actions check the role at that moment, whatever it
was when the call began; handlers of members' actions raise `NotAMember` for someone who left meanwhile.

To add an action, declare it in `smsgate/flows/actions` and register its function in the module here on its subject.
Begin reading with `context.py`.
"""

from smsgate.conversations.handlers import (  # noqa: F401 - each registers its handlers
    crisis_lines,
    directory,
    help,
    leaders,
    meetings,
    members,
    notices,
    pins,
    surveys,
    walking,
)
from smsgate.conversations.handlers.context import (
    ActionContext,
    NotAMember,
    action_context,
    perform,
    run_action,
    run_action_once,
)

__all__ = ["ActionContext", "NotAMember", "action_context", "perform", "run_action", "run_action_once"]
