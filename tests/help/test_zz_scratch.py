from __future__ import annotations
from collections.abc import Callable
import pytest
from sqlalchemy import select
from smsgate.models import Group, Meeting, Responder, Reply, HelpRequest
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import agrees, chooses, copies, joins, plans

Passes = Callable[..., None]

@pytest.mark.parametrize("words", ["👍", "haya asante"])
def test_1_ack_after_no_to_help(words, ready, juma, fatuma):
    ready.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    print(juma.texts("2"))
    ready.hears("can't help")
    print(words, "->", juma.texts(words))
    print("member:", ready.reads()[-2:])
    assert not any("is helping" in t for t in ready.reads())

@pytest.mark.parametrize("words", ["ok", "Sawa", "👍", "ok thanks"])
@pytest.mark.parametrize("first", ["2", "LEAVE"])
def test_2_ack_after_no_to_invitation(first, words, amina, juma, group, service):
    joins(amina)
    if first == "LEAVE":
        agrees(amina, juma, "Juma")
    else:
        chooses(amina, juma, "Juma")
    juma.reads()
    print(juma.texts(first))
    print(words, "->", juma.texts(words))
    with service.database.reading() as session:
        assert session.scalars(select(Responder.agreed)).one().value != "yes"

@pytest.mark.parametrize("words", ["ok", "Sawa", "👍", "ok thanks"])
def test_4_ack_after_rsvp(words, amina, group, meeting, service, time_passes):
    joins(amina)
    time_passes(hours=29)
    amina.hears("Coming?")
    print(amina.texts("2"))
    print(words, "->", amina.texts(words))
    with service.database.reading() as session:
        assert session.scalars(select(Reply.coming)).one().value == "no"

def test_6_ring_in_pause(ready, juma, time_passes):
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    plans(ready, "Ways to send", "missed call")
    print(ready.handset.screen)

def test_7_status_after_take_back(ready, juma, fatuma, time_passes):
    plans(ready, "If nobody answers", "Send again", "5 minutes", "Nothing more")
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    ready.dials(None, "1", "2")
    time_passes(minutes=3)
    juma.hears("Reply 1 if you can help")
    juma.texts("1")
    ready.dials(None, "1")
    print(ready.handset.screen)
    ready.picks("Send it again", "Yes, send it now")
    print(ready.handset.screen)
    ready.picks("Cancel it")
    print(ready.handset.screen)
    ready.dials(None, "1")
    print(ready.handset.screen)
    assert "once more" not in ready.handset.screen

def test_41_news_question(ready, juma, fatuma, otieno, group, time_passes):
    joins(otieno, "Otieno")
    ready.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help"); fatuma.hears("Reply 1 if")
    fatuma.texts("1")
    juma.hears("somebody is helping")
    time_passes(minutes=20)
    chooses(otieno, juma, "Juma")
    juma.hears("may they text you")
    time_passes(minutes=2)
    fatuma.texts("2")
    print(juma.hears("nobody is helping after all"))
    print(juma.texts("1"))
    assert any("Juma is helping" in t for t in ready.reads())
