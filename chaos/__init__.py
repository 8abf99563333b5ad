"""`make chaos`: shows that nothing is lost and nothing is sent twice while everything that can die does.

`plan` draws the faults from a seed, `run` starts an installation, sends a broadcast and help texts and injects the
faults, `watch` reads the outbox all the while, and `verdict` holds what the outbox says against the provider's ledger.
The run is bounded, stays on loopback, and has stores and processes of its own; it ends only those, each by its id.
"""
