"""The texts sent by SMS, as functions that return them in the language spoken now (`i18n.speaking`).

Each fits one segment, which `checks.sms_inventory` and its test prove with the longest values in every language; a help
text takes two, or three. They are neutral by default: anyone who reads a shared phone learns nothing about groups or
health, so a text names a group only where its parameter is not empty or `discreet` is False. `code` and `dial` are what
the reader dials for the menu. A docstring names the reader and the occasion; the packages that queue a text in the
outbox decide who gets it, and when.

`subscription` has opting out and in, joining and roles; `groups`, `meetings`, `help`, `notices` and `walking`
(one-to-one support) have the rest. Those of `notices` and `walking` are not re-exported here.
"""

from smsgate.flows.sms.groups import *  # noqa: F403
from smsgate.flows.sms.help import *  # noqa: F403
from smsgate.flows.sms.meetings import *  # noqa: F403
from smsgate.flows.sms.subscription import *  # noqa: F403
