"""Settings: which values each accepts and refuses, and which source wins."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from smsgate import service
from smsgate.core import config
from smsgate.core.config import SettingsError
from tests.support.stores import KEY

GOOD = {
    "DATABASE_URL": "sqlite:///x", "REDIS_URL": "redis://x", "SMSGATE_HOOK_TOKENS": "t" * 16,
    "SMSGATE_KEYS": KEY, "SMSGATE_GATEWAY": "simulator",
}  # fmt: skip


def test_little_is_needed() -> None:
    settings = config.load(GOOD)
    assert (settings.port, settings.ussd_limit, settings.countries) == (8000, 160, ("KE",))
    assert settings.service_code == "*384*77#"
    assert settings.simulated


def test_no_secret_shows_where_settings_are_printed() -> None:
    key, other = "0123456789abcdef" * 4, "fedcba9876543210" * 4
    secrets = {
        "DATABASE_URL": "postgresql://smsgate:secret-one@x/y", "REDIS_URL": "redis://:secret-two@x",
        "SMSGATE_HOOK_TOKENS": "secret-three-0123", "SMSGATE_KEYS": key, "SMSGATE_BACKUP_KEY": other,
        "AFRICASTALKING_API_KEY": "secret-four", "AFRICASTALKING_FALLBACK_USERNAME": "x",
        "AFRICASTALKING_FALLBACK_API_KEY": "secret-five",
        "SMSGATE_METRICS_TOKEN": "secret-six-0123456789", "SMSGATE_OPERATOR_NUMBER": "+254711000009",
    }  # fmt: skip
    shown = repr(config.load({**GOOD, **secrets}))
    assert "simulator" in shown
    assert not [one for one in ("secret", key, other, "711000009") if one in shown]


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("PORT", "65535", "port", 65535),
        ("SMSGATE_HOOK_TOKENS", f" {'a' * 16} ,, {'b' * 20}", "hook_tokens", ("a" * 16, "b" * 20)),
        ("SMSGATE_KEYS", f"{KEY}, {KEY}", "keys", (KEY, KEY)),
        ("SMSGATE_COUNTRIES", "ke, ug", "countries", ("KE", "UG")),
        ("SMSGATE_USSD_LIMIT", "182", "ussd_limit", 182),
        ("SMSGATE_SERVICE_CODE", "*123#", "service_code", "*123#"),
        ("SMSGATE_BATCH", "1", "batch", 1),
        ("SMSGATE_KEEP_WORDS_DAYS", "90", "keep_words_days", 90),
        ("SMSGATE_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("SMSGATE_ADDRESS", "https://peers.example/", "address", "https://peers.example"),
        ("SMSGATE_METRICS_TOKEN", "m", "metrics_token", "m"),
        ("AFRICASTALKING_URL", "https://proxy/", "africastalking_url", "https://proxy"),
        ("AFRICASTALKING_FALLBACK_URL", "https://proxy/", "fallback_url", "https://proxy"),
        ("AFRICASTALKING_FALLBACK_SENDER", "PEERS2", "fallback_sender", "PEERS2"),
        ("SMSGATE_RATE", "0", "rate", 0),
        ("SMSGATE_RESERVE", "1000", "reserve", 1000),
        ("SMSGATE_OPERATOR_NUMBER", " 0711000001 ", "operator_number", "0711000001"),
        ("SMSGATE_SECOND_AGREES", "0", "second_agrees", 0),
        ("SMSGATE_PRICE", " KES  0.80 ", "price", "KES 0.80"),
        ("PORT", "", "port", 8000),
    ],
)
def test_what_a_setting_may_be(name: str, value: str, field: str, read: object) -> None:
    assert getattr(config.load({**GOOD, name: value}), field) == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMSGATE_PRICE", "0.80"), ("SMSGATE_PRICE", "KES"), ("SMSGATE_PRICE", "KES -1"),
        ("SMSGATE_SECOND_AGREES", "-1"),
        ("PORT", "0"), ("PORT", "65536"), ("PORT", "http"), ("PORT", "-1"), ("PORT", "80.5"),
        ("SMSGATE_HOOK_TOKENS", "short"), ("SMSGATE_HOOK_TOKENS", f"{'t' * 16},short"), ("SMSGATE_HOOK_TOKENS", ","),
        ("SMSGATE_COUNTRIES", "Kenya"), ("SMSGATE_COUNTRIES", ","), ("SMSGATE_COUNTRIES", "K1"),
        ("SMSGATE_USSD_LIMIT", "99"), ("SMSGATE_USSD_LIMIT", "183"), ("SMSGATE_BATCH", "0"),
        ("SMSGATE_SERVICE_CODE", "384"), ("SMSGATE_SERVICE_CODE", "*#"), ("SMSGATE_SERVICE_CODE", "*ab#"),
        ("SMSGATE_KEEP_WORDS_DAYS", "0"), ("SMSGATE_KEEP_WORDS_DAYS", "91"),
        ("SMSGATE_RATE", "fast"), ("SMSGATE_RESERVE", "-1"), ("AFRICASTALKING_FALLBACK_USERNAME", "x"),
        ("AFRICASTALKING_FALLBACK_API_KEY", "x"), ("SMSGATE_GATEWAY", "pigeon"), ("SMSGATE_GATEWAY", "Simulator"),
    ],
)  # fmt: skip
def test_what_a_setting_may_not_be(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        config.load({**GOOD, name: value})


def test_the_provider_needs_its_credentials() -> None:
    with pytest.raises(SettingsError, match="AFRICASTALKING_USERNAME and AFRICASTALKING_API_KEY"):
        config.load({**GOOD, "SMSGATE_GATEWAY": "africastalking"})


def test_what_is_kept_is_private_stays_and_gives_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GOOD:
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "settings.env"
    file.touch(mode=0o644)
    first = config.save_local_settings(tmp_path, {"REDIS_URL": "redis://made"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert config.save_local_settings(tmp_path, {"REDIS_URL": "redis://made"}) == first
    monkeypatch.setenv("SMSGATE_KEYS", KEY)
    assert config.save_local_settings(tmp_path, {})["SMSGATE_KEYS"] == KEY
    assert config.environment(tmp_path)["SMSGATE_KEYS"] == KEY
    assert KEY not in file.read_text()
    monkeypatch.delenv("SMSGATE_KEYS")
    assert config.environment(tmp_path)["SMSGATE_KEYS"] == first["SMSGATE_KEYS"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"database_url": "postgres"},
        {"database_url": "mysql3://x/y"},
        {"redis_url": "localhost:6379"},
    ],
)
def test_an_address_that_cannot_be_one_is_said_in_a_sentence(wrong: dict[str, Any]) -> None:
    good = {"database_url": "sqlite:///x", "redis_url": "redis://localhost", "gateway": "simulator"}
    with pytest.raises(config.SettingsError, match="is no address"):
        service.wire(config.Settings(hook_tokens=("t" * 16,), keys=("00" * 32,), **{**good, **wrong}))


@pytest.mark.parametrize(
    ("given", "host"),
    [("", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("::1", "::1"), ("[::]", "::"), ("localhost", "localhost")],
)
def test_it_listens_where_it_is_told_and_else_on_loopback(given: str, host: str) -> None:
    assert config.load({**GOOD, "HOST": given}).host == host


@pytest.mark.parametrize("given", ["example.org", "127.0.0.1:80", "0.0.0.0/0", "1"])
def test_where_it_listens_is_an_address(given: str) -> None:
    with pytest.raises(config.SettingsError, match="HOST"):
        config.load({**GOOD, "HOST": given})
