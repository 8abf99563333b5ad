"""Structured logs: events with ids, never numbers or texts. Whatever slips in is masked."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

NUMBER = re.compile(r"\+\d[\d ]{6,}\d|\d{9,}")  # better to mask one id too many than one number too few
TOKEN = re.compile(r"/hooks/[^/\s]+")
PRIVATE = frozenset({"text", "words", "input", "pin", "number", "name"})
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str = "INFO") -> None:
    """Log JSON lines to standard error, readable ones on a terminal; other libraries' logs take the same path."""
    structlog.configure(
        processors=[*SHARED, masking, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level, logging.INFO)),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info,
                masking, _renderer(),
            ],
        )
    )  # fmt: skip
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.getLevelNamesMapping().get(level, logging.INFO)
    for chatty in ("urllib3", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def configure_command() -> None:
    """Log a command's events to standard error: scripts read what it prints."""
    structlog.configure(
        processors=[*SHARED, structlog.processors.format_exc_info, masking, _renderer()],
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
    )


def _renderer() -> Any:  # noqa: ANN401 - one of structlog's
    """Return what writes an event out; left to itself, the one for terminals shows the variables of a traceback."""
    return structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()


def masking(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop values whose key is private; mask, at any depth, what looks like a number or contains a token."""
    return {key: value if key.startswith("_") else _masked(key, value) for key, value in event.items()}


def _masked(key: object, value: Any) -> Any:  # noqa: ANN401 - anything may be logged
    if key in PRIVATE:
        return "…"
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, dict):
        return {_masked(None, name): _masked(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(None, inner) for inner in value]
    clean = TOKEN.sub("/hooks/…", NUMBER.sub("…", str(value)))
    return value if clean == str(value) and isinstance(value, int) else clean
