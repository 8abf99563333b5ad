"""How long a coordinator's waiting list takes, with 200 people waiting and 40 supporters who have room."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import insert, select

from bench.house import add_members, house, wired
from smsgate import create_app
from smsgate.matching import programmes
from smsgate.matching.board import board
from smsgate.matching.wishes import Wishes
from smsgate.models import Coordinator, Member, Phone, Programme, Seeker, SeekerState, Supporter
from smsgate.service import Service
from smsgate.web.console.access import SECRET
from smsgate.web.console.accounts import login

PEOPLE, SUPPORTERS, TIMES = 200, 40, 20
LANGUAGES = ("English", "Kiswahili", "Dholuo")
PAGE = "/console/programmes/{number}/waiting"


def measure(database: str) -> None:
    """Print how long it takes to order the list, and to answer the whole page."""
    with house(database, 1, 1) as env, wired({**env, "SMSGATE_GATEWAY": "simulator"}) as service:
        add_members(service, PEOPLE + SUPPORTERS + 1)
        number, secret = _prepared(service)
        orders = [_timed(lambda: _order(service, number)) for _time in range(TIMES)]
        client = create_app(service).console.test_client()
        with client.session_transaction("/console/") as browser:
            browser[SECRET] = secret
        pages = [_timed(lambda: _read(client, number)) for _time in range(TIMES)]
    print(f"matching, {database}, {PEOPLE} people and {SUPPORTERS} supporters:")
    print(f"  the order {_middle(orders):.0f} ms, the page {_middle(pages):.0f} ms (median of {TIMES})")


def _prepared(service: Service) -> tuple[int, str]:
    """Add everybody to a programme and sign a coordinator in; return the programme's id and the browser's secret."""
    chance, now = random.Random(19), datetime.now(UTC)
    with service.database.transaction() as session:
        programme = programmes.create(session, "Side by side", "Africa/Nairobi", now)
        programme.languages = list(LANGUAGES)
        programme.interests = {str(number): {"en": f"Interest {number}"} for number in range(1, 6)}
        members = list(session.scalars(select(Member.id).order_by(Member.id)))
        here = {"programme_id": programme.id}
        session.execute(
            insert(Seeker),
            [
                {**here, "member_id": member, "said": _said(chance), "state": SeekerState.WAITING,
                 "asked_at": now - timedelta(hours=place), "changed_at": now}
                for place, member in enumerate(members[:PEOPLE])
            ],
        )  # fmt: skip
        term = {**here, "since": now, "until": now + programmes.TERM}
        rows = [{**term, "member_id": member, "said": _said(chance), "room": 4} for member in members[PEOPLE:-1]]
        session.execute(insert(Supporter), rows)
        phone = session.scalars(select(Phone).join(Member).where(Member.id == members[-1])).one()
        session.add(Coordinator(**term, phone_id=phone.id))
        return programme.id, login.start_session(session, phone, "bench", now, own_device=False).secret


def _said(chance: random.Random) -> str:
    interests = tuple(chance.sample("12345", 2))
    how = chance.choice(("", "phone", "person"))
    return Wishes(
        (chance.choice(LANGUAGES),), None, how, interests, (chance.choice(("woman", "man", "young", "older")),)
    ).stored()


def _order(service: Service, number: int) -> None:
    with service.database.reading() as session:
        found = board(session, session.get_one(Programme, number), datetime.now(UTC))
    if len(found.rows) != PEOPLE:
        raise SystemExit(f"{len(found.rows)} people in the order")


def _read(client: FlaskClient, number: int) -> None:
    answer = client.get(PAGE.format(number=number))
    if answer.status_code != 200:
        raise SystemExit(f"the page: {answer.status_code}")


def _timed(work: Callable[[], None]) -> float:
    """Return how long `work` takes, in milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _middle(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]
