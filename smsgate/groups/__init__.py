"""Groups: their settings and wording, who is in them, who leads them, and who is invited to join.

A member joins by a group's code or from the directory. Where a group approves newcomers, a join request waits until a
leader decides, the member takes it back, or 14 days pass. Leaving deletes the membership; the consent ledger keeps
both. A group is open until it is closed, for good (`notices.group_closing`).

An operator or a group admin offers a role by a code, its holder accepts within 7 days, and the role lasts a
year: the scheduler asks the leader in the last month whether to renew it. It ends when it expires, when the leader
gives it up or hands it over, or when an admin or operator revokes it. Every use of a role is in the group's audit log.

A leader types numbers to invite; the scheduler checks each once and sends it one text or none, which the leader cannot
tell apart. The number is forgotten after 30 days; a keyed tag of it stays for as long as it keeps another text away.

Start with `groups.py` and `join_requests.py`, then `roles.py`; `invitations.py` and `wording.py` stand alone.
"""
