"""What a flow may ask to have done. How it is done stands in `smsgate/performing/`; results are plain JSON."""

from smsgate.flows.actions.crisis_lines import *  # noqa: F403
from smsgate.flows.actions.help import *  # noqa: F403
from smsgate.flows.actions.leaders import *  # noqa: F403
from smsgate.flows.actions.meetings import *  # noqa: F403
from smsgate.flows.actions.members import *  # noqa: F403
from smsgate.flows.actions.notices import *  # noqa: F403
from smsgate.flows.actions.pins import *  # noqa: F403
from smsgate.flows.actions.surveys import *  # noqa: F403
