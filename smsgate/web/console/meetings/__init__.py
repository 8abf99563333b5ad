"""Meetings at the console: the calendar of a group, one meeting, a series.

`calendar` shows a month and the public addresses of the calendar. `meeting` and `series` change what is planned:
whatever texts members is previewed first, and made by `confirm_change` once exactly that is confirmed. A facilitator
plans, changes and cancels single meetings; series are for admins.

A meeting is planned -> (moved or changed, any number of times) -> held, or cancelled; after it began nothing of it
changes but the count of who came, for three days. A series has dates until it is ended; a date that was changed by
hand stays as it is when its series changes.

Start with `meeting`; `recurrence_form` translates between the rule of a series and the fields of its form.
"""
