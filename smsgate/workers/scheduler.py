"""The scheduler (`smsgate scheduler`): every few seconds it runs what is due and frees what a dead worker had claimed.

No schedule lives in RQ: due times are columns. Each task has a transaction of its own, so that a failing one does not
hold up the others. To add a task, add a function to SCHEDULED_TASKS.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import structlog
from sqlalchemy.orm import Session

from smsgate.conversations.sms import inbox
from smsgate.core.database import scrub, vacuum
from smsgate.gateways import Gateway, Prepaid
from smsgate.groups import invitations, join_requests, roles
from smsgate.groups.imports import number_imports
from smsgate.help import escalation, responders, undelivered
from smsgate.matching import check_ins, endings, feedback
from smsgate.matching import meetings as match_meetings
from smsgate.meetings import occurrences, reminders
from smsgate.members import pins, retention
from smsgate.models import scheduler_runs
from smsgate.notices import approval, notices
from smsgate.outbox import credit, delivery_reports, messages, operator_alerts, set_aside
from smsgate.outbox.calls import handover, lost_replies
from smsgate.service import Service
from smsgate.workers import clock_steps
from smsgate.workers.stopping import stopping
from smsgate.workers.take_back import taking_back

log = structlog.get_logger()

EVERY = 5.0  # seconds between runs: a lost claim is picked up within 30 s even if a scheduler died too
FORGET_EVERY = 720  # runs: about once an hour, since it reads the whole outbox


def run_scheduler(service: Service, every: float = EVERY) -> None:
    """Run the scheduled tasks every few seconds until told to stop. Two schedulers at once are safe."""
    stopping.on_signals()
    begin(service)
    with taking_back(service):
        for number in count():
            run_scheduled_tasks(service, forgetting=number % FORGET_EVERY == 0)
            if stopping.wait(every):
                return


def begin(service: Service) -> None:
    """Do what is due whenever a scheduler starts. If this fails, the usual runs do it within days."""
    try:
        with service.database.transaction() as session:
            occurrences.plan_anew(session, service.now())
    except Exception as error:  # noqa: BLE001 - the scheduler has to start
        log.error("round_failed", part="begin", error=type(error).__name__)


def run_scheduled_tasks(service: Service, forgetting: bool = True) -> None:
    """Run every task once, each in its own transaction; a failure is logged and holds up no other task."""
    for part in (*SCHEDULED_TASKS, _forget_old_data) if forgetting else SCHEDULED_TASKS:
        try:
            with service.database.transaction() as session:
                part(session, service)
        except Exception as error:  # noqa: BLE001 - the other tasks, help among them, still run
            log.error("round_failed", part=part.__name__, error=type(error).__name__)
    if forgetting:
        _scrub(service)
    for gateway in (service.gateway, service.fallback):
        try:
            _read_balance(service, gateway)
        except Exception as error:  # noqa: BLE001 - the next run is seconds away
            log.error("round_failed", part="_read_balance", error=type(error).__name__)


def _scrub(service: Service) -> None:
    """Remove deleted data from the files too. If this fails, it is tried again within the hour."""
    try:
        with service.database.transaction() as session:
            is_due = scheduler_runs.is_due_daily(session, "vacuum", service.now())
        if is_due and (tables := vacuum(service.database.engine)):
            log.info("vacuumed", tables=tables)
        scrub(service.database.engine)
    except Exception as error:  # noqa: BLE001 - the next run is an hour away, and nobody waits for it
        log.error("round_failed", part="_scrub", error=type(error).__name__)


def _read_balance(service: Service, gateway: Gateway | None) -> None:
    """Read a prepaid balance: last, and outside any transaction, since the provider may be slow."""
    if not isinstance(gateway, Prepaid):
        return
    with service.database.reading() as session:
        if not credit.balance_is_due(session, gateway.name, service.now()):
            return
    balance, settings = gateway.balance(), service.settings
    with service.database.transaction() as session:
        credit.record_balance(session, gateway.name, balance, service.now(), settings.reserve, settings.operator_number)


def _reclaim_expired(session: Session, service: Service) -> None:
    handover.reclaim_expired(session, service.now())


def _follow_clock(session: Session, service: Service) -> None:
    clock_steps.follow_clock(session, service.now())
    clock_steps.follow_redis_clock(service.redis)


def _plan_ahead(session: Session, service: Service) -> None:
    occurrences.plan_ahead(session, service.now())


def _queue_reminders(session: Session, service: Service) -> None:
    reminders.queue_due_reminders(session, service.now(), service.settings.service_code)


def _tell_undelivered(session: Session, service: Service) -> None:
    undelivered.run_scheduled_tasks(session, service.now(), service.settings.service_code)


def _escalate(session: Session, service: Service) -> None:  # separate: it locks other members than the task before
    escalation.escalate_due(session, service.now(), service.settings.service_code)


def _run_help_tasks(session: Session, service: Service) -> None:
    now, code = service.now(), service.settings.service_code
    escalation.ask_for_reviews(session, now, code)
    responders.remind_invited(session, now)
    pins.run_scheduled_tasks(session, now, code)


def _ask_about_renewal(session: Session, service: Service) -> None:
    roles.ask_about_renewal(session, service.now(), service.settings.service_code)


def _run_notice_tasks(session: Session, service: Service) -> None:
    settings = service.settings
    approval.run_scheduled_tasks(session, service.now(), settings.service_code, settings.operator_number)


def _forget_old_data(session: Session, service: Service) -> None:
    join_requests.end_old_requests(session, service.now(), service.settings.service_code)
    retention.forget_old_data(session, service.now(), timedelta(days=service.settings.keep_words_days))


def _run_walk_tasks(session: Session, service: Service) -> None:
    now, code = service.now(), service.settings.service_code
    endings.run_scheduled_tasks(session, now, code)
    match_meetings.plan_next(session, now)
    match_meetings.remind(session, now, code)
    check_ins.ask_due(session, now, code)
    feedback.ask_due(session, now, code)


def _invite(session: Session, service: Service) -> None:
    invitations.send_due(session, service.now(), service.settings.service_code)


def _match_reports(session: Session, service: Service) -> None:
    delivery_reports.match_unmatched(session, service.now())
    delivery_reports.end_undelivered(session, service.now())


def _try_once_more(session: Session, service: Service) -> None:
    lost_replies.try_once_more(session, service.now())


def _wake(session: Session, service: Service) -> None:
    messages.wake_due(session, service.now())
    notices.wake_unfinished(session)
    number_imports.wake_unfinished(session)
    inbox.wake_waiting(session, service.now())


def _retry_set_aside(session: Session, service: Service) -> None:
    set_aside.retry_due(session, service.now())


def _alert_about_failures(session: Session, service: Service) -> None:
    operator_alerts.tell_of_strangers(session, service.now(), service.settings.operator_number)
    operator_alerts.tell_of_failures(session, service.now(), service.settings.operator_number)


# Help comes first.
SCHEDULED_TASKS: tuple[Callable[[Session, Service], None], ...] = (
    _follow_clock,
    _reclaim_expired,
    _try_once_more,
    _tell_undelivered,
    _escalate,
    _run_help_tasks,
    _match_reports,
    _retry_set_aside,
    _alert_about_failures,
    _plan_ahead,
    _queue_reminders,
    _ask_about_renewal,
    _run_notice_tasks,
    _run_walk_tasks,
    _invite,
    _wake,
)
