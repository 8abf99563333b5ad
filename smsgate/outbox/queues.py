"""RQ queues, one per lane. They only wake the workers: what has to be sent is in the database."""

from __future__ import annotations

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

log = structlog.get_logger()

INBOUND = "inbound"  # the queue of incoming messages, beside those of the lanes
DRAIN = "smsgate.workers.drain.drain"
FLAG_SECONDS = 2  # a lost wake-up holds back others no longer than this
FAILED_KEPT = 86_400  # seconds; RQ's own default is a year
TIMEOUT = 180


class _Link:
    """Remembers whether Redis was reachable, so that an outage is logged once and not at every call."""

    def __init__(self) -> None:
        self.away = False

    def is_away(self, away: bool) -> None:
        if away != self.away:
            log.warning("redis_away" if away else "redis_back")
        self.away = away


_link = _Link()


def queue(redis: Redis, lane: str) -> Queue:
    """Return the queue of a lane. Jobs are JSON and contain nothing personal."""
    return Queue(lane, connection=redis, serializer=JSONSerializer)


def wake(redis: Redis, lane: str) -> None:
    """Have a lane drained soon; many calls make one job. Losing Redis is not an error: the scheduler looks too."""
    try:
        if _is_first(redis, _flag(lane)):
            queue(redis, lane).enqueue(DRAIN, lane, result_ttl=0, failure_ttl=FAILED_KEPT, job_timeout=TIMEOUT)
        _link.is_away(False)
    except RedisError:
        _link.is_away(True)


def _is_first(redis: Redis, flag: str) -> bool:
    """True if nobody has woken the lane just now; a flag that lasts longer is from before Redis's clock went back."""
    if redis.set(flag, 1, nx=True, ex=FLAG_SECONDS):
        return True
    return redis.pttl(flag) > FLAG_SECONDS * 1000 and bool(redis.set(flag, 1, ex=FLAG_SECONDS))


def clear_wake(redis: Redis, lane: str) -> None:
    """Clear the wake-up flag as a drain begins: later messages have to wake the lane again."""
    try:
        redis.delete(_flag(lane))
        _link.is_away(False)
    except RedisError:
        _link.is_away(True)


def _flag(lane: str) -> str:
    return f"wake:{lane}"
