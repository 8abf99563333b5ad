"""Notices: broadcasts that leaders, admins or the operator send to a group.

A notice is sent only once its author has confirmed it. One that reaches many people, or is its group's third in a day,
also needs a second approver, unless the operator sends it from the command line (`notices.send`). Each person gets it
once, in their language if it has a version in it. Statistics are counts that never point to a person.

A notice is DRAFT until its author confirms it (`approval`), then ASKED while it waits for a second approver, TIMED
while it waits for its time, and GOING once its texts are being queued, part by part, for the outbox to send. It is
DROPPED if it is declined, stopped before it starts, or not confirmed or approved in time. The scheduler starts notices
that are due and drops those that are too late, whose author no longer leads the group, or whose meeting was cancelled
(`timed`). A notice that is GOING can still be stopped: texts not yet sent are withheld.

Start with `approval.py`, then `notices.py` (queueing and stopping) and `audience.py` (who gets it, at what price).
`summaries.py` has what leaders and members read on the phone, `delivery_stats.py` figures for the console, `replies.py`
what members write back. `outgoing.py` lists and stops what else a group sends to many. `group_closing.py` and
`group_changes.py` close a group and change its settings, with everything that follows from it.
"""
