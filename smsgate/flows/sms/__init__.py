"""Every text that is pushed by SMS, in the language spoken now. Each fits one segment; a help text two, or three.

Neutral by default: who reads a shared phone learns nothing about groups or health.
"""

from smsgate.flows.sms.groups import *  # noqa: F403
from smsgate.flows.sms.help import *  # noqa: F403
from smsgate.flows.sms.meetings import *  # noqa: F403
from smsgate.flows.sms.subscription import *  # noqa: F403
