"""What `make chaos` shows: nothing is lost and nothing is sent twice, while everything that can die does.

Seeded, bounded, on loopback, with stores and processes of its own; it ends none but those, each by its id.
"""
