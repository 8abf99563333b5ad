"""Kill switches as an operator uses them: they work at once, for one group or all, but never on help texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from smsgate.core.config import Settings
from smsgate.gateways.rehearsal.wire import Call
from smsgate.models import Group
from smsgate.notices import notices
from smsgate.outbox import kill_switches, summary
from smsgate.service import Service
from smsgate.workers import drain
from tests.support.accounts import Accounts, accepts, accounts
from tests.support.command_line import A_LINE, Typed
from tests.support.outbox import Outbox
from tests.support.people import Clock, Phone
from tests.support.stories import agrees, joins

Waits = Callable[[], dict[str, object]]


@pytest.fixture
def paused(client: FlaskClient) -> Waits:
    return lambda: dict((client.get("/ready").json or {})["paused"])


def notice(service: Service, group: Group, words: str) -> None:
    with service.database.transaction() as session:
        notices.send(session, group, words, service.now())


def test_everything_waits_but_help(
    types: Typed, service: Service, group: Group, amina: Phone, juma: Phone, paused: Waits
) -> None:  # fmt: skip
    joins(amina)
    agrees(amina, juma, "Juma")
    assert "help texts are still sent" in types("pause")
    notice(service, group, "Bring a cup")
    amina.hears_nothing_new()
    assert amina.texts("INFO") == ""
    assert paused() == {"everything": True, "groups": 0}
    assert "Everything but help texts has been paused since" in types("check")
    amina.dials(None, "1", "2")
    juma.hears("Please get in touch with me")
    assert "going on" in types("resume")
    assert any("Bring a cup" in text for text in amina.reads())
    assert paused() == {"everything": False, "groups": 0}
    types(*A_LINE)
    assert types("check") == "All is well.\n"


def test_one_group_waits_and_the_others_do_not(
    types: Typed, service: Service, group: Group, amina: Phone, paused: Waits
) -> None:  # fmt: skip
    joins(amina)
    types("group", "add", "Upendo", "--code", "777")
    amina.texts("JOIN 777")
    amina.texts("1")
    with service.database.reading() as session:
        other = session.query(Group).filter_by(code="777").one()
    assert "The group 4521 is paused" in types("pause", "--group", "4521")
    types("pause", "--group", "4521")  # a second pause changes nothing
    notice(service, group, "From Tumaini")
    notice(service, other, "From Upendo")
    amina.hears("From Upendo")
    assert not any("Tumaini" in text for text in amina.inbox if "From" in text)
    assert paused() == {"everything": False, "groups": 1}
    assert "The group 4521 has been paused since" in types("check")
    assert "The group 4521 is going on" in types("resume", "--group", "4521")
    amina.hears("From Tumaini")


@pytest.mark.both_databases
@pytest.mark.parametrize("everything", [False, True], ids=["one group", "everything"])
def test_what_was_paused_is_no_text_that_waits_for_a_worker(service: Service, clock: Clock, everything: bool) -> None:
    """Or an alert would wake somebody up about a pause that is on purpose."""
    outbox = Outbox(service)
    paused, other = outbox.group(), outbox.group()
    for group, minutes in ((paused, 50), (other, 20)):
        outbox.queues_one(group_id=group.id, due_at=clock.now() - timedelta(minutes=minutes))
    with service.database.transaction() as session:
        kill_switches.pause(session, None if everything else paused, clock.now())
    with service.database.reading() as session:
        assert summary.oldest_waiting_seconds(session, clock.now())["normal"] == (0 if everything else 20 * 60)


@pytest.mark.both_databases
def test_resuming_everything_leaves_a_paused_group_paused_and_says_so(types: Typed, group: Group) -> None:
    types("pause")
    types("pause", "--group", "4521")
    assert "The group 4521 has been paused since" in types("resume")
    assert "Nothing was paused" in types("resume")
    assert "No group has the code 1" in types("pause", "--group", "1", refused=True)


@pytest.mark.both_databases
def test_what_is_too_late_when_it_goes_on_does_not_leave(
    types: Typed, service: Service, group: Group, amina: Phone, time_passes: Callable[..., None]
) -> None:  # fmt: skip
    joins(amina)
    types("pause")
    notice(service, group, "Bring a cup")
    time_passes(hours=25)
    types("resume")
    amina.hears_nothing_new()


@pytest.mark.both_databases
def test_it_works_with_redis_gone(types: Typed, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert "paused" in types("pause")
    assert "going on" in types("resume")


@pytest.fixture
def slow(settings: Settings, clock: Clock) -> Iterator[Accounts]:
    with accounts(settings, clock, batch=5) as made:
        yield made


@pytest.mark.both_databases
def test_it_is_looked_at_while_a_claim_is_leaving(slow: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Different texts are sent one by one; the operator pauses after the first."""

    def pauses(call: Call) -> None:
        with slow.service.database.transaction() as session:
            kill_switches.pause(session, None, slow.service.now())
        accepts(call)

    monkeypatch.setattr(drain, "RECHECK_SECONDS", 0.0)
    slow.first.answers = pauses
    made = slow.outbox.queues(*(slow.outbox.draft(words=f"Text {n}") for n in range(4)))
    slow.works()
    assert sorted(slow.outbox.state(one) for one in made) == ["sent", "waiting", "waiting", "waiting"]
    slow.first.answers = accepts
    with slow.service.database.transaction() as session:
        kill_switches.resume(session, None, slow.service.now())
    slow.works()
    assert {slow.outbox.state(one) for one in made} == {"sent"}
    assert len(slow.first.calls) == 4


@pytest.mark.both_databases
def test_an_erased_group_takes_its_switch_along(service: Service, group: Group) -> None:
    outbox = Outbox(service)
    with service.database.transaction() as session:
        kill_switches.pause(session, group, service.now())
    with service.database.transaction() as session:
        session.delete(session.get_one(Group, group.id))
    with service.database.reading() as session:
        assert kill_switches.kill_switch_status(session).groups == []
    made = outbox.queues_one()
    assert [one.id for one in outbox.claims()] == [made]
