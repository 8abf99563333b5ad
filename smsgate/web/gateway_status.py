"""Sending status for `/ready` and `/metrics`: circuits, credit and kill switches, without the name of any group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from smsgate.gateways import Money
from smsgate.outbox import credit, kill_switches
from smsgate.outbox.calls.circuit_breaker import Circuit, CircuitRecord, CircuitState
from smsgate.service import Service


def sending_status(service: Service, redis: bool) -> dict[str, Any]:
    """Return circuits, credit and kill switches as JSON data; None stands for what only an unreachable store knows."""
    stored = _stored_status(service)
    gateways = {
        name: {"circuit": circuit and circuit.state_at(service.now()), "why": (circuit and circuit.reason) or None,
               "credit": stored["credit"].get(name, "enough") if stored else None}
        for name, circuit in _circuits(service, redis).items()
    }  # fmt: skip
    return {"gateways": gateways, "paused": stored["paused"] if stored else None}


def sending_metrics(service: Service, session: Session) -> Iterator[GaugeMetricFamily]:
    """Yield the same figures as gauges, plus balances: unlike `/ready`, `/metrics` needs a token."""
    is_open = GaugeMetricFamily("smsgate_circuit_open", "1 while the circuit is open or half-open", labels=["gateway"])
    for name, circuit in _circuits(service).items():
        if circuit:
            is_open.add_metric([name], circuit.state_at(service.now()) is not CircuitState.CLOSED)
    balance = GaugeMetricFamily("smsgate_balance", "Credit of a gateway's account", labels=["gateway", "currency"])
    short = GaugeMetricFamily("smsgate_credit_short", "1 while only help texts use the account", labels=["gateway"])
    for name, account in credit.accounts(session).items():
        short.add_metric([name], credit.is_short(account, service.now()))
        if money := Money.read(account.balance):
            balance.add_metric([name, money.currency], float(money.amount))
    paused = kill_switches.kill_switch_status(session)
    scope = GaugeMetricFamily("smsgate_paused", "Active kill switches", labels=["scope"])
    scope.add_metric(["everything"], paused.everything is not None)
    scope.add_metric(["groups"], len(paused.groups))
    yield from (is_open, balance, short, scope)


def _stored_status(service: Service) -> dict[str, Any] | None:
    try:
        with service.database.reading() as session:
            paused, accounts = kill_switches.kill_switch_status(session), credit.accounts(session)
    except SQLAlchemyError:
        return None
    now = service.now()
    return {
        "paused": {"everything": paused.everything is not None, "groups": len(paused.groups)},
        "credit": {name: "short" for name, account in accounts.items() if credit.is_short(account, now)},
    }


def _circuits(service: Service, redis: bool = True) -> dict[str, CircuitRecord | None]:
    names = [gateway.name for gateway in (service.gateway, service.fallback) if gateway]
    return {name: Circuit(service.redis, name).shared() if redis else None for name in names}
