"""Texts that come in: stored at once, handled once, answered by the first handler whose text it is.

Life of an inbound text (a row of `inbounds`):
waiting, once the provider's callback has stored it (`router.receive`, `inbox.receive`); later texts of its number wait
for it;
taken, while a worker handles it (`inbox.take` locks the row, the store of sessions the number);
handled (`inbox.done`), in one transaction with what it changed and the answer to it: its words are forgotten;
put off (`inbox.put_off`) after an error, up to five times, then given up; later texts no longer wait for it.

A repeat within seconds is handled without an answer, and so is a machine that answers our answers. STOP comes before
everything, needs no Redis, and loads nothing but the text and the phone; only START undoes it.

Begin reading with `router.py`: its two tuples are the order in which the handlers are asked, and each handler's
docstring says what it answers. A new one is a function of `InboundContext` (`inbound_context.py`) in those tuples.
"""
