"""Who may post to the hooks: networks, a rate limit, texts dated another day, alerts, the phone page's own token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from smsgate import create_app
from smsgate.core.config import Settings, SettingsError, _networks
from smsgate.models import Inbound, Message, MessageKind
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from smsgate.web.hooks import guard as hook_guard
from smsgate.web.hooks.guard import phone_token
from tests.support.people import TOKEN, Clock
from tests.support.waiting import wire_patiently

USSD = {"sessionId": "s1", "phoneNumber": "+254711000001", "text": "", "serviceCode": "*384*77#"}
SMS = {"id": "m1", "from": "+254711000001", "text": "menu"}


@pytest.fixture
def wired(settings: Settings, clock: Clock) -> Iterator[Callable[..., Service]]:
    made: list[Service] = []

    def build(**changes: Any) -> Service:
        made.append(wire_patiently(replace(settings, operator_number="0711009999", **changes), now=clock.now))
        return made[-1]

    yield build
    for service in made:
        service.close()


def posts(client: FlaskClient, token: str = TOKEN, hook: str = "ussd", form: dict[str, str] = USSD, **how: Any) -> int:
    path = f"/hooks/{token}/africastalking/{hook}"
    return client.post(path, data=form, **how).status_code


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [("203.0.113.0/24", "203.0.113.9", 200), ("203.0.113.0/24", "198.51.100.1", 404),
     ("2001:db8::/32", "2001:db8::1", 200),
     ("203.0.113.0/24", "::ffff:203.0.113.9", 200), ("203.0.113.0/24", "::ffff:198.51.100.1", 404),
     ("203.0.113.9,10.0.0.0/8", "10.1.1.1", 200), ("", "198.51.100.1", 200), ("203.0.113.0/24", "unknown", 404)],
)  # fmt: skip
def test_only_the_provider_s_networks_may_post(
    wired: Callable[..., Service], networks: str, address: str, status: int
) -> None:
    client = create_app(wired(hook_networks=_networks(networks))).test_client()
    assert posts(client, environ_base={"REMOTE_ADDR": address}) == status


def test_behind_a_proxy_its_word_counts_and_no_other(wired: Callable[..., Service]) -> None:
    client = create_app(wired(hook_networks=("203.0.113.0/24",), proxies=1)).test_client()
    assert posts(client, headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.9"}) == 200
    assert posts(client, headers={"X-Forwarded-For": "203.0.113.9, 1.2.3.4"}) == 404


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(SettingsError, match="SMSGATE_HOOK_NETWORKS"):
        _networks("everywhere")


def test_a_token_has_a_rate(wired: Callable[..., Service], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smsgate.web.hooks.guard.time.monotonic", lambda: 1000.5)
    client = create_app(wired(hook_rate=3)).test_client()
    report = {"id": "x", "status": "Success"}
    assert [posts(client, hook="delivery", form=report) for _ in range(5)] == [200] * 3 + [503] * 2


@pytest.mark.parametrize(
    ("days", "text", "kept"),
    [
        (0, "menu", 1),
        (-2, "menu", 1),
        (-4, "menu", 0),
        (-40, "menu", 0),
        (4, "menu", 1),
        (-20_000, "menu", 1),
        (-40, "STOP", 1),
        (-4, "acha", 1),
    ],
)
def test_a_text_of_another_day_is_nobodys_now_but_a_stop(
    client: FlaskClient, service: Service, clock: Clock, days: int, text: str, kept: int
) -> None:
    date = (clock.time + timedelta(days=days)).isoformat()
    assert posts(client, hook="sms", form={**SMS, "text": text, "date": date}) == 200
    with service.database.reading() as session:
        assert len(session.scalars(select(Inbound.id)).all()) == kept


def test_odd_traffic_is_told_to_the_operator_once(wired: Callable[..., Service]) -> None:
    service = wired()
    client = create_app(service).test_client()
    for _ in range(2 * hook_guard.ODD_AN_HOUR + 10):
        posts(client, hook="sms", form={**SMS, "from": "22384"})
    with service.database.reading() as session:
        alerts = session.scalars(select(Message.phone_id).where(Message.kind == MessageKind.ALERT)).all()
        (operator,) = session.scalars(select(PhoneRow.number).where(PhoneRow.id.in_(alerts))).all()
    assert (len(alerts), operator) == (1, "+254711009999")


def test_no_page_shows_a_token_that_an_operator_set(client: FlaskClient, service: Service) -> None:
    for path in ("/", "/phone", "/health", "/ready", "/console/sign-in", "/phone/air"):
        assert TOKEN not in client.get(path).get_data(as_text=True)
    assert phone_token(service) in client.get("/phone").get_data(as_text=True)
    assert posts(client, token=phone_token(service)) == 200


@pytest.mark.parametrize(
    "elsewhere",
    [{"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}, {"headers": {"X-Forwarded-For": "192.0.2.1"}},
     {"headers": {"Forwarded": "for=192.0.2.1"}}, {"headers": {"Host": "evil.example"}}],
)  # fmt: skip
def test_the_simulated_phone_is_only_on_this_machine(
    client: FlaskClient, service: Service, elsewhere: dict[str, Any]
) -> None:
    assert client.get("/phone", **elsewhere).status_code == 404
    assert client.get("/phone/air", **elsewhere).status_code == 404
    assert posts(client, token=phone_token(service), **elsewhere) == 404
