"""Notices in the console: writing, previewing and sending them, following their delivery, and reading the replies.

A notice is written (`compose` reads its form) and saved as a draft, which only its author sees. The draft's page is
the preview: the words as phones show them, how many people get it and what it costs. Sending may wait for a second
approver, for the chosen time, or for the operator; from then on the page shows counts by delivery status, with small
counts hidden. Stopping a notice withdraws the texts that are still waiting.

The states and their transitions are those of `smsgate.notices.approval`; the pages here add none of their own. All of
them need a role in the group: an admin of the network without one can read neither notices nor replies.

Start with `notices._render`, which renders drafts and sent notices alike, then `replies`.
"""
