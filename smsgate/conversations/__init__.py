"""Dialogues with people on phones: a turn comes in by USSD or SMS, the next screen or text goes out.

It promises that a repeated callback does nothing twice, that one phone's turns are taken one at a time, that what a PIN
guards is not shown without it, and that a STOP is heard whatever else is broken.

Life of a `PhoneSession` (`sessions.py`, encrypted in Redis, one for USSD and one for SMS each phone):
begun (`ussd.UssdService`, `sms/exchange.begin_as`) by a call, or by a text that no open session takes;
asking, while `turns.take_reply` moves it from question to question by replaying the flow with the remembered answers;
offered again, if the call was cut off and the phone dials within ten minutes: the first screen is as usual, and key 0
continues the call (`PhoneSession.interrupted`);
ended (`turns.end`), when nothing is asked any more: its answers are forgotten at once; or ended from outside, when the
number is erased, opts out, is in doubt or has a new PIN (`core/open_sessions.py`). If none of this happens, it expires
after 10 minutes by USSD, 6 hours by SMS.

What the service says is in `smsgate/flows`; what it does for a flow's actions in `handlers/`; incoming texts are
handled in `sms/`, missed calls in `missed_calls.py`. Begin reading with `ussd.py`, then `turns.py`.
"""
