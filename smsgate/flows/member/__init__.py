"""Flows for members, and for people who dial for the first time.

`sign_up` leads a stranger to membership; `groups`, `meetings`, `settings`, `text_hours`, `surveys` and `about` are
menu entries or screens below them. Joining, answering and leaving are always voluntary: nothing is saved before the
caller says yes, no reason is ever asked, and replies and settings may be changed at will.

Two flows come before the menu: `pin_entry` for a member with a PIN, who sees what a stranger sees until the PIN is
typed, and `reassigned_number` for a number that may belong to someone else by now. Each returns the `Caller` who goes
on, or None if the session ends there.

Start with `sign_up.py`, then `groups.py`.
"""
