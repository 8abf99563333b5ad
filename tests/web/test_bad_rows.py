"""A row that can't be read takes away no public page, no caller's list and no metric."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import text

from smsgate.directory import public_page
from smsgate.models import Group
from smsgate.service import Service
from tests.support.directory import lists
from tests.support.outbox import Outbox
from tests.support.people import Phone
from tests.support.stories import joins


def loses_its_zone(service: Service, code: str) -> None:
    with service.database.engine.begin() as connection:
        connection.execute(text("UPDATE groups SET zone = 'Mars/Olympus' WHERE code = :code"), {"code": code})


def test_a_listed_group_whose_zone_is_gone_hides_no_other(client: FlaskClient, service: Service) -> None:
    with service.database.transaction() as session:
        lost = lists(session, "Amani", service.now(), area=("Nakuru", "Nakuru"), days=2, on_web=True)
        lists(session, "Dala", service.now(), area=("Nakuru", "Nakuru"), days=3, on_web=True)
        public_page.show(session, True, service.now(), by=None)
    loses_its_zone(service, lost.code)
    answer = client.get("/groups")
    assert answer.status_code == 200
    assert "Dala" in answer.text
    assert "26 Nov" in answer.text
    assert "Amani" in answer.text
    assert "25 Nov" not in answer.text  # nobody can tell its time of day


def test_a_group_whose_zone_is_gone_hides_no_meeting_of_another(service: Service, group: Group, amina: Phone) -> None:
    joins(amina)
    outbox = Outbox(service)
    outbox.meeting(group, days=1)
    other = outbox.group()
    outbox.meeting(other, days=2)
    joins_too = amina.dials(f"*384*77*{other.code}#", "1")
    assert joins_too
    loses_its_zone(service, group.code)
    amina.dials()
    amina.picks("Meetings")
    amina.sees("Wed 25 Nov 09:00")
    amina.sees_not("24 Nov")


def test_a_state_that_only_a_later_release_knows_takes_no_metric_away(client: FlaskClient, service: Service) -> None:
    outbox = Outbox(service)
    first, second = outbox.queues_one(), outbox.queues_one()
    assert first != second
    with service.database.engine.begin() as connection:
        connection.execute(text("UPDATE messages SET state = 'held_back' WHERE id = :id"), {"id": second})
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 20}"})
    assert answer.status_code == 200
    assert 'state="waiting"} 1.0' in answer.text
    assert 'state="held_back"} 1.0' in answer.text
