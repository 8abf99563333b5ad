"""The outbox: every text that is to be sent is a row here, written in the transaction that decided it.

`send_text` queues a text; a commit wakes the lane's workers through RQ, which is a hint only: the database is the
truth, so losing Redis delays texts and loses none. A worker claims what is due with a lease (`claims`), looks once
more whether it may still be sent (`eligibility`, `quiet_hours`, `kill_switches`), closes its transaction, calls the
gateway (`dispatch`, with `circuit_breaker`, `rate_limit` and `credit`) and records what it said.

A message is waiting, then sending (claimed), then sent, and a delivery report makes it delivered or failed
(`delivery_reports`: forward only). It ends too late when its time is over, withdrawn when it is no longer eligible or
its sender took it back, and unknown when nobody can tell whether the gateway took it.

Begin with `messages.py`, then `claims.py`.
"""

from smsgate.outbox.messages import Text, send_text, send_texts, send_to_audience, withdraw

__all__ = ["Text", "send_text", "send_texts", "send_to_audience", "withdraw"]
