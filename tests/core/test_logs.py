"""No log line ever contains a phone number or the words of a text."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from smsgate.core import logs
from smsgate.core.logs import masking


def line(**event: Any) -> str:
    found: MutableMapping[str, Any] = masking(None, "info", event)
    return json.dumps(found)


@pytest.mark.parametrize(
    "said",
    [
        "sent to +254711000001.", "to:+254711000001", "0711000001", "254711000001", "+254 711 000001", "tel0711000001x",
        ["+254711000001"], {"deep": {"er": "+254711000001"}}, 254711000001, ("a", 254711000001),
        ValueError("no route to +254711000001"),
    ],
)  # fmt: skip
def test_a_number_is_masked_wherever_it_stands(said: object) -> None:
    shown = line(event=said, other=said)
    assert "711000" not in shown.replace(" ", "")
    assert "000001" not in shown


@given(st.text(max_size=20), st.integers(10**8, 10**15), st.text(max_size=20))
def test_a_number_is_masked_whatever_stands_around_it(before: str, number: int, after: str) -> None:
    assert str(number) not in line(event=f"{before}+{number}{after}")


@pytest.mark.parametrize("name", ["text", "words", "input", "pin", "number", "name"])
def test_what_is_private_by_name_is_dropped_at_any_depth(name: str) -> None:
    assert "sit with me" not in line(**{name: "sit with me", "form": {name: "sit with me"}})


def test_what_operators_need_stays() -> None:
    shown = line(event="drained", lane="bulk", texts=1200, id=12345678, ratio=0.5, ok=True, at="2026-11-23T02:17:41Z")
    assert json.loads(shown) == {
        "event": "drained", "lane": "bulk", "texts": 1200, "id": 12345678, "ratio": 0.5, "ok": True,
        "at": "2026-11-23T02:17:41Z",
    }  # fmt: skip


SPEAKS = """
import logging, structlog
from smsgate.core import logs
logs.configure("INFO")
structlog.get_logger().info("asked", words="sit with me", to="+254711000001")
logging.getLogger("rq.worker").error("no job for %s", "+254711000001")
try:
    raise ValueError("+254711000001")
except ValueError:
    logging.getLogger("somebody").exception("failed for +254711000001")
    structlog.get_logger().exception("ours")
logging.getLogger("werkzeug").warning("POST /hooks/secret-token-123/africastalking/sms")
"""


def test_everybody_s_records_go_through_the_mask() -> None:
    said = subprocess.run([sys.executable, "-c", SPEAKS], capture_output=True, text=True, check=True).stderr
    lines = [json.loads(one) for one in said.splitlines()]
    assert len(lines) == 5
    assert "711000001" not in said
    assert "sit with me" not in said
    assert "secret-token" not in said
    assert logging.getLevelName(logging.ERROR).lower() in said


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("configure", [logs.configure, logs.configure_command])
def test_a_traceback_on_a_terminal_shows_no_values(
    configure: Callable[[], None], logged: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may be numbers, texts or keys."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    configure()
    words = " ".join(["sit", "with", "me"])  # the source lines of a traceback may be shown
    try:
        raise ValueError(f"no route to +25471{1:07}")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError" in terminal.getvalue()
    assert not [one for one in (words, "10000001") if one in terminal.getvalue()]
