"""Flows for leaders, that is for anyone with a role in a group.

`leading` is the entry: the caller chooses a group and what to do there. From there `notices` writes a notice, shows
the status of those sent and approves those of others, `notice_replies` reads and answers what members write back,
`attendance` shows who is coming and records how many came, and `join_requests` lets people in. Group admins also give
and end roles and read the audit log (`leading`) and set the group's reminder times (`attendance`).

The role may end while the caller is reading, so the actions check it again when they are performed. Small counts are
blurred, so that they identify nobody.

Start with `leading.py`, then `notices.py`.
"""
