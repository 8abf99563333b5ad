"""The credit of gateway accounts. When it is short, only help texts use it, and the operator is alerted once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from smsgate.core.database import after_commit, insert_new, wake_after_commit
from smsgate.flows import sms
from smsgate.gateways import FALLBACK, Money, Outcome
from smsgate.models import GatewayAccount, Lane, Message
from smsgate.outbox import keys
from smsgate.outbox.operator_alerts import alert_operator

log = structlog.get_logger()

OUT_OF_CREDIT = "InsufficientBalance"  # the provider's word
CHECK_EVERY = timedelta(seconds=55)  # a little under a minute, so not at every run of the scheduler
TRY_AGAIN = timedelta(minutes=10)  # if the balance cannot be read, the next text shows whether there is credit again
SAME_SHORTAGE = timedelta(hours=1)  # after the last sign of a shortage; a later one counts as new
ALERT_AGAIN = timedelta(hours=6)  # at the earliest, even if the account runs short again
HELP_SEGMENTS = 2  # segments in a long help text
DO = "Top up the account at the provider. Until then only help texts leave; the rest goes on by itself."


def is_reserved_for_help(now: datetime) -> ColumnElement[bool]:
    """SQL condition: true while the main account is reserved for help texts."""
    return exists(select(GatewayAccount.id).where(GatewayAccount.gateway != FALLBACK, GatewayAccount.try_at > now))


def is_short(account: GatewayAccount, now: datetime) -> bool:
    """True while one account is short. A short fallback account holds nothing back; only the operator is told."""
    return account.try_at is not None and account.try_at > now


def accounts(session: Session) -> dict[str, GatewayAccount]:
    """Return the known accounts by gateway name."""
    return {account.gateway: account for account in session.scalars(select(GatewayAccount))}


def record_outcomes(session: Session, outcomes: Iterable[Outcome], now: datetime, operator: str) -> None:
    """Note the gateways that refused texts for lack of credit."""
    for gateway in {outcome.gateway for outcome in outcomes if outcome.reason == OUT_OF_CREDIT and outcome.gateway}:
        _mark_short(session, _account(session, gateway), now, operator)


def balance_is_due(session: Session, gateway: str, now: datetime) -> bool:
    """True when the account's balance should be read again."""
    looked = session.scalars(select(GatewayAccount.looked_at).where(GatewayAccount.gateway == gateway)).first()
    return looked is None or looked <= now - CHECK_EVERY


def record_balance(
    session: Session, gateway: str, balance: Money | None, now: datetime, reserve: int, operator: str
) -> None:
    """Record what the account holds, or None if it could not be read; `reserve` is a number of help texts."""
    account = _account(session, gateway)
    account.looked_at = now
    if balance is None:
        log.warning("balance_not_read", gateway=gateway)
        return
    account.balance = str(balance)[:40]
    if balance.amount < _floor(session, balance.currency, reserve):
        _mark_short(session, account, now, operator)
    elif account.short_since and balance.amount > 0:
        _mark_sufficient(session, account)


def _floor(session: Session, currency: str, reserve: int) -> Decimal:
    """Return what the reserve costs, at the price of the latest text; 0 while no price is known."""
    last = select(Message.cost, Message.segments).where(Message.cost.is_not(None)).order_by(Message.id.desc())
    cost, segments = session.execute(last.limit(1)).first() or (None, 1)
    price = Money.read(cost)
    if price is None or price.currency != currency:
        return Decimal(0)
    return price.amount / segments * HELP_SEGMENTS * reserve


def _account(session: Session, gateway: str) -> GatewayAccount:
    session.execute(insert_new(session, GatewayAccount).values(gateway=gateway))
    return session.scalars(select(GatewayAccount).where(GatewayAccount.gateway == gateway).with_for_update()).one()


def _mark_short(session: Session, account: GatewayAccount, now: datetime, operator: str) -> None:
    ongoing = account.short_since is not None and account.try_at is not None and now < account.try_at + SAME_SHORTAGE
    account.try_at = now + TRY_AGAIN
    if ongoing:
        return
    account.short_since = now
    if account.alerted_at is None or account.alerted_at <= now - ALERT_AGAIN:
        account.alerted_at = now
        _alert(session, account.gateway, now, operator)


def _mark_sufficient(session: Session, account: GatewayAccount) -> None:
    account.short_since = account.try_at = None
    log.info("credit_again", gateway=account.gateway)
    for lane in (Lane.NORMAL, Lane.BULK):
        wake_after_commit(session, lane.value)


def _alert(session: Session, gateway: str, now: datetime, operator: str) -> None:
    after_commit(session, f"alert {gateway}", lambda: log.error("out_of_credit", gateway=gateway, do=DO))
    words_for = sms.second_account_short if gateway == FALLBACK else sms.account_short
    alert_operator(session, operator, words_for, keys.out_of_credit(gateway, now), now)
