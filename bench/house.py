"""A whole installation for a benchmark: its own stores, settings, and people in its database."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select, text

from bench.processes import parent
from smsgate import service
from smsgate.core import config
from smsgate.core.waits.limits import COMMAND
from smsgate.groups import groups
from smsgate.models import Group, HelpText, Member, Membership, Phone, Responder, ResponderStatus
from smsgate.notices import notices
from smsgate.service import Service
from tests.support import stores

TOKEN = "bench-token-0123456789"
HOOKS = f"/hooks/{TOKEN}/africastalking"


@contextmanager
def house(database: str, port: int, provider: int) -> Iterator[dict[str, str]]:
    """Yield the environment of an installation on `sqlite` or `postgresql`. Its stores are removed with the block."""
    folder = Path(tempfile.mkdtemp(prefix="smsgate-bench-"))
    try:
        with stores.valkey() as redis_url, _database(database, folder) as database_url:
            yield {
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "PORT": str(port),
                "SMSGATE_HOOK_TOKENS": TOKEN,
                "SMSGATE_KEYS": stores.KEY,
                "SMSGATE_GATEWAY": "africastalking",
                "SMSGATE_LOG_LEVEL": "WARNING",
                "SMSGATE_RATE": "0",
                "AFRICASTALKING_USERNAME": "bench",
                "AFRICASTALKING_API_KEY": "bench",
                "AFRICASTALKING_URL": f"http://127.0.0.1:{provider}",
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{stores.sqlite_template(folder)}"
    else:
        with stores.postgres() as url:
            yield url


@contextmanager
def wired(env: Mapping[str, str]) -> Iterator[Service]:
    """Yield the wired service, to prepare data with, and close it before other processes start to work."""
    built = service.wire(config.load(env), limits=COMMAND)
    try:
        yield built
    finally:
        built.database.engine.dispose()
        built.redis.close()


def number(index: int) -> str:
    """Return a Kenyan mobile number for an index below a million."""
    return f"+254711{index:06d}"


def add_members(service: Service, count: int) -> None:
    """Insert `count` members, with the first numbers, into one group; every second one speaks Kiswahili."""
    now = datetime.now(UTC)
    numbers = [number(index) for index in range(count)]
    with service.database.transaction() as session:
        group = groups.create(session, "Tumaini", "Africa/Nairobi", now, code="4521")
        groups.set_quiet_hours(session, group, None, now)  # a benchmark may run at any hour
        rows = [
            {"number": phone_number, "created_at": now, "language": ("en", "sw")[index % 2]}
            for index, phone_number in enumerate(numbers)
        ]
        session.execute(insert(Phone), rows)
        phones = list(session.scalars(select(Phone.id).order_by(Phone.id)))
        session.execute(insert(Member), [{"phone_id": phone_id, "joined_at": now} for phone_id in phones])
        members = list(session.scalars(select(Member.id)))
        joined = {"group_id": group.id, "joined_at": now}
        session.execute(insert(Membership), [{"member_id": member_id, **joined} for member_id in members])


def prepare_help(service: Service, first: int, count: int, responders: int) -> dict[str, str]:
    """Give members a help text and their own responders, who have agreed. Returns each number's words."""
    now = datetime.now(UTC)
    words = {number(index): f"Please call me, word {index:06d}." for index in range(first, first + count)}
    with service.database.transaction() as session:
        phones = list(session.execute(select(Phone.id, Phone.number).order_by(Phone.id)))
        members = dict(session.execute(select(Member.phone_id, Member.id)).all())
        phone_ids = {phone_number: phone_id for phone_id, phone_number in phones}
        texts, people = [], []
        for index, (phone_number, text_words) in enumerate(words.items()):
            member_id = members[phone_ids[phone_number]]
            texts.append({"member_id": member_id, "words": text_words, "changed_at": now})
            their_own = phones[len(phones) - (index + 1) * responders : len(phones) - index * responders]
            people += [
                {"member_id": member_id, "phone_id": phone_id, "agreed": ResponderStatus.YES,
                 "asked_at": now, "answered_at": now}
                for phone_id, _number in their_own
            ]  # fmt: skip
        session.execute(insert(HelpText), texts)
        session.execute(insert(Responder), people)
    return words


def queue_notices(service: Service, times: int) -> int:
    """Queue `times` notices to everybody and return how many texts that makes."""
    queued = 0
    for turn in range(times):
        with service.database.transaction() as session:
            group = session.scalars(select(Group)).one()
            queued += notices.send(session, group, f"We meet on Wednesday at two, notice {turn}.", service.now())[1]
    return queued


def workers_listen(service: Service, count: int) -> None:
    """Wait until `count` workers listen to the bulk lane. Raises TimeoutError after 30 s."""
    until = time.monotonic() + 30
    while service.redis.scard("rq:workers:bulk") < count:
        if time.monotonic() > until:
            raise TimeoutError("no workers")
        time.sleep(0.05)


def database_server(service: Service) -> int | None:
    """Return the id of the database server's parent process, or None on SQLite."""
    with service.database.reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            return None
        return parent(session.scalar(text("SELECT pg_backend_pid()")))
