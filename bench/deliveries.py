"""How long 100,000 delivery reports take, posted to the callback as the provider does, until all are applied."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select

from bench import callers, house
from bench.processes import free_port, listening, processor_seconds, running
from smsgate.models import Lane, Message, MessageKind, MessageStatus, Phone
from smsgate.service import Service

REPORTS = 100_000


def measure(database: str) -> None:
    """Measure the web process and the inbound worker while every sent message is reported as delivered once."""
    port = free_port()
    with house.house(database, port, free_port()) as env, ExitStack() as stack:
        with house.wired(env) as service:
            house.add_members(service, 1000)
            _insert_sent(service, REPORTS)
        web = stack.enter_context(running(["smsgate", "web"], env))
        worker = stack.enter_context(running(["smsgate", "worker", "inbound"], env))
        listening(port)
        forms = [{"id": f"ATXid_{n}", "status": "Success", "networkCode": "63902"} for n in range(REPORTS)]
        began = time.monotonic()
        before = processor_seconds(web), processor_seconds(worker)
        callers.everybody(port, f"{house.HOOKS}/delivery", forms, lambda answer: answer == "")
        posted = time.monotonic() - began
        with house.wired(env) as service:
            _wait_until_applied(service)
        applied = time.monotonic() - began
        micros = [
            1e6 * (processor_seconds(pid) - earlier) / REPORTS
            for pid, earlier in zip((web, worker), before, strict=True)
        ]
        print(
            f"\n{REPORTS} delivery reports on {database}: {REPORTS / posted:.0f} a second through the hook, the last "
            f"applied after {applied - posted:.1f} s; processor {micros[0]:.0f} us each in the web, {micros[1]:.0f} in "
            f"the worker"
        )


def _insert_sent(service: Service, count: int) -> None:
    """Insert `count` messages that the provider accepted."""
    now = datetime.now(UTC)
    with service.database.transaction() as session:
        phone_id = session.scalars(select(Phone.id)).first()
        row = {
            "phone_id": phone_id, "kind": MessageKind.NOTICE, "lane": Lane.BULK, "state": MessageStatus.SENT,
            "words": None, "segments": 1, "due_at": now, "expires_at": now + timedelta(days=1), "created_at": now,
            "attempt": 1, "repeats": 0, "sent_at": now,
        }  # fmt: skip
        for start in range(0, count, 5000):
            rows = [{**row, "key": f"bench:{n}", "provider_id": f"ATXid_{n}"} for n in range(start, start + 5000)]
            session.execute(insert(Message), rows)


def _wait_until_applied(service: Service) -> None:
    unapplied, until = REPORTS, time.monotonic() + 300
    while unapplied:
        if time.monotonic() > until:
            raise TimeoutError(f"{unapplied} reports are not applied")
        time.sleep(0.2)
        with service.database.reading() as session:
            unapplied = session.scalar(select(func.count()).where(Message.state == MessageStatus.SENT)) or 0
