"""Dialogues with people on phones: a turn comes in by USSD or SMS, the next screen or text goes out.

It promises that a callback which the provider repeats does nothing twice, that one phone's turns are taken one after
the other, that what a PIN guards is not shown without it, and that a STOP is heard whatever else is broken.

Life of a `PhoneSession` (`sessions.py`, encrypted in Redis, one for USSD and one for SMS each phone):
begun (`ussd.UssdService`, `sms/exchange.begin_as`) by a call or a text that no open one takes;
asking, while `turns.take_reply` moves it from question to question by replaying the flow with the remembered answers;
offered again, where a call was cut off and the phone dials within ten minutes: the first screen is as ever, and its
key 0 goes on (`PhoneSession.interrupted`);
ended (`turns.end`), when nothing is asked any more: its answers are forgotten at once, the rest when it expires, after
10 minutes by USSD, 6 hours by SMS; or at once, when the number is erased, stops, is in doubt or has a new PIN
(`core/open_sessions.py`).

What the service says is in `smsgate/flows`; what it does for a flow's actions in `handlers/`; texts that come in
are handled in `sms/`; missed calls in `missed_calls.py`. Begin reading with `ussd.py`, then `turns.py`.
"""
