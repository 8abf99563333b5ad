"""How numbers to call are looked up."""

from __future__ import annotations

from smsgate import lines
from smsgate.flows import actions, seen
from smsgate.performing.scene import Scene, perform


@perform.register
def _(action: actions.LinesHere, scene: Scene) -> list[seen.LineSeen]:
    return lines.here(scene.session, scene.number, action.language, scene.now)
