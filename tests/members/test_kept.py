"""Encrypted data: each kind is in one list, with its retention or why it stays, as the page on privacy says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from smsgate.core.config import Settings
from smsgate.core.encryption import Sealed
from smsgate.members import retention
from smsgate.members.kept import HELP_REQUESTS, KEPT, NOTICES, SIGN_INS
from smsgate.models import (
    Base,
    ConsoleSession,
    Group,
    HelpRecipient,
    HelpRequest,
    Member,
    Notice,
    NoticeVersion,
    Pin,
    RoleCode,
    SignInCode,
)
from smsgate.notices import notices
from smsgate.notices.notices import NoticeContent
from smsgate.service import Service
from smsgate.web.console.accounts import login
from tests.support.people import Clock, Phone
from tests.support.stories import agrees, becomes, joins, offers

PAGE = (Path(__file__).parents[2] / "docs" / "understand" / "privacy.md").read_text("utf-8")
ROWS = [line for line in PAGE.partition("## What is kept")[2].partition("\n## ")[0].splitlines() if line[:2] == "| "]
FORGETS = ["replies_days", "keep_days", "keep_words_days"]  # the settings of retention


def sealed_columns() -> dict[str, str]:
    """Return the encrypted columns, by purpose."""
    columns = [column for table in Base.metadata.sorted_tables for column in table.columns]
    return {column.type.purpose: str(column) for column in columns if isinstance(column.type, Sealed)}


def test_each_sealed_column_stands_in_the_list_and_nothing_else() -> None:
    assert set(KEPT) == set(sealed_columns())


@pytest.mark.parametrize("purpose", KEPT)
def test_each_has_its_days_or_a_reason_as_the_page_says(purpose: str) -> None:
    kept = KEPT[purpose]
    assert sum(map(bool, (kept.days, kept.setting, kept.why))) == 1
    if not kept.row:
        return
    (row,) = [row for row in ROWS if row.startswith(f"| {kept.row}")]
    if kept.days:
        assert f"{kept.days.days} day" in row
    elif kept.setting:
        assert kept.setting in FORGETS
        assert "day" in row.rpartition(" | ")[2]
    else:
        assert "erase" in row


def test_the_days_of_texts_are_those_of_the_setting() -> None:
    default = Settings.__dataclass_fields__["keep_words_days"].default
    (row,) = [row for row in ROWS if row.startswith("| texts that went out")]
    assert f"words {default} days" in row


@pytest.mark.both_databases
def test_words_of_a_notice_are_forgotten_and_what_became_of_it_stays(
    service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock
) -> None:
    becomes(amina, service, group)
    joins(juma, "Juma")
    with service.database.transaction() as session:
        content = NoticeContent("Bring a cup", {"sw": "Leta kikombe"})
        notices.send(session, session.get_one(Group, group.id), content, service.now())
    for days, kept in ((NOTICES.days - 1, True), (2, False)):
        clock.time += timedelta(days=days)
        with service.database.transaction() as session:
            retention.forget_old_data(session, service.now(), timedelta(days=7))
        with service.database.reading() as session:
            notice = session.scalars(select(Notice)).one()
            assert bool(notice.words) is kept
            assert (notice.forgotten_at is None) is kept
            assert session.scalar(select(func.count()).select_from(NoticeVersion)) == kept
    amina.dials()
    amina.picks("Lead a group")
    while "Notices sent" not in amina.handset.screen:
        amina.types("98")
    amina.picks("Notices sent")
    amina.types("1")
    amina.picks("Read it")
    amina.sees(f"The words of notices are erased after {NOTICES.days} days.")


@pytest.mark.both_databases
def test_help_requests_are_forgotten_after_their_days(
    service: Service, group: Group, amina: Phone, juma: Phone, time_passes: Callable[..., None], clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    amina.texts("FINE")
    for days, kept in ((HELP_REQUESTS.days - 1, 1), (2, 0)):
        clock.time += timedelta(days=days)
        with service.database.transaction() as session:
            retention.forget_old_data(session, service.now(), timedelta(days=7))
            for table in (HelpRequest, HelpRecipient):
                assert session.scalar(select(func.count()).select_from(table)) == kept
    juma.dials()
    juma.picks("Who chose me")
    juma.sees("Amina")


@pytest.mark.both_databases
def test_codes_that_are_over_are_forgotten_though_nobody_asks_for_another(
    service: Service, group: Group, amina: Phone, clock: Clock
) -> None:
    joins(amina)
    offers(service, group)
    with service.database.transaction() as session:
        member = session.scalars(select(Member)).one()
        session.add(SignInCode(phone_id=member.phone_id, code="123456", browser="x", asked_at=service.now()))
        session.add(Pin(member_id=member.id, first="x", code="y", code_until=service.now() + timedelta(days=1)))
    clock.time += timedelta(days=7)
    with service.database.transaction() as session:
        retention.forget_old_data(session, service.now(), timedelta(days=7))
        for table in (RoleCode, SignInCode):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.scalars(select(Pin)).one().code is None


def test_a_sign_in_is_forgotten_after_its_days_though_nobody_signs_in_again(
    service: Service, group: Group, amina: Phone, clock: Clock
) -> None:
    (row,) = [row for row in ROWS if row.startswith("| a sign-in to the console")]
    assert f"{SIGN_INS.days} days" in row
    joins(amina)
    with service.database.transaction() as session:
        phone = session.scalars(select(Member)).one().phone
        login.start_session(session, phone, "Firefox, Android", service.now(), own_device=True)
    for days, kept in ((SIGN_INS.days - 1, 1), (2, 0)):
        clock.time += timedelta(days=days)
        with service.database.transaction() as session:
            retention.forget_old_data(session, service.now(), timedelta(days=7))
            assert session.scalar(select(func.count()).select_from(ConsoleSession)) == kept
