"""How each action of a flow is done. One small function an action; the door in `conversations.py` calls `perform`."""

from smsgate.performing import (  # noqa: F401 - they register what they do
    help,
    leading,
    lines,
    meetings,
    members,
    notices,
    pins,
    surveys,
)
from smsgate.performing.scene import NotAMember, Scene, perform

__all__ = ["NotAMember", "Scene", "perform"]
