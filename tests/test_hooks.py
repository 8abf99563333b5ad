"""The other callbacks: delivery reports, opt-outs, calls, ends of sessions."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select

from smsgate.models import Group, Message, State, StrayReport
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.people import TOKEN, Phone
from tests.test_story import agrees, joins

HOOKS = f"/hooks/{TOKEN}/africastalking"


def test_who_opts_out_at_the_network_gets_nothing_more(
    amina: Phone, juma: Phone, group: Group, client: FlaskClient, service: Service
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    form = {"senderId": "22384", "phoneNumber": juma.number}
    assert client.post(f"{HOOKS}/optout", data=form).status_code == 200
    assert client.post(f"{HOOKS}/optout", data=form).status_code == 200
    amina.dials(None, "1", "2")
    juma.hears_nothing_new()
    amina.dials(None, "1")
    amina.sees("Asked 1, sent 0", "Not sent: 1")
    with service.database.reading() as session:
        assert session.scalars(select(PhoneRow).where(PhoneRow.blocked_at.is_not(None))).one().number == juma.number


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
    assert amina.handset.reports(amina.ids[-1], "Teleported") == 200
    assert amina.handset.reports(amina.ids[-1], "Success") == 200
    assert amina.handset.reports(amina.ids[-1], "Failed", "DeliveryFailure") == 200
    with service.database.reading() as session:
        assert session.scalars(select(StrayReport.provider_id)).all() == ["ATXid_unknown"]
        assert session.scalars(select(Message.state)).all() == [State.DELIVERED]


def test_a_report_without_an_id_is_refused(client: FlaskClient) -> None:
    for form in ({"status": "Success"}, {"id": "x"}, {"id": "x" * 101, "status": "Success"}, {}):
        assert client.post(f"{HOOKS}/delivery", data=form).status_code == 400


def test_the_end_of_a_session_may_say_anything(client: FlaskClient) -> None:
    for form in ({}, {"status": "Incomplete"}, {"status": "Failed", "errorMessage": "x" * 500, "input": "1*2*3"}):
        assert client.post(f"{HOOKS}/ussd/end", data=form).status_code == 200
