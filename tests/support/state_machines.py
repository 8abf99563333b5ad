"""An outbox driven by Hypothesis, its invariants, and how its machines are run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, run_state_machine_as_test
from sqlalchemy import select

from smsgate.core.config import Settings
from smsgate.models import FINAL, Message, MessageStatus
from smsgate.service import Service, wire
from tests.support import stores
from tests.support.outbox import Outbox
from tests.support.people import TOKEN, Clock, server_goes_by
from tests.support.waiting import PATIENT

# The allowed transitions, besides none. Both the gateway's answers and the network's reports change a row's status.
FORWARD = {
    MessageStatus.WAITING: {
        MessageStatus.SENDING,
        MessageStatus.UNKNOWN,
        MessageStatus.TOO_LATE,
        MessageStatus.WITHDRAWN,
        MessageStatus.DELIVERED,
        MessageStatus.FAILED,
        MessageStatus.SENT,
    },
    MessageStatus.SENDING: {
        MessageStatus.WAITING,
        MessageStatus.WITHDRAWN,
        MessageStatus.SENT,
        MessageStatus.DELIVERED,
        MessageStatus.FAILED,
        MessageStatus.UNKNOWN,
    },
    MessageStatus.UNKNOWN: {MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.FAILED, MessageStatus.WAITING},
    MessageStatus.SENT: {MessageStatus.DELIVERED, MessageStatus.FAILED},
    MessageStatus.FAILED: {MessageStatus.DELIVERED},
}
MOVES = select(Message.id, Message.state, Message.ended_at, Message.leased_until)


class Machine(RuleBasedStateMachine):
    """A machine with its own outbox: on SQLite, or on a database that `made_anew` empties and returns the URL of."""

    examples: ClassVar[int] = 20
    taken: ClassVar[int] = 0  # steps, by all machines of this process
    template: ClassVar[Path]
    made_anew: ClassVar[list[Callable[[], str]]] = []
    redis_url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="smsgate-machine-"))
        self.clock = Clock()
        self.shared_time = ExitStack()
        self.shared_time.enter_context(server_goes_by(self.clock))
        given = Settings(self._address(), self.redis_url, (TOKEN,), (stores.KEY,), "simulator")
        self.service: Service = wire(given, now=self.clock.now, limits=PATIENT)
        self.outbox = Outbox(self.service)
        self.seen: dict[int, MessageStatus] = {}

    def _address(self) -> str:
        for made_anew in self.made_anew:
            return made_anew()
        path = self.folder / "smsgate.sqlite"
        shutil.copy(self.template, path)
        return f"sqlite:///{path}"

    def teardown(self) -> None:
        self.shared_time.close()
        self.service.close()
        shutil.rmtree(self.folder)

    def does(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Call `work` in its own transaction, as each entry point of the service does."""
        with self.service.database.transaction() as session:
            return work(session, *arguments, self.service.now())

    def rows(self) -> list[Message]:
        with self.service.database.reading() as session:
            return list(session.scalars(select(Message)))

    @invariant()
    def rows_only_move_forward(self) -> None:
        Machine.taken += 1
        with self.service.database.reading() as session:
            rows = session.execute(MOVES).all()
        for row in rows:
            before = self.seen.get(row.id, row.state)
            assert row.state is before or row.state in FORWARD.get(before, set()), f"{before} became {row.state}"
            assert (row.ended_at is not None) == (row.state in FINAL)
            assert (row.leased_until is not None) == (row.state is MessageStatus.SENDING)
            self.seen[row.id] = row.state


def runs(machine: type[Machine], *, examples: int, steps: int = 0, depth: int = 60) -> None:
    """Run a machine for at least `steps` random steps, or for `examples` that are the same each time.

    Nothing is shrunk: it may take minutes, and the printed steps are enough to try again.
    """
    Machine.taken = 0
    while not Machine.taken or Machine.taken < steps:
        run_state_machine_as_test(
            machine,
            settings=settings(
                derandomize=not steps,
                max_examples=max(steps // (depth - depth // 6), examples),  # an example may end earlier
                stateful_step_count=depth,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=False,
                phases=(Phase.generate,),
            ),
        )
    print(f"{Machine.taken} steps")
