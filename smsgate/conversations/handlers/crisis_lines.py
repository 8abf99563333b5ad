"""Looks up crisis lines."""

from __future__ import annotations

from smsgate.conversations.handlers.context import ActionContext, perform
from smsgate.flows import actions
from smsgate.help.crisis import crisis_lines


@perform.register
def _(action: actions.LinesHere, context: ActionContext) -> list[actions.LineSeen]:
    return crisis_lines.lines_for_number(context.session, context.number, action.language, context.now)
