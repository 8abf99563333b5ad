"""Forwarded headers that don't match SMSGATE_PROXIES: reported at the start, at a request, and by `smsgate check`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest

from smsgate import create_app
from smsgate.core.config import Settings
from smsgate.web import forwarded
from tests.support.waiting import wire_patiently

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def young_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarded, "_logged", set())
    monkeypatch.setattr(forwarded, "_noted", {})


@pytest.mark.parametrize(
    ("proxies", "header", "told"),
    [
        (0, None, ""), (0, "203.0.113.5", "unexpected"), (0, " , ", ""),
        (1, "203.0.113.5", ""), (1, None, "missing"), (1, "203.0.113.5, 10.0.0.1", ""), (2, "203.0.113.5", "missing"),
    ],
)  # fmt: skip
def test_headers_that_do_not_fit_are_told(
    settings: Settings, proxies: int, header: str | None, told: str, logged: Callable[[], str]
) -> None:
    service = wire_patiently(replace(settings, proxies=proxies))
    headers = {"X-Forwarded-For": header} if header else {}
    for _time in range(3):
        create_app(service).test_client().get("/console/sign-in", headers=headers)
    assert logged().count("forwarded_headers") == (1 if told else 0)
    assert forwarded.warnings(service) == ([forwarded.SENTENCES[told]] if told else [])
    forwarded.look_at_start(service)  # another process starts later, within a day
    assert logged().count("forwarded_headers") == (2 if told else 0)
    service.close()


@pytest.mark.parametrize(
    ("proxies", "host", "told"),
    [(1, "0.0.0.0", True), (1, "::", True), (1, "127.0.0.1", False), (1, "::1", False), (0, "0.0.0.0", False)],
)
def test_a_port_that_is_open_beside_the_proxy_is_told_at_the_start(
    settings: Settings, proxies: int, host: str, told: bool, logged: Callable[[], str]
) -> None:
    service = wire_patiently(replace(settings, proxies=proxies, host=host))
    forwarded.look_at_start(service)
    assert ("can name any address" in logged()) is told
    service.close()


def test_the_warning_lasts_as_long_as_its_cause(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for a process that runs for weeks: the alert must not end by itself."""
    service = wire_patiently(replace(settings, proxies=0))
    client = create_app(service).test_client()
    for day in range(3):
        monkeypatch.setattr(forwarded, "time", SimpleNamespace(monotonic=lambda day=day: 86_400.0 * day))
        client.get("/console/sign-in", headers={"X-Forwarded-For": "203.0.113.5"})
        assert forwarded.warning(service.redis)
        service.redis.delete(forwarded.SEEN)  # a day has passed
    service.close()
