"""Processor time of a turn, as a multiple of a bare Flask view's on the same server in the same run."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import mean, median
from uuid import uuid4

from bench import callers, house
from bench.processes import free_port, listening, processor_seconds, running
from bench.serving import SERVERS

CALLERS = 200
ROUNDS = 7


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
            _round(bare, ours)  # warm up: imports, statement cache, catalogues
            return _rounds(bare, ours)


def _rounds(bare: Tree, ours: Tree) -> list[Cost]:
    costs = [Cost("first turn"), Cost("mid-session, settings and back"), Cost("mid-session, no action")]
    for _ in range(ROUNDS):
        for cost, (bare_cost, our_cost) in zip(costs, _round(bare, ours), strict=True):
            cost.bare.append(bare_cost)
            cost.ours.append(our_cost)
    return costs


def _round(*trees: Tree) -> list[list[float]]:
    """Run one round in new sessions; return, for each of three kinds of turn, the ms per request of each tree.

    The first is a first turn. The second goes to the settings, which read the database, and back; the third goes to the
    language, which does not. Each turn is posted to all trees right after one another, since a machine's speed changes
    within seconds.
    """
    sessions = {house.number(index): f"ATUid_{uuid4().hex}" for index in range(CALLERS)}

    def cost(*keys: str) -> list[float]:
        forms = [callers.form(session, number, "*".join(keys)) for number, session in sessions.items()]
        return [tree.cost(forms) for tree in trees]

    first = cost()
    settings = _mean([cost(*keys.split()) for keys in ("6", "6 0", "6 0 6", "6 0 6 0")])
    cost("6", "0", "6", "0", "6")
    pure = _mean([cost(*f"6 0 6 0 6 {keys}".split()) for keys in ("1", "1 0", "1 0 1", "1 0 1 0")])
    cost(*"60606101", "0", "0")  # back to the menu, so that the next dial offers no session to continue
    return [first, settings, pure]


def _mean(costs: list[list[float]]) -> list[float]:
    return [mean(of_one) for of_one in zip(*costs, strict=True)]
