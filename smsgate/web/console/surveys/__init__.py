"""Surveys (called flows on the pages) that admins of a group write in the browser.

A survey begins empty, from the library or from a file, YAML or an export of RapidPro. It always has one draft, which
`steps` changes a step at a time and `trial` plays on a simulated phone; nobody is asked by a draft. Publishing makes
a numbered version of a draft that has no errors; people in the middle of the previous version finish it. Any
version can become the draft again. Retiring a survey ends it; its answers stay for the days that it says.

Every form carries the number of the draft that it was opened with, so two admins who edit at once are told of each
other. `answers` counts what was answered, for those whom the group appointed only.

Start with `surveys._render`, the page of one survey.
"""
