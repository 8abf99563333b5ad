"""Limits how fast texts are handed to a gateway: a number per second over all processes, counted in Redis.

Two counters say when the next text is due: one for all texts, one for help texts alone. A help text waits only for
other help texts but counts in both. Notices wait until the limit has caught up with everything before them; other texts
may be up to a second early.
"""

from __future__ import annotations

import time

from redis import Redis

from smsgate.core.redis_client import OutageGuard, Script
from smsgate.models import Lane

AHEAD = {Lane.URGENT: 1.0, Lane.NORMAL: 1.0, Lane.BULK: 0.2}  # seconds by which a lane's texts may be early
SHARE = 4  # while Redis is away, each process takes a quarter: three lanes, and a second worker for notices

# By Redis's own clock; if that went back, a due time impossibly far ahead counts as now. After a broken connection it
# may run twice, which only makes sending a little slower.
TURN = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost, ahead = tonumber(ARGV[1]), tonumber(ARGV[2])
local function due_at(key)
  local due = tonumber(redis.call('GET', key) or 0)
  if due > now + 120000000 then return now end
  return math.max(due, now)
end
local turn = due_at(KEYS[1])
local wait = turn - now - ahead
if wait > 0 then return math.ceil(wait) end
for _, key in ipairs(KEYS) do
  local due = due_at(key) + cost
  redis.call('SET', key, string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1000)
end
return 0
"""


class RateLimit:
    """The rate limit of one gateway."""

    def __init__(self, redis: Redis, gateway: str, a_second: int, guard: OutageGuard | None = None) -> None:
        self._a_second = a_second
        self._names = {lane: _names(gateway, lane) for lane in Lane}
        self._turn = Script(redis, TURN)
        self._guard = guard or OutageGuard()
        self._own: dict[str, float] = {}

    def wait(self, lane: Lane, texts: int) -> float:
        """Count these texts and return 0.0 if they may be sent now; else return how many seconds to wait."""
        if not self._a_second:
            return 0.0
        names, micros = self._names[lane], 1_000_000
        arguments = (round(texts / self._a_second * micros), round(AHEAD[lane] * micros))
        micros_left = self._guard.attempt(lambda: self._turn(names, arguments))
        return micros_left / micros if isinstance(micros_left, int) else self._wait_locally(lane, texts)

    def _wait_locally(self, lane: Lane, texts: int) -> float:
        """Do the same for this process alone, with its share of the rate."""
        now = time.monotonic()
        wait = self._own.get(self._names[lane][0], now) - now - AHEAD[lane]
        if wait > 0:
            return wait
        for name in self._names[lane]:
            self._own[name] = max(self._own.get(name, now), now) + texts / self._a_second * SHARE
        return 0.0


def _names(gateway: str, lane: Lane) -> list[str]:
    everything = f"rate:{gateway}"
    return [f"rate:{gateway}:help", everything] if lane is Lane.URGENT else [everything]


def most_in_a_call(batch: int, a_second: int) -> int:
    """Return the most recipients for one call: no more than a second's worth, so that the pace is even."""
    return min(batch, a_second or batch)
