"""How numbers to call are looked up."""

from __future__ import annotations

from smsgate import lines
from smsgate.flows import actions
from smsgate.performing.scene import Scene, perform


@perform.register
def _(action: actions.LinesHere, scene: Scene) -> list[actions.LineSeen]:
    return lines.here(scene.session, scene.number, action.language, scene.now)
