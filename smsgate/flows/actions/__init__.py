"""The actions that a flow may request with `Do`, and the shapes of their results.

An action is a frozen dataclass: its fields are the arguments, `changes` says whether it has effects (then Back never
crosses it), and `samples` are results for the walker, the longest and the oddest that can occur. Its handler is
registered in `smsgate/conversations/handlers/`, in the module of the same name, and runs once per session and name of
the `Do`. Handlers check what a leader reads or changes against the role that they hold at that moment.

A result is plain JSON, since the session remembers it between turns; `results.py` and `help_results.py` give the
shapes as TypedDicts. It is meant to be shown, so it holds no more than the caller may read.
"""

from smsgate.flows.actions.crisis_lines import *  # noqa: F403
from smsgate.flows.actions.directory import *  # noqa: F403
from smsgate.flows.actions.help import *  # noqa: F403
from smsgate.flows.actions.leaders import *  # noqa: F403
from smsgate.flows.actions.meetings import *  # noqa: F403
from smsgate.flows.actions.members import *  # noqa: F403
from smsgate.flows.actions.notices import *  # noqa: F403
from smsgate.flows.actions.pins import *  # noqa: F403
from smsgate.flows.actions.responders import *  # noqa: F403
from smsgate.flows.actions.surveys import *  # noqa: F403
from smsgate.flows.actions.two import *  # noqa: F403
from smsgate.flows.actions.walking import *  # noqa: F403
