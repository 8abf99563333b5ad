"""Meetings of a group, single ones and series: planned, changed, reminded of and answered.

Members hear of a change once, in one text however many dates it touches, and only if it concerns them. No reminder
comes in quiet hours or too late to be of use. Nobody ever has to reply.

A meeting is a row with its start in UTC. A leader or an admin plans it, or the scheduler creates it ahead of time from
a series (`occurrences`). Until it begins it can be moved, changed or cancelled, by hand (`change_notices`, `meetings`)
or because its series changed (`series`), and members are told (`news`); a date that a series dropped takes place again
if the series has it again. The scheduler queues its reminders (`reminders`), members reply (`rsvp`), and a leader may
record how many came. A series goes on until someone ends it, its group closes or its rule has no more dates.

Start with `meetings.py` and `change_notices.py`; for series read `series.py`, then `recurrence.py` (the rules),
`occurrences.py` (their dates) and `host_rotation.py`.
"""
