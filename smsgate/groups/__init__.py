"""Groups: their settings and wording, their members, their leaders, and invitations to join them.

A member joins with a group's code or from the directory. If the group approves newcomers, a join request waits until a
leader decides, the member withdraws it, or 14 days pass. Leaving deletes the membership; the consent ledger records
both joining and leaving. A group stays open until it is closed for good (`notices.group_closing`).

A network admin, group admin or operator offers a role by a code, which someone accepts within 7 days. The role lasts a
year; in its last month the scheduler asks the leader whether to renew it. It ends when it expires, when the leader
gives it up or hands it over, or when an admin or operator revokes it. Every use of a role is in the group's audit log.

A leader enters numbers to invite; the scheduler checks each once and sends it one text or none, and the leader cannot
tell which. The number is erased after 30 days; a keyed tag of it stays for as long as it prevents another text.

Start with `groups.py` and `join_requests.py`, then `roles.py`; `invitations.py` and `wording.py` can be read alone.
"""
