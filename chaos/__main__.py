"""`make chaos`: on SQLite and on PostgreSQL; `python -m chaos --help` for a part, a size or another seed."""

from __future__ import annotations

import argparse
import sys

from chaos.plan import SHORT, WHOLE
from chaos.run import Run, run
from chaos.verdict import offenders, promises, states, unknown


def main() -> int:
    """Run, print the verdict, and return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--on", choices=("sqlite", "postgresql"), help="one of the two, not both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="the small one that make test runs")
    arguments = parser.parse_args()
    all_kept = True
    for kind in [arguments.on] if arguments.on else ["sqlite", "postgresql"]:
        print(f"\nChaos on {kind}, seed {arguments.seed}", flush=True)
        all_kept &= shown(run(kind, SHORT if arguments.short else WHOLE, arguments.seed))
    return 0 if all_kept else 1


def shown(ended: Run) -> bool:
    """Print the faults and the verdict. Returns whether every promise was kept."""
    print(f"  {ended.seconds:.0f} s; faults: " + ", ".join(f"{kind} {n}" for kind, n in sorted(ended.done.items())))
    print("  the provider: " + ", ".join(f"{name} {n}" for name, n in sorted(ended.outcome.ledger.calls.items())))
    for kind, counts in states(ended.outcome.rows).items():
        print(f"  {kind}: " + ", ".join(f"{state} {count}" for state, count in counts.items()))
    unknown_count, taken = unknown(ended.outcome)
    print(f"  listed as unknown: {unknown_count}, of which the provider took {taken}")
    print(f"  put off to a network's own hours: {sum(row.is_put_off for row in ended.outcome.rows)}")
    for row in offenders(ended.outcome):
        print(f"  {row.kind} {row.id}: {row.state}, {row.reason}, attempt {row.attempt}")
    verdict = promises(ended.outcome)
    for promise in verdict:
        print(f"  {'kept  ' if promise.kept else 'BROKEN'} {promise.figure:>6g}  {promise.what}", flush=True)
    return all(promise.kept for promise in verdict)


if __name__ == "__main__":
    sys.exit(main())
