"""The outbox: every text to be sent is a row here, written in the transaction that decides to send it.

`send_text` queues a text. The commit wakes the lane's workers through RQ, which is only a hint: the database is the
truth, so losing Redis delays texts and loses none. A worker claims what is due with a lease (`claims`), checks once
more that it may still be sent (`eligibility`, `quiet_hours`, `kill_switches`), closes its transaction, calls the
gateway (`calls`, with `credit`) and records the outcome (`recording`).

Life cycle (`MessageStatus`): waiting → sending (claimed by a worker) → sent → delivered or failed, the last step by a
delivery report (`delivery_reports`; forward only). A message can also end as too late (it expired), withdrawn (no
longer eligible, or taken back by its sender) or unknown (nobody can tell whether the gateway took it).

Waiting texts stay true: later news takes back earlier news on the same subject (`superseding`), and texts to one phone
keep their order across quiet hours and retries (`quiet_hours`, `notice_order`). `keys` makes a key for each cause.

Start with `messages.py`, then read `claims.py`.
"""

from smsgate.outbox.messages import (
    OVER,
    Text,
    as_sent,
    count_sms,
    forget_words,
    last_words,
    reword,
    send_text,
    send_texts,
    send_to_audience,
    unqueue,
    withdraw,
)

__all__ = [
    "OVER",
    "Text",
    "as_sent",
    "count_sms",
    "forget_words",
    "last_words",
    "reword",
    "send_text",
    "send_texts",
    "send_to_audience",
    "unqueue",
    "withdraw",
]
