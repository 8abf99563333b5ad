"""The background processes: RQ workers that drain the lanes, and the scheduler.

One worker process listens to one queue: a lane of the outbox (`urgent`, `normal`, `bulk`) or `inbound`, the texts and
delivery reports that came in. RQ only wakes it. Its job drains the lane: it claims due messages with a lease, closes
the transaction, calls the gateway and records the outcome, until nothing is due. Without Redis a worker drains on its
own every few seconds. The scheduler runs every task that depends on time (reminders, escalation of help requests,
dates of series, retention) and takes back what dead workers had claimed. Workers and schedulers may be killed at any
time, and several of each do no harm: no message is lost, and `outbox.recording` decides whether one that may have been
sent is sent again.

Start with `drain.py` for sending, `scheduler.py` for scheduled work.
"""
