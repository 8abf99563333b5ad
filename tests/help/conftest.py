"""Who most tests of help are about."""

from __future__ import annotations

import pytest

from smsgate.models import Group
from tests.support.people import Phone
from tests.support.stories import agrees, joins


@pytest.fixture
def ready(amina: Phone, juma: Phone, fatuma: Phone, group: Group) -> Phone:
    """Amina, with two people who agreed."""
    joins(amina)
    agrees(amina, juma, "Juma")
    agrees(amina, fatuma, "Fatuma")
    return amina
