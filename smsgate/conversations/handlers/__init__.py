"""How each action of a flow is performed: one small function an action, registered by the action's type.

A flow yields `Do("kept", KeepText(...))`; the channel (`ussd.py`, `sms/exchange.py`) opens a transaction, makes an
`ActionContext` and calls `run_action`. An action that changes something is performed once for a session and a name,
and its result noted in the same transaction: a callback that the provider repeats gets the noted result. Results are
plain JSON, as `smsgate/flows/actions` declares them, since the session remembers them.

The caller is looked up again for each action. Handlers of leaders' actions check the role at that moment, whatever it
was when the call began; handlers of members' actions raise `NotAMember` for someone who left meanwhile.

To add an action: declare it in `smsgate/flows/actions`, register its function in the module here that has its
subject. Begin reading with `context.py`.
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
