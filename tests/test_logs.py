"""Logs: no number and no word of anybody, whoever writes them and however."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from smsgate.service import Service

Logged = Callable[[], str]
NUMBERS = (
    "+254711000001", "254711000001", "0711000001", "tel:254711000001", "254711000001.", "<+254711000001>",
    "%2B254711000001",
    "+254 711 000001", "from=254711000001&to=1", "'+254711000001',", "sip:254711000001@host", "-254711000001",
)  # fmt: skip
HARMLESS = (
    "2026-11-23T06:00:00.123456Z", "0.123456789", "a1b2c3d4e5f6123456789012", "1764000000.25", "took 12345678 ms",
    "ATXid_123456789012",
)  # fmt: skip


def events(said: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_masked_wherever_it_stands(logged: Logged, number: str) -> None:
    log = structlog.get_logger()
    log.info("event", where=number)
    log.info(f"said {number} there")
    log.info("event", form={"deep": [number]}, why=ValueError(number))
    logging.getLogger("library").warning("about %s", number)
    logging.getLogger("library").warning("about %(a)s", {"a": number})
    assert len(events(logged())) == 5
    assert "11000001" not in logged()
    assert "711 000001" not in logged()


@pytest.mark.parametrize("harmless", HARMLESS)
def test_times_and_ids_can_be_read(logged: Logged, harmless: str) -> None:
    structlog.get_logger().info("event", where=harmless)
    assert events(logged())[0]["where"] == harmless


def test_what_is_private_is_dropped_by_its_name(logged: Logged) -> None:
    private = {
        "text": "umbrella",
        "words": "umbrella",
        "name": "Amina",
        "pin": "1234",
        "number": "x",
        "input": "umbrella",
    }
    structlog.get_logger().info("event", lane="urgent", **private, form=private)
    assert "umbrella" not in logged()
    assert "Amina" not in logged()
    assert "1234" not in logged()
    assert events(logged())[0]["lane"] == "urgent"


def test_a_token_in_an_address_is_masked(logged: Logged) -> None:
    structlog.get_logger().info("event", path="/hooks/secret-token-12345/africastalking/ussd")
    logging.getLogger("gunicorn.error").error("Error handling request /hooks/secret-token-12345/africastalking/sms")
    assert "secret" not in logged()
    assert logged().count("/hooks/…" if "…" in logged() else "/hooks/\\u2026") == 2


def test_a_traceback_shows_where_and_not_who(logged: Logged) -> None:
    try:
        raise ValueError("no such number: +254711000001")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("library").exception("failed")
    assert logged().count("Traceback") == 2
    assert "11000001" not in logged()


def test_an_error_of_the_database_hides_what_was_written(logged: Logged, service: Service) -> None:
    try:
        with service.database.transaction() as session:
            session.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": "blue umbrella"})
    except SQLAlchemyError:
        structlog.get_logger().exception("failed")
    assert "nowhere" in logged()
    assert "umbrella" not in str(events(logged())[-1]["exception"]).replace(
        '{"words": "blue umbrella"}', ""
    )  # its source line


def test_the_level_is_kept(logged: Logged) -> None:
    structlog.get_logger().debug("quiet")
    logging.getLogger("library").debug("quiet")
    logging.getLogger("urllib3").info("quiet")
    assert logged() == ""
