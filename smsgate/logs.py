"""Logs as events with ids. No number and no text ever stands in one: what slips in is masked."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

# +254711000001, +254 711 000001, %2B254711000001, 0711000001; no part of a longer id, of a decimal or of a time.
NUMBER = re.compile(r"\+\d[\d -]{7,18}\d|%2B\d{9,15}|(?<!\w)(?<!\d\.)\d{9,15}(?!\w|\.\d)", re.IGNORECASE)
TOKEN = re.compile(r"/hooks/[^/\s]+")
PRIVATE = frozenset({"text", "words", "input", "pin", "number", "name"})


def configure(level: str = "INFO") -> None:
    """JSON lines to standard error, readable ones where that is a terminal; other libraries' logs go the same way."""
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, masking, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level, logging.INFO)),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info,
                masking, renderer,
            ],
        )
    )  # fmt: skip
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.getLevelNamesMapping().get(level, logging.INFO)
    for chatty in ("urllib3", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def masking(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what is private by its name, mask what looks like a number or carries a token."""
    for key, value in list(event.items()):
        if not key.startswith("_") and key != "exc_info":
            event[key] = _masked(key, value)
    return event


def _masked(key: str, value: Any) -> Any:  # noqa: ANN401 - whatever was logged
    if key in PRIVATE:
        return "…"
    if isinstance(value, Mapping):
        return {name: _masked(str(name), one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked("", one) for one in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return "…" if NUMBER.fullmatch(str(value)) else value
    return TOKEN.sub("/hooks/…", NUMBER.sub("…", value if isinstance(value, str) else repr(value)))
