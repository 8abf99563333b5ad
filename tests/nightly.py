"""What takes too long for every run: the machine of help requests, for 100,000 steps and more (`make nightly`)."""

from __future__ import annotations

import os
import sys

import pytest

STEPS = 100_000

if __name__ == "__main__":
    os.environ["SMSGATE_HELP_STEPS"] = str(STEPS)
    sys.exit(pytest.main(["-q", "-s", "-p", "no:cacheprovider", "tests/help/test_state_machine.py"]))
