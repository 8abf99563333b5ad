"""A group in the console: its overview, people, roles, settings and wording.

An admin of the network creates a group (`new_group`); its own admins change it (`settings`) and close it (`closing`).
`overview` shows counts, and hides small ones. `members`, `join_requests` and `invitations` are about people: they show
chosen names but never a full number, and call `the_group(..., appointed=True)`, so that an admin of the network without
a role in the group sees nothing of them. `roles` gives and ends roles; `history` shows what leaders did. In `wording`
admins put any text of the service into the group's own words, which are checked as they type.

If two people change the same thing, the second is told (`Form.seen`), and what they typed stays in the form.

Start with `settings`: every page here follows the pattern of its form, check and save.
"""
