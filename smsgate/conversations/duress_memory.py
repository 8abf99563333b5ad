"""Remembers for a day what was done in a duress account: redone before each action, it seems to have been saved."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from smsgate.core.encryption import Keyring, WrongKey
from smsgate.core.open_sessions import key_of_duress_memory
from smsgate.flows import actions
from smsgate.flows.steps import Action

PURPOSE = "duress"
KEPT_SECONDS = 86_400
MOST = 40  # of the newest actions
# Those of which the newest stands: with the same values in these fields, it replaces the one before.
SETTINGS: Mapping[type[Action], tuple[str, ...]] = {
    actions.TakeLanguage: (), actions.TakeName: (), actions.KeepPause: (), actions.KeepHours: (), actions.KeepWord: (),
    actions.KeepRings: (), actions.KeepLooking: (), actions.SaveEscalation: (), actions.KeepSecondPin: (),
    actions.StartTexts: (), actions.ToldBlocked: (), actions.Set: ("setting",), actions.SaveExtraInfo: ("which",),
    actions.SayComing: ("meeting_id",), actions.ShowName: ("group_id",), actions.RemindMe: ("group_id",),
    actions.ReadWelcome: ("group_id",),
}  # fmt: skip
# The actions remembered: none refers to rows of the made-up account, which get another id each time.
REMEMBERED: tuple[type[Action], ...] = (
    *SETTINGS, actions.JoinGroup, actions.LeaveGroup, actions.AskResponder, actions.BlockNumber, actions.KeepText,
    actions.AskForSupporter, actions.LeaveList,
)  # fmt: skip
FORGETS = (actions.EraseMe, actions.LeaveAll)
_BY_NAME = {kind.__name__: kind for kind in REMEMBERED}


class DuressMemory:
    """The memory of one E.164 number's duress account, sealed in Redis; without Redis there is none."""

    def __init__(self, redis: Redis, keyring: Keyring, number: str) -> None:
        self._redis, self._keyring = redis, keyring
        self._key = key_of_duress_memory(keyring, number)

    def actions(self) -> list[Action]:
        """Return what was done, oldest first."""
        try:
            sealed = self._redis.get(self._key)
            rows = msgspec.json.decode(self._keyring.open(sealed, PURPOSE)) if isinstance(sealed, bytes) else []
            return [msgspec.convert(row, _BY_NAME[name]) for name, row in rows if name in _BY_NAME]
        except (RedisError, WrongKey, ValueError):
            return []

    def add(self, action: Action) -> None:
        """Remember one more action; a switch or a name that is set again replaces the one before."""
        if isinstance(action, FORGETS):
            self._forget()
        if not isinstance(action, REMEMBERED):
            return
        kept = [one for one in self.actions() if not _replaces(action, one)][1 - MOST :]
        rows = [(type(one).__name__, msgspec.to_builtins(one)) for one in [*kept, action]]
        sealed = self._keyring.seal(msgspec.json.encode(rows).decode(), PURPOSE)
        try:
            self._redis.set(self._key, sealed, ex=KEPT_SECONDS)
        except RedisError:
            return

    def _forget(self) -> None:
        try:
            self._redis.delete(self._key)
        except RedisError:
            return


def _replaces(newer: Action, older: Action) -> bool:
    fields = SETTINGS.get(type(newer))
    if fields is None or type(newer) is not type(older):
        return False
    return all(getattr(newer, name) == getattr(older, name) for name in fields)
