"""Members: what people decide about themselves, from signing up to being erased, and what is deleted unasked.

A phone's holder becomes a member by signing up (`members.join`) and stays one until they leave
(`leaving.leave_service`) or everything about their number is erased, by them or by an operator (`leaving.erase`).
Pausing group messages and reading by dialling only are settings that they can change at any time.

The number has states of its own, whether its holder is a member or not. STOP opts it out and only START opts it in
again (`opt_out`). The network may report it as blocked. It counts as possibly reassigned after half a year of silence,
a delivery report or an operator's word, until someone dials and says if they are the same person
(`number_reassignment`).

A PIN guards reading and changing, never asking for help (`pins`). What it guards on which channel, and what a possibly
reassigned number may do, is decided by `flows/guard.py` from the states that `guard.states_of` finds. A PIN is removed
by its owner, by a code given to their responders, or by the scheduler three days after it was reported forgotten, as
long as texts that announce it arrive. The scheduler also deletes old data (`retention`).

Start with `members.py` and `opt_out.py`; `pins.py` can be read on its own.
"""
