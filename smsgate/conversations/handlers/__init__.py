"""How each action of a flow is done. One small function an action; the door in `conversations.py` calls `perform`."""

from smsgate.conversations.handlers import crisis_lines, help, leaders, meetings, members, notices, pins, surveys
from smsgate.conversations.handlers.context import NotAMember, Scene, perform

__all__ = ["NotAMember", "Scene", "perform"]
