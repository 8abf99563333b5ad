"""Incoming texts: stored at once, handled once, answered by the first handler that takes them.

Life of an inbound text (a row of `inbounds`):
waiting, once the provider's callback has stored it (`router.receive`, `inbox.receive`); what its number wrote later
waits for it, and STOP and the like are handled before other numbers' texts;
taken, while a worker handles it (`inbox.take` locks the row, the session store locks the number);
handled (`inbox.done`), in the same transaction as what it changed and its answer: its words are forgotten;
put off (`inbox.put_off`) after an error, up to five times, then given up; later texts no longer wait for it.

A text answers what its writer had read. The provider's date (`written.py`) and the moment from which a question could
be read (`outbox/reading.py`) decide that, not when a worker gets to it. If an answer was written before the only
question that it fits, that question is asked again; if two similar questions came within minutes, we ask which one is
meant.

Yes, no and maybe also count in words (`flows/typed/answer_words.py`). An "ok" after an answer, or after news that
somebody is helping, only takes note of that and changes nothing. After an unclear text the newest question is asked
once more, which is whether to take a help text back while that is possible. No menu opens by itself, so that a key
meant for a question never picks a menu entry.

A repeat, recognised by its date or because it came within seconds, gets no answer. A machine that answers our answers
gets no more of them, but what a text asks for is done, however many came before. STOP comes before everything, needs no
Redis, and loads nothing but the text and the phone; only START undoes it.

Begin reading with `router.py`: its two tuples are the order in which the handlers are tried, and each handler's
docstring says what it answers. A new one is a function of `InboundContext` (`inbound_context.py`) in those tuples.
"""
