"""Backing up, restoring, and moving to another database: every row of every table, on SQLite and PostgreSQL alike.

A backup is one file (`encrypted_file`): a snapshot of all rows in a form that SQLite and PostgreSQL share (`rows`),
compressed and encrypted with SMSGATE_BACKUP_KEY, which is separate from the keys that seal numbers and words. Numbers
and words stay sealed in it, so a restored database needs SMSGATE_KEYS as well; the file begins with proofs of these.

`backup.write` makes a backup and reads it back in full. `backup.restore` fills an empty database, compares every row
with the file and commits last: if interrupted, it leaves nothing behind. `move` does the same without a file.
"""
