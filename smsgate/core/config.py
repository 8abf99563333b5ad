"""The settings, read from the environment once; the only reader of `os.environ`.

`make run` needs none: `smsgate run` creates what is missing and saves it in `./var/settings.env`, where the other
commands find it. A setting in the environment always takes precedence over that file.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

VAR = Path("var")
KEPT = "settings.env"
GATEWAYS = ("simulator", "africastalking")


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which one and what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything that an installation can configure."""

    database_url: str
    redis_url: str
    hook_tokens: tuple[str, ...]
    keys: tuple[str, ...]
    gateway: str
    port: int = 8000
    africastalking_username: str = ""
    africastalking_api_key: str = ""
    africastalking_sender: str = ""
    africastalking_url: str = ""
    fallback_username: str = ""
    fallback_api_key: str = ""
    fallback_sender: str = ""
    fallback_url: str = ""
    operator_number: str = ""
    rate: int = 500
    reserve: int = 100
    second_agrees: int = 200
    price: str = ""
    service_code: str = "*384*77#"
    countries: tuple[str, ...] = ("KE",)
    ussd_limit: int = 160
    allow_code: str = ""
    metrics_token: str = ""
    batch: int = 100
    keep_words_days: int = 7
    address: str = ""
    proxies: int = 0  # number of reverse proxies in front of us, each of which adds to X-Forwarded-For
    log_level: str = "INFO"

    @property
    def pages(self) -> str:
        """The address at which browsers find this service."""
        return self.address or f"http://127.0.0.1:{self.port}"

    @property
    def simulated(self) -> bool:
        """True if texts go to the simulated phone and to nobody else."""
        return self.gateway == "simulator"


def environment(folder: Path = VAR) -> dict[str, str]:
    """Returns the process's environment, completed by what `smsgate run` saved in `folder`."""
    return {**_saved(folder), **os.environ}


def is_set_in_environment(name: str) -> bool:
    """True if the process's own environment has the setting, whatever was saved."""
    return bool(os.environ.get(name))


def load(source: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises SettingsError, which names every missing one."""
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
    if not tokens or min(map(len, tokens)) < 16:
        raise SettingsError("SMSGATE_HOOK_TOKENS: each needs at least 16 characters (try 32 random ones).")
    return Settings(
        database_url=env["DATABASE_URL"],
        redis_url=env["REDIS_URL"],
        hook_tokens=tokens,
        keys=_comma_separated(env["SMSGATE_KEYS"]),
        gateway=gateway,
        port=_whole_number(env, "PORT", 8000, 1, 65535),
        africastalking_username=env.get("AFRICASTALKING_USERNAME", ""),
        africastalking_api_key=env.get("AFRICASTALKING_API_KEY", ""),
        africastalking_sender=env.get("AFRICASTALKING_SENDER", ""),
        africastalking_url=env.get("AFRICASTALKING_URL", "").rstrip("/"),
        fallback_username=env.get("AFRICASTALKING_FALLBACK_USERNAME", ""),
        fallback_api_key=env.get("AFRICASTALKING_FALLBACK_API_KEY", ""),
        fallback_sender=env.get("AFRICASTALKING_FALLBACK_SENDER", ""),
        fallback_url=env.get("AFRICASTALKING_FALLBACK_URL", "").rstrip("/"),
        operator_number=env.get("SMSGATE_OPERATOR_NUMBER", "").strip(),
        rate=_whole_number(env, "SMSGATE_RATE", 500, 0, 100_000),
        reserve=_whole_number(env, "SMSGATE_RESERVE", 100, 0, 100_000),
        second_agrees=_whole_number(env, "SMSGATE_SECOND_AGREES", 200, 0, 1_000_000),
        price=_price(env.get("SMSGATE_PRICE", "")),
        service_code=_service_code(env.get("SMSGATE_SERVICE_CODE", "*384*77#")),
        countries=_countries(env.get("SMSGATE_COUNTRIES", "KE")),
        ussd_limit=_whole_number(env, "SMSGATE_USSD_LIMIT", 160, 100, 182),
        allow_code=env.get("SMSGATE_ALLOW_CODE", "").strip()[:20],
        metrics_token=env.get("SMSGATE_METRICS_TOKEN", ""),
        batch=_whole_number(env, "SMSGATE_BATCH", 100, 1, 1000),
        keep_words_days=_whole_number(env, "SMSGATE_KEEP_WORDS_DAYS", 7, 1, 90),
        address=env.get("SMSGATE_ADDRESS", "").strip().rstrip("/"),
        proxies=_whole_number(env, "SMSGATE_PROXIES", 0, 0, 5),
        log_level=env.get("SMSGATE_LOG_LEVEL", "INFO").upper(),
    )


def save_local_settings(folder: Path, made: Mapping[str, str]) -> dict[str, str]:
    """Returns settings for `smsgate run`: the environment, then `made`, what is saved, defaults; saves them."""
    folder.mkdir(parents=True, exist_ok=True)
    defaults = {
        "DATABASE_URL": f"sqlite:///{(folder / 'smsgate.sqlite').resolve()}",
        "SMSGATE_HOOK_TOKENS": secrets.token_urlsafe(24),
        "SMSGATE_KEYS": secrets.token_hex(32),
        "SMSGATE_GATEWAY": "simulator",
        **made,
    }
    chosen = {**defaults, **_saved(folder), **made, **os.environ}
    # Only what was generated is saved: a setting given for one run is not the next run's.
    to_save = {name: {**defaults, **_saved(folder), **made}[name] for name in defaults}
    path = folder / KEPT
    path.touch(mode=0o600)
    path.chmod(0o600)  # also when the file was there already
    path.write_text("".join(f"{name}={value}\n" for name, value in sorted(to_save.items())))
    return chosen


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


def _countries(text: str) -> tuple[str, ...]:
    regions = _comma_separated(text.upper())
    if not regions or any(len(region) != 2 or not region.isalpha() for region in regions):
        raise SettingsError(f"SMSGATE_COUNTRIES is {text!r}; write regions of two letters, like KE,UG.")
    return regions


def _service_code(text: str) -> str:
    if not (text.startswith("*") and text.endswith("#") and text[1:-1].replace("*", "").isdigit()):
        raise SettingsError(f"SMSGATE_SERVICE_CODE is {text!r}; write it as it is dialled, like *384*77#.")
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
