"""The other callbacks: delivery reports, opt-outs, missed calls, ends of sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from smsgate.models import DeliveryReport, Group, Message, MessageStatus
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.people import TOKEN, Phone, work
from tests.support.stories import agrees, joins

HOOKS = f"/hooks/{TOKEN}/africastalking"


def test_who_opts_out_at_the_network_gets_nothing_more(
    amina: Phone, juma: Phone, group: Group, client: FlaskClient, service: Service
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    form = {"senderId": "22384", "phoneNumber": juma.number}
    assert client.post(f"{HOOKS}/optout", data=form).status_code == 200
    assert client.post(f"{HOOKS}/optout", data=form).status_code == 200
    amina.dials(None, "1")
    amina.sees("None of your people can be reached")
    juma.hears_nothing_new()
    amina.dials(None, "4")
    amina.sees("Juma: gets no texts")
    with service.database.reading() as session:
        assert session.scalars(select(PhoneRow).where(PhoneRow.blocked_at.is_not(None))).one().number == juma.number


def test_who_blocks_us_is_told_at_the_next_dial_once_and_can_undo_it(
    amina: Phone, group: Group, client: FlaskClient, service: Service
) -> None:
    joins(amina)
    client.post(f"{HOOKS}/optout", data={"senderId": "22384", "phoneNumber": amina.number})
    amina.dials()
    amina.sees("Your network stops our texts to you", "ask it to allow them", "START", "1 Continue")
    amina.types("1")
    amina.sees("1 Send my help text")
    amina.dials()
    amina.sees("1 Send my help text")
    assert amina.texts("menu") == ""
    assert "on again" in amina.texts("start")
    assert "1 Send my help text" in amina.texts("menu")


def test_a_help_text_goes_to_those_who_can_be_reached(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group, client: FlaskClient
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    agrees(amina, fatuma, "Fatuma")
    client.post(f"{HOOKS}/optout", data={"phoneNumber": juma.number})
    amina.dials(None, "1", "2")
    amina.sees("on its way to 1 person")
    fatuma.hears("Please get in touch with me")
    juma.hears_nothing_new()


@pytest.mark.both_databases
def test_reports_by_the_hundred_end_as_the_last_final_word_said(
    amina: Phone, group: Group, client: FlaskClient, service: Service
) -> None:
    joins(amina)
    for _ in range(3):
        amina.texts("info")
    for text_id in amina.ids:
        for status in ("Submitted", "Sent", "Buffered"):
            assert amina.handset.reports(text_id, status) == 200
        assert amina.handset.reports(text_id, "Success") == 200
        assert amina.handset.reports(text_id, "Failed", "DeliveryFailure") == 200
    for number in range(600):
        assert client.post(f"{HOOKS}/delivery", data={"id": f"ATXid_{number}", "status": "Sent"}).status_code == 200
    work(service)
    with service.database.reading() as session:
        rows = session.execute(select(Message.state, Message.report, Message.reason)).all()
        assert set(rows) == {(MessageStatus.DELIVERED, "Success", None)}
        assert session.scalar(select(func.count()).where(DeliveryReport.looked_at.is_not(None))) == 600


def test_an_opt_out_of_a_number_abroad_writes_nothing(client: FlaskClient, service: Service) -> None:
    assert client.post(f"{HOOKS}/optout", data={"phoneNumber": "+12025550123"}).status_code == 200
    with service.database.reading() as session:
        assert session.scalars(select(PhoneRow)).all() == []


def test_a_call_is_refused_without_charge(client: FlaskClient) -> None:
    reply = client.post(f"{HOOKS}/voice", data={"isActive": "1", "callerNumber": "+254711000001"})
    assert reply.mimetype == "application/xml"
    assert "<Reject/>" in reply.get_data(as_text=True)


def test_reports_of_unknown_texts_and_in_unknown_words_are_kept_and_answered(
    amina: Phone, group: Group, client: FlaskClient, service: Service
) -> None:
    assert client.post(f"{HOOKS}/delivery", data={"id": "ATXid_unknown", "status": "Success"}).status_code == 200
    amina.texts("info")
    amina.reports(amina.ids[-1], "Teleported")
    amina.reports(amina.ids[-1], "Success")
    amina.reports(amina.ids[-1], "Failed", "DeliveryFailure")
    with service.database.reading() as session:
        assert session.scalars(select(DeliveryReport.provider_id)).all() == ["ATXid_unknown"]
        assert session.scalars(select(Message.state)).all() == [MessageStatus.DELIVERED]


def test_a_report_without_an_id_is_refused(client: FlaskClient) -> None:
    for form in ({"status": "Success"}, {"id": "x"}, {"id": "x" * 101, "status": "Success"}, {}):
        assert client.post(f"{HOOKS}/delivery", data=form).status_code == 400


def test_the_end_of_a_session_may_say_anything(client: FlaskClient) -> None:
    for form in ({}, {"status": "Incomplete"}, {"status": "Failed", "errorMessage": "x" * 500, "input": "1*2*3"}):
        assert client.post(f"{HOOKS}/ussd/end", data=form).status_code == 200


def test_a_caller_is_told_kindly_where_the_callback_cannot_be_read(
    client: FlaskClient, logged: Callable[[], str]
) -> None:
    form = {"sessionId": "ATUid_1", "phoneNumber": "+254711000001", "serviceCode": "*384*77#", "text": "1" * 70_000}
    reply = client.post(f"{HOOKS}/ussd", data=form)
    assert reply.status_code == 200
    assert reply.get_data(as_text=True).startswith("END Sorry, please try again")
    assert "ussd_failed" in logged()
