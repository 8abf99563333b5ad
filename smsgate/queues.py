"""RQ's queues, one for each lane. They only wake the workers: what has to leave stands in the database."""

from __future__ import annotations

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

log = structlog.get_logger()

DRAIN = "smsgate.jobs.drain"
FLAG_SECONDS = 30  # a wake-up that got lost holds others back no longer than this; the clock looks anyway
FAILED_KEPT = 86_400
NO_TIMEOUT = -1  # a large broadcast takes what it takes; leases watch over it, not RQ


def queue(redis: Redis, lane: str) -> Queue:
    """The queue of a lane; jobs are JSON, with nothing personal in them."""
    return Queue(lane, connection=redis, serializer=JSONSerializer)


def wake(redis: Redis, lane: str) -> None:
    """Have the lane drained soon, once for many calls. A Redis that is gone is no error: the clock looks for itself."""
    try:
        if redis.set(_flag(lane), 1, nx=True, ex=FLAG_SECONDS):
            queue(redis, lane).enqueue(DRAIN, lane, result_ttl=0, failure_ttl=FAILED_KEPT, job_timeout=NO_TIMEOUT)
    except RedisError as error:
        log.warning("wake_failed", lane=lane, error=type(error).__name__)


def awake(redis: Redis, lane: str) -> None:
    """The drain begins: whoever queues from now on has to wake again."""
    try:
        redis.delete(_flag(lane))
    except RedisError as error:
        log.warning("awake_failed", lane=lane, error=type(error).__name__)


def _flag(lane: str) -> str:
    return f"wake:{lane}"
