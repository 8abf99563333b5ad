"""Meetings in the console: a group's calendar, single meetings and series.

`calendar` shows a month and the public addresses of the calendar. `meeting` and `series` change what is planned; a
change that texts members is previewed first, and `confirm_change` makes it once exactly that preview is confirmed.
Facilitators plan, change and cancel single meetings; only admins manage series.

A meeting is planned -> (moved or changed, any number of times) -> held, or cancelled. Once it has begun, only the
attendance count can change, for three days. A series has dates until it is ended; a date that was changed by hand
stays as it is when its series changes.

Start with `meeting`; `recurrence_form` translates between a series' rule and the fields of its form.
"""
