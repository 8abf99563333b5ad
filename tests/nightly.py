"""`make nightly`: what takes too long for every run, namely 100,000 steps and more of the help request machine."""

from __future__ import annotations

import os
import sys

import pytest

STEPS = 100_000

if __name__ == "__main__":
    os.environ["SMSGATE_HELP_STEPS"] = str(STEPS)
    sys.exit(pytest.main(["-q", "-s", "-p", "no:cacheprovider", "tests/help/test_state_machine.py"]))
