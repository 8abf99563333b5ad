"""Every text that is pushed by SMS, in the language spoken now. Each fits one segment; a help text two, or three.

Neutral by default: who reads a shared phone learns nothing about groups or health.
"""

from smsgate.texts.help import *  # noqa: F403
from smsgate.texts.joining import *  # noqa: F403
from smsgate.texts.meetings import *  # noqa: F403
from smsgate.texts.standing import *  # noqa: F403
