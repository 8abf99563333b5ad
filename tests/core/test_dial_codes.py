"""Dial codes below the service's own."""

from __future__ import annotations

from smsgate.core.dial_codes import code_below, digits_below


def test_what_is_built_below_a_code_is_read_again() -> None:
    assert code_below("*384*77#", "4521") == "*384*77*4521#"
    assert digits_below("*384*77#", "*384*77*4521#") == "4521"
