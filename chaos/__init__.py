"""`make chaos`: shows that nothing is lost and nothing is sent twice while everything that can die does.

`plan` draws the faults from a seed, `run` starts an installation, sends a broadcast and help texts and injects the
faults, `watch` reads the outbox all the while, and `verdict` compares the outbox with the provider's ledger. The run
takes a bounded time, stays on loopback, and has its own stores and processes; it ends only those, each by its id.
"""
