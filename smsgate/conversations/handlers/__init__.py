"""How each action of a flow is performed: one small function an action, registered by its type.

`ussd.py` and `sms/exchange.py` call `perform`; begin with `context.py`.
"""

from smsgate.conversations.handlers import (  # noqa: F401 - each registers its handlers
    crisis_lines,
    help,
    leaders,
    meetings,
    members,
    notices,
    pins,
    surveys,
)
from smsgate.conversations.handlers.context import NotAMember, Scene, perform

__all__ = ["NotAMember", "Scene", "perform"]
