"""Long files of numbers: read, looked at by a leader, and invited, a part at a time, by the workers of the bulk lane.

READING → COLUMNS (unclear which have the phones) → READING → READ (a leader looks at it) → INVITING → DONE; STOPPED
by a leader at any time, FAILED where it cannot be read. Each part is a transaction that begins where the last one that
was committed ended, so a killed worker loses one part, and two workers do none twice. The scheduler wakes the lane as
long as a file is in hand. What stood in the file is sealed, and erased when it is over, within a day at the latest.

Start with `number_imports.py`.
"""
