"""How numbers to call are looked up."""

from __future__ import annotations

from smsgate.conversations.handlers.context import Scene, perform
from smsgate.flows import actions
from smsgate.help import crisis_lines


@perform.register
def _(action: actions.LinesHere, scene: Scene) -> list[actions.LineSeen]:
    return crisis_lines.here(scene.session, scene.number, action.language, scene.now)
