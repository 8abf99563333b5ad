"""What is stored of a session: what an earlier release wrote is read, and written again the same."""

from __future__ import annotations

from smsgate.conversations.sessions import PhoneSession
from smsgate.flows.engine import Answer, AnswerSource
from smsgate.flows.steps import InputType

STORED = (
    '{"session":"ATUid_1","caller":{"language":"sw","member":true,"stopped":false,"chosen":false,"leads":false,'
    '"asked_for_help":false,"allow":"","blocked":false,"pin":false,"doubted":false,"by_text":false,"start":"menu",'
    '"flow":0,"code":"","service_code":"*384*77#","wording":0},"id":"0f","heard":3,"heard_mark":"ab12","answers":'
    '[{"name":"menu","value":"people","kept":"said"},{"name":"plan","value":{"sort":false},"kept":"seen"}],'
    '"asked":{"name":"number","choice":false,"sort":"number","longest":160,"pin":false},"pages":[{"text":'
    '"Andika…\\n0 Rudi","options":{"1":"skip"}}],"page":0,"language":"sw","offering":false,"ended":false,'
    '"earlier":"ATUid_0","asked_at":1795.5}'
)


def test_a_stored_session_comes_back_byte_for_byte() -> None:
    phone_session = PhoneSession.loads(STORED)
    assert phone_session.dumps() == STORED
    assert (phone_session.provider_session, phone_session.previous_session) == ("ATUid_1", "ATUid_0")
    assert (phone_session.text_length, phone_session.text_tag) == (3, "ab12")
    assert phone_session.asked is not None
    assert phone_session.asked.input_type is InputType.NUMBER
    assert phone_session.answers[1] == Answer("plan", {"sort": False}, AnswerSource.SEEN)  # a result is left as it is


def test_a_session_that_asks_nothing_comes_back_too() -> None:
    stored = STORED.replace(STORED[STORED.index('"asked":{') : STORED.index(',"pages"')], '"asked":null')
    assert PhoneSession.loads(stored).dumps() == stored
