"""Wires up an installation: the parts that the web app, the workers, the scheduler and the commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from redis import Redis
from sqlalchemy.exc import ArgumentError

from smsgate.core import i18n
from smsgate.core.config import Settings, SettingsError
from smsgate.core.database import Database
from smsgate.core.encryption import Keyring
from smsgate.core.open_sessions import SessionEnder
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.core.redis_client import connect
from smsgate.core.waits.limits import WEB, Limits
from smsgate.gateways import FALLBACK, Gateway
from smsgate.gateways.africastalking import AfricasTalking
from smsgate.gateways.simulator import Simulator
from smsgate.outbox import queues


def utc_now() -> datetime:
    """Return the current time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Service:
    """What an edge (a hook, a job, a command) needs to do its work."""

    settings: Settings
    keyring: Keyring
    database: Database
    redis: Redis
    gateway: Gateway
    now: Callable[[], datetime] = utc_now
    fallback: Gateway | None = None  # for help texts

    def close(self) -> None:
        """Close every connection."""
        self.database.engine.dispose()
        self.redis.close()


def wire(settings: Settings, now: Callable[[], datetime] = utc_now, limits: Limits = WEB) -> Service:
    """Build every part without opening a connection. Raises SettingsError for an invalid setting or address.

    `limits` says how long to wait for the database; the default suits a caller on the phone.
    """
    settings = replace(settings, operator_number=_operator(settings))
    keyring = Keyring(settings.keys)
    i18n.go_by(now)
    redis = _redis(settings)
    try:
        database = Database(
            settings.database_url,
            keyring,
            lambda lane: queues.wake(redis, lane),
            SessionEnder(redis, keyring),
            limits=limits,
        )
    except (ArgumentError, ValueError):
        raise SettingsError("DATABASE_URL is no address of a database: postgresql://user:password@host/name") from None
    database.info["strangers"] = settings.strangers
    return Service(settings, keyring, database, redis, _gateway(settings, redis), now, _fallback(settings))


def _operator(settings: Settings) -> str:
    try:
        return e164(settings.operator_number, settings.countries) if settings.operator_number else ""
    except NotANumber:
        raise SettingsError("SMSGATE_OPERATOR_NUMBER is no mobile number of the SMSGATE_COUNTRIES.") from None


def _redis(settings: Settings) -> Redis:
    try:
        return connect(settings.redis_url)
    except ValueError:
        raise SettingsError("REDIS_URL is no address of Redis: redis://host:6379/0 or unix:///path") from None


def _gateway(settings: Settings, redis: Redis) -> Gateway:
    if settings.simulated:
        return Simulator(redis)
    return AfricasTalking(
        settings.africastalking_username,
        settings.africastalking_api_key,
        settings.africastalking_sender or None,
        settings.africastalking_url or None,
    )


def _fallback(settings: Settings) -> Gateway | None:
    if settings.simulated or not settings.fallback_username:
        return None
    return AfricasTalking(
        settings.fallback_username,
        settings.fallback_api_key,
        settings.fallback_sender or None,
        settings.fallback_url or None,
        FALLBACK,
    )
