"""Notices at the console: written, previewed, sent, followed to the phones, and what members write back.

A notice is written (`compose` reads its form) and saved as a draft, which only its author sees. The page of the
draft is the preview: the words as phones show them, how many get it, what it costs. Sending it may wait for a second
approver, for the time that was chosen, or for the operator; from then on the page shows counts by delivery status,
and small ones are not told. Stopping it withdraws whatever still waits.

The states and who moves them are those of `smsgate.notices.approval`; the pages here add none of their own. All of
them need a role in the group: an admin of the network without one reads neither notices nor replies.

Start with `notices._render`, which draws a draft and a sent notice alike, then `replies`.
"""
