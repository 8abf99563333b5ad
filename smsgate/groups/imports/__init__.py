"""Long files of numbers: workers of the bulk lane read them and, after a leader's preview, invite them, in parts.

READING → COLUMNS (unclear which have the phones) → READING → READ (a leader previews it) → INVITING → DONE; STOPPED by
a leader at any time, FAILED if it cannot be read. Each part is a transaction that starts where the last committed one
ended, so a killed worker loses one part, and two workers never do the same part twice. The scheduler wakes the lane
while a file is in progress. Its contents are sealed, and erased when it is done, after a day at the latest.

Start with `number_imports.py`.
"""
