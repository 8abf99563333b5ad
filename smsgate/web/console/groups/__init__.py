"""A group at the console: its overview, its people and roles, its settings and its wording.

An admin of the network sets a group up (`settings`); its own admins change it and close it, which cannot be undone.
`overview` counts, and hides small counts. `members`, `join_requests` and `invitations` are about people: they show
chosen names and never a whole number, and ask `the_group(..., appointed=True)`, so that an admin of the network
without a role in the group sees none of it. `roles` gives and ends roles, `history` shows what leaders did. `wording`
lets admins say any text of the service in the group's own words, checked as it is typed.

Two people who change the same thing are told of each other (`Form.seen`); what was typed stays in the form.

Start with `settings`: its form, its check and its save are the pattern of every page here.
"""
