"""Backups, restoring them, and moving to another database: every row of every table, whichever of the two databases.

A backup is one file (`encrypted_file`): a snapshot of all rows in a form that SQLite and PostgreSQL share (`rows`),
compressed and encrypted with SMSGATE_BACKUP_KEY, which is none of the keys that seal numbers and words. Numbers and
words stay sealed in it, so a restored database needs SMSGATE_KEYS as well; the proofs of these keys come first.

`backup.write` makes one and reads it again to its end. `backup.restore` fills an empty database, compares each row with
the file and commits last: cut off, it leaves nothing. `move` does the same without a file.
"""
