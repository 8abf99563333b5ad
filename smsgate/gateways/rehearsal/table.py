"""Prints the counts of a ledger as a table on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from smsgate.gateways.rehearsal.ledger import Summary


def shown(summary: Summary) -> None:
    """Print the table."""
    Console().print(table(summary))


def table(summary: Summary) -> Table:
    """Return a table of texts accepted, reported and duplicated, of how calls were answered, and of posts by hook."""
    made = Table("what", "how many", title="The rehearsal")
    rows = {
        "texts accepted": summary.accepted,
        "of them duplicated": summary.duplicated,
        "of them reported on": len(summary.ids & summary.reported.keys()),
        "reported on twice or more": sum(summary.reported[one] > 1 for one in summary.ids),
        "reports about unknown texts": sum(summary.reported[one] for one in summary.reported.keys() - summary.ids),
    }
    for name, count in rows.items():
        made.add_row(name, str(count))
    made.add_section()
    for answer, count in sorted(summary.calls.items()):
        made.add_row(f"calls answered: {answer}", str(count))
    made.add_section()
    for (hook, status), count in sorted(summary.posted.items()):
        made.add_row(f"{hook}: {f'HTTP {status}' if status else 'no answer'}", str(count))
    return made
