"""Two admins add the same entry to the network's lists at once: it is added once, and neither request fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from smsgate.directory import areas
from smsgate.models import Area, SpokenLanguage
from smsgate.service import Service

pytestmark = pytest.mark.both_databases


def test_the_same_names_at_once_stand_there_once(service: Service) -> None:
    start = Barrier(2)

    def writes(_admin: int) -> None:
        start.wait(30)
        with service.database.transaction() as session:
            county = areas.add_area(session, "Nakuru")
            areas.add_area(session, "Molo", county.id)
            areas.set_languages(session, ["Dholuo", "Gikuyu"])

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(writes, range(2)))
    with service.database.reading() as session:
        assert sorted(session.scalars(select(Area.name))) == ["Molo", "Nakuru"]
        assert sorted(session.scalars(select(SpokenLanguage.name))) == ["Dholuo", "Gikuyu"]
