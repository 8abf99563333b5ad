"""Processor time of a turn, as a multiple of what a bare Flask view costs on the same server in the same run."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from uuid import uuid4

from bench import callers, house
from bench.processes import free_port, listening, processor_seconds, running
from bench.serving import SERVERS

CALLERS = 200
ROUNDS = 3


@dataclass
class Cost:
    """Milliseconds of processor time per request, one figure for each round."""

    name: str
    bare: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    @property
    def times(self) -> float:
        """Our cost as a multiple of the bare view's: the median of the rounds' ratios."""
        return median(ours / bare for ours, bare in zip(self.ours, self.bare, strict=True))

    def __str__(self) -> str:
        return (
            f"{self.name:<34} bare {median(self.bare):.2f} ms, ours {median(self.ours):.2f} ms: {self.times:.2f} times"
        )


@dataclass
class Tree:
    """A running server and where it listens."""

    pid: int
    port: int
    path: str
    opening: str  # the start of every response

    def cost(self, forms: list[dict[str, str]]) -> float:
        """Post all forms and return the milliseconds of processor time per request."""
        before = processor_seconds(self.pid)
        callers.everybody(self.port, self.path, forms, lambda answer: answer.startswith(self.opening))
        return (processor_seconds(self.pid) - before) * 1000 / len(forms)


def measure(servers: tuple[str, ...] = SERVERS) -> None:
    """Compare bare and ours on every server, in alternating rounds, and print the costs."""
    for server in servers:
        print(f"\n{server}")
        for cost in compared(server):
            print(f"  {cost}")


def compared(server: str) -> list[Cost]:
    """Return the costs of the three kinds of turn on one server."""
    bare_port, our_port = free_port(), free_port()
    with house.house("sqlite", our_port, free_port()) as env:
        with house.wired(env) as service:
            house.add_members(service, CALLERS)
        with (
            running(["bench.serving", server, "bare"], {**env, "PORT": str(bare_port)}) as bare_pid,
            running(["bench.serving", server, "ours"], env) as our_pid,
        ):
            bare = Tree(bare_pid, bare_port, "/ussd", "END Hello.")
            ours = Tree(our_pid, our_port, f"{house.HOOKS}/ussd", "CON ")
            for tree in (bare, ours):
                listening(tree.port)
                _round(tree)  # warm up: imports, statement cache, catalogues
            return _rounds(bare, ours)


def _rounds(bare: Tree, ours: Tree) -> list[Cost]:
    costs = [Cost("first turn"), Cost("mid-session, settings and back"), Cost("mid-session, no action")]
    for _ in range(ROUNDS):
        for cost, bare_cost, our_cost in zip(costs, _round(bare), _round(ours), strict=True):
            cost.bare.append(bare_cost)
            cost.ours.append(our_cost)
    return costs


def _round(tree: Tree) -> tuple[float, float, float]:
    """Run one round in new sessions and return ms per request: a first turn, turns with an action, turns without one.

    The second goes to the settings, which read the database, and back; the third to the language, which does not.
    """
    sessions = {house.number(index): f"ATUid_{uuid4().hex}" for index in range(CALLERS)}

    def turn(*keys: str) -> list[dict[str, str]]:
        return [callers.form(session, number, "*".join(keys)) for number, session in sessions.items()]

    first = tree.cost(turn())
    settings = _mean(tree, [turn(*keys.split()) for keys in ("6", "6 0", "6 0 6", "6 0 6 0")])
    tree.cost(turn("6", "0", "6", "0", "6"))
    pure = _mean(tree, [turn(*f"6 0 6 0 6 {keys}".split()) for keys in ("1", "1 0", "1 0 1", "1 0 1 0")])
    tree.cost(turn(*"60606101", "0", "0"))  # back to the menu, so that the next dial offers no session to continue
    return first, settings, pure


def _mean(tree: Tree, turns: list[list[dict[str, str]]]) -> float:
    return sum(tree.cost(forms) for forms in turns) / len(turns)
