"""Help: a member's own words, sent at the moment they ask to people who agreed to receive them.

A text about a person is sent only by that person's own act, only to responders who agreed, and never to a number on
the member's do-not-contact list.

A responder is asked, then agrees or declines, and may leave at any time, by saying so or by opting out (`responders`).
The scheduler reminds them of an unanswered invitation once; after a week the member may ask again.

A help request is open from `requests.raise_help` until the member reports that they are fine, is erased, or 24 hours
pass (`endings`); if it is sent again, all its copies stay open. Each responder asked may answer that they are on it,
which holds the remaining steps, or that they cannot help, now or after all (`answers`). While nobody answers, the
scheduler takes the escalation steps that the member chose beforehand (`escalation`; `backup_leader` for the leader
among them); it tells the member within two minutes what could not be sent (`undelivered`). `status` is what the member
sees of all that. `state_tables` has the states and which act changes which, `request_states` the lock order;
`docs/understand/help-requests.md` shows the tables. A practice is a separate case and never delays a real request.
Crisis lines are public data with an expiry date (`crisis_lines`).

Start with `request_states.py` and `requests.py`, then `responders.py` and `plans.py`.
"""
