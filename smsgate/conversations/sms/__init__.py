"""Texts that come in: stored at once, handled once, answered by the first handler whose text it is.

Life of an inbound text (a row of `inbounds`):
waiting, once the provider's callback has stored it (`router.receive`, `inbox.receive`); what its number wrote later
waits for it, and whatever is like STOP goes before other numbers' texts;
taken, while a worker handles it (`inbox.take` locks the row, the store of sessions the number);
handled (`inbox.done`), in one transaction with what it changed and the answer to it: its words are forgotten;
put off (`inbox.put_off`) after an error, up to five times, then given up; later texts no longer wait for it.

A text answers what its writer had read: the provider's date (`written.py`) and the moment from which a question could
be read (`outbox/reading.py`) decide it, not when a worker gets to it. An answer from before its only question has that
question asked again; where two like questions came within minutes, it is asked which is meant.

Yes, no and maybe count in words too (`flows/answer_words.py`); what is unclear has the newest question asked once more,
and no menu opens by itself, so that no key meant for a question is one of it.

A repeat, by its date or within seconds, is handled without an answer. A machine that answers our answers gets no more
of them, but what a text does is done however many came before. STOP comes before everything, needs no Redis, and loads
nothing but the text and the phone; only START undoes it.

Begin reading with `router.py`: its two tuples are the order in which the handlers are asked, and each handler's
docstring says what it answers. A new one is a function of `InboundContext` (`inbound_context.py`) in those tuples.
"""
