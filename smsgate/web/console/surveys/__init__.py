"""Surveys (called flows on the pages), which a group's admins write in the browser.

A survey starts empty, from the library, or from a file: YAML or an export from RapidPro. It always has one draft, which
`steps` changes one step at a time and `trial` plays on a simulated phone; members never see a draft. Publishing turns
a draft without errors into a numbered version; people in the middle of the previous version finish that one. Any
version can become the draft again. Retiring a survey ends it; its answers are kept for as many days as it says.

Every form carries the number of the draft that it was opened with, so if two admins edit at once, the second is told.
`answers` shows the counts, only to those with a role in the group.

Start with `surveys._render`, the page of one survey.
"""
