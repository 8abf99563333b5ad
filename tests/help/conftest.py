"""Who most tests of help are about."""

from __future__ import annotations

import pytest

from smsgate.models import Group
from tests.support.openings import Play
from tests.support.people import Phone
from tests.support.stories import agrees, joins


@pytest.fixture
def ready(amina: Phone, juma: Phone, fatuma: Phone, group: Group, opening: Play) -> Phone:
    """Amina, with two people who agreed."""

    def begins() -> None:
        joins(amina)
        agrees(amina, juma, "Juma")
        agrees(amina, fatuma, "Fatuma")

    opening(begins, amina, juma, fatuma)
    return amina
