"""The settings, read from the environment once; the only reader of `os.environ`.

`make run` needs none: `smsgate run` creates what is missing and saves it in `./var/settings.env`, where the other
commands find it. A setting in the environment always takes precedence over that file.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from phonenumbers import SUPPORTED_REGIONS
from sqlalchemy.engine import URL

VAR = Path("var")
KEPT = "settings.env"
OWNER_ONLY = 0o077  # every process's umask: only the owner may read its files
GATEWAYS = ("simulator", "africastalking")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which one and what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything that an installation can configure. Secrets don't show in its `repr`."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    hook_tokens: tuple[str, ...] = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)
    gateway: str
    port: int = 8000
    host: str = "127.0.0.1"  # only a proxy on this machine can reach it
    africastalking_username: str = ""
    africastalking_api_key: str = field(default="", repr=False)
    africastalking_sender: str = ""
    africastalking_url: str = ""
    fallback_username: str = ""
    fallback_api_key: str = field(default="", repr=False)
    fallback_sender: str = ""
    fallback_url: str = ""
    operator_number: str = field(default="", repr=False)
    rate: int = 500
    hook_networks: tuple[str, ...] = ()  # the provider's, if only these may post
    hook_rate: int = 2000  # callbacks a second with one token, in each process; 0: no limit
    strangers: int = 2000  # SMS an hour that people known for less than a day may cause in total
    reserve: int = 100
    second_agrees: int = 200
    price: str = ""
    service_code: str = "*384*77#"
    countries: tuple[str, ...] = ("KE",)
    ussd_limit: int = 160
    ussd_text: str = "all"  # what the operator sends in each turn: all that was typed, or the last input
    allow_code: str = ""
    metrics_token: str = field(default="", repr=False)
    batch: int = 100
    keep_words_days: int = 7
    address: str = ""
    proxies: int = 0  # number of reverse proxies in front of us, each of which adds to X-Forwarded-For
    log_level: str = "INFO"
    web_processes: int = 2
    backup_key: str = field(default="", repr=False)

    @property
    def pages(self) -> str:
        """The address at which browsers find this service."""
        return self.address or f"http://127.0.0.1:{self.port}"

    @property
    def simulated(self) -> bool:
        """True if texts go to the simulated phone and to nobody else."""
        return self.gateway == "simulator"


def environment(folder: Path = VAR) -> dict[str, str]:
    """Return the process's environment, completed by what `smsgate run` saved in `folder`."""
    return {**_saved(folder), **os.environ}


def is_set_in_environment(name: str) -> bool:
    """True if the process's own environment has the setting, whatever was saved."""
    return bool(os.environ.get(name))


def is_debugging() -> bool:
    """True if the environment sets the log level DEBUG."""
    return os.environ.get("SMSGATE_LOG_LEVEL", "").upper() == "DEBUG"


def load(source: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises SettingsError, which names every missing one."""
    env = environment() if source is None else source
    needed = ("DATABASE_URL", "REDIS_URL", "SMSGATE_HOOK_TOKENS", "SMSGATE_KEYS", "SMSGATE_GATEWAY")
    missing = [name for name in needed if not env.get(name)]
    if missing:
        raise SettingsError(
            f"These settings are missing: {', '.join(missing)}. Set them, or let `smsgate run` make them."
        )
    return _validated(env)


def _validated(env: Mapping[str, str]) -> Settings:
    gateway = env["SMSGATE_GATEWAY"]
    if gateway not in GATEWAYS:
        raise SettingsError(f"SMSGATE_GATEWAY is {gateway!r}; it may be {' or '.join(GATEWAYS)}.")
    if gateway == "africastalking":
        _require(env, ("AFRICASTALKING_USERNAME", "AFRICASTALKING_API_KEY"))
    _both_or_neither(env, "AFRICASTALKING_FALLBACK_USERNAME", "AFRICASTALKING_FALLBACK_API_KEY")
    tokens = _comma_separated(env["SMSGATE_HOOK_TOKENS"])
    if not tokens or not all(re.fullmatch(r"[\w.~-]{16,}", token, re.ASCII) for token in tokens):
        raise SettingsError("SMSGATE_HOOK_TOKENS: each needs at least 16 letters and digits (try 32 random ones).")
    return Settings(
        database_url=env["DATABASE_URL"],
        redis_url=env["REDIS_URL"],
        hook_tokens=tokens,
        keys=_comma_separated(env["SMSGATE_KEYS"]),
        gateway=gateway,
        port=_port(env),
        host=_host(env.get("HOST", "")),
        africastalking_username=env.get("AFRICASTALKING_USERNAME", ""),
        africastalking_api_key=env.get("AFRICASTALKING_API_KEY", ""),
        africastalking_sender=env.get("AFRICASTALKING_SENDER", ""),
        africastalking_url=_address(env, "AFRICASTALKING_URL"),
        fallback_username=env.get("AFRICASTALKING_FALLBACK_USERNAME", ""),
        fallback_api_key=env.get("AFRICASTALKING_FALLBACK_API_KEY", ""),
        fallback_sender=env.get("AFRICASTALKING_FALLBACK_SENDER", ""),
        fallback_url=_address(env, "AFRICASTALKING_FALLBACK_URL"),
        operator_number=env.get("SMSGATE_OPERATOR_NUMBER", "").strip(),
        rate=_whole_number(env, "SMSGATE_RATE", 500, 0, 100_000),
        strangers=_whole_number(env, "SMSGATE_STRANGERS", 2000, 10, 1_000_000),
        hook_networks=_networks(env.get("SMSGATE_HOOK_NETWORKS", "")),
        hook_rate=_whole_number(env, "SMSGATE_HOOK_RATE", 2000, 0, 100_000),
        reserve=_whole_number(env, "SMSGATE_RESERVE", 100, 0, 100_000),
        second_agrees=_whole_number(env, "SMSGATE_SECOND_AGREES", 200, 0, 1_000_000),
        price=_price(env.get("SMSGATE_PRICE", "")),
        service_code=_service_code(env.get("SMSGATE_SERVICE_CODE", "*384*77#")),
        countries=_countries(env.get("SMSGATE_COUNTRIES", "KE")),
        ussd_limit=_whole_number(env, "SMSGATE_USSD_LIMIT", 160, 100, 182),
        ussd_text=_one_of(env, "SMSGATE_USSD_TEXT", ("all", "last")),
        allow_code=_short(env, "SMSGATE_ALLOW_CODE", 20),
        metrics_token=env.get("SMSGATE_METRICS_TOKEN", ""),
        batch=_whole_number(env, "SMSGATE_BATCH", 100, 1, 1000),
        keep_words_days=_whole_number(env, "SMSGATE_KEEP_WORDS_DAYS", 7, 1, 90),
        address=_address(env, "SMSGATE_ADDRESS"),
        proxies=_whole_number(env, "SMSGATE_PROXIES", 0, 0, 5),
        log_level=_log_level(env.get("SMSGATE_LOG_LEVEL") or "INFO"),
        web_processes=_whole_number(env, "WEB_CONCURRENCY", 2, 1, 64),
        backup_key=env.get("SMSGATE_BACKUP_KEY", "").strip(),
    )


def save_local_settings(folder: Path, made: Mapping[str, str]) -> dict[str, str]:
    """Return the settings for `smsgate run`, and save them: the environment's, else `made`, else saved or default."""
    folder.mkdir(parents=True, exist_ok=True)
    defaults = {
        "DATABASE_URL": URL.create("sqlite", database=f"{folder.resolve()}/smsgate.sqlite").render_as_string(),
        "SMSGATE_HOOK_TOKENS": secrets.token_urlsafe(24),
        "SMSGATE_KEYS": secrets.token_hex(32),
        "SMSGATE_BACKUP_KEY": secrets.token_hex(32),
        "SMSGATE_GATEWAY": "simulator",
        **made,
    }
    chosen = {**defaults, **_saved(folder), **made, **os.environ}
    # Only what was generated is saved: a setting given for one run must not carry over to the next.
    to_save = {name: {**defaults, **_saved(folder), **made}[name] for name in defaults}
    path = folder / KEPT
    path.touch(mode=0o600)
    path.chmod(0o600)  # even if the file already existed
    path.write_text("".join(f"{name}={value}\n" for name, value in sorted(to_save.items())))
    return chosen


def saved(folder: Path, name: str) -> str:
    """Return what `smsgate run` saved in `folder` under this name; "" if nothing."""
    return _saved(folder).get(name, "")


def port() -> int:
    """Return the port that the environment sets. Raises SettingsError."""
    return _port(environment())


def _port(env: Mapping[str, str]) -> int:
    return _whole_number(env, "PORT", 8000, 1, 65535)


def _saved(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / KEPT).read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _require(env: Mapping[str, str], names: Iterable[str]) -> None:
    missing = [name for name in names if not env.get(name)]
    if missing:
        raise SettingsError(f"SMSGATE_GATEWAY=africastalking needs {' and '.join(missing)}.")


def _both_or_neither(env: Mapping[str, str], first: str, second: str) -> None:
    if bool(env.get(first)) is not bool(env.get(second)):
        raise SettingsError(f"{first} and {second} go together: set both, or neither.")


def _comma_separated(text: str) -> tuple[str, ...]:
    return tuple(part for part in (piece.strip() for piece in text.split(",")) if part)


def _networks(text: str) -> tuple[str, ...]:
    networks = _comma_separated(text)
    try:
        return tuple(str(ipaddress.ip_network(network)) for network in networks)
    except ValueError:
        raise SettingsError(f"SMSGATE_HOOK_NETWORKS is {text!r}; write networks like 203.0.113.0/24.") from None


def _countries(text: str) -> tuple[str, ...]:
    regions = _comma_separated(text.upper())
    unknown = [region for region in regions if region not in SUPPORTED_REGIONS]
    if unknown or not regions:
        raise SettingsError(f"SMSGATE_COUNTRIES is {text!r}; write countries of two letters, like KE,UG.")
    return regions


def _host(text: str) -> str:
    text = text.strip().strip("[]") or "127.0.0.1"
    if text != "localhost":
        try:
            ip_address(text)
        except ValueError:
            raise SettingsError(f"HOST is {text!r}; it is an address of this machine, like 127.0.0.1.") from None
    return text


def _service_code(text: str) -> str:
    if not re.fullmatch(r"(\*[0-9]+)+#", text):
        raise SettingsError(f"SMSGATE_SERVICE_CODE is {text!r}; write it as it is dialled, like *384*77#.")
    return text


def _one_of(env: Mapping[str, str], name: str, values: Sequence[str]) -> str:
    text = (env.get(name) or values[0]).strip().lower()
    if text not in values:
        raise SettingsError(f"{name} is {text!r}; it may be {' or '.join(values)}.")
    return text


def _log_level(text: str) -> str:
    if text.upper() not in LOG_LEVELS:
        raise SettingsError(f"SMSGATE_LOG_LEVEL is {text!r}; it may be {', '.join(LOG_LEVELS)}.")
    return text.upper()


def _address(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "").strip().rstrip("/")
    if text and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise SettingsError(f"{name} is {text!r}; write an address, like https://sms.example.org.")
    return text


def _short(env: Mapping[str, str], name: str, most: int) -> str:
    text = env.get(name, "").strip()
    if len(text) > most:
        raise SettingsError(f"{name} is {text!r}; it holds at most {most} characters.")
    return text


def _price(text: str) -> str:
    text = " ".join(text.split())
    if text and not re.fullmatch(r"[A-Z]{3} [0-9]{1,6}(\.[0-9]{1,4})?", text):
        raise SettingsError(f"SMSGATE_PRICE is {text!r}; write what one SMS costs, like KES 0.80.")
    return text


def _whole_number(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SettingsError(f"{name} is {text!r}; it is a whole number from {least} to {most}.")
    return int(text)
