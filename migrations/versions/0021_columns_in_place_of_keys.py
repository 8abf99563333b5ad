"""Columns for what was parsed out of message keys: reminder, moves of the meeting, responder, invitation"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NUMBERS = ("meeting_moves", "inviter_id", "responder_id", "invitation_id")
CHUNK = 1000
messages = sa.table(
    "messages", sa.column("id", sa.Integer), sa.column("cause", sa.String), sa.column("kind", sa.String),
    sa.column("reminder", sa.String), *(sa.column(name, sa.Integer) for name in NUMBERS),
)  # fmt: skip
asks = sa.table(
    "help_asks", sa.column("responder_id", sa.Integer), sa.column("message_id", sa.Integer),
    sa.column("again_id", sa.Integer),
)  # fmt: skip
# Old names of two reminders. They are replaced in the keys too; otherwise those reminders would be sent again.
FORMER = {"day": "1d", "hours": "2h"}


def upgrade() -> None:
    op.add_column("messages", sa.Column("reminder", sa.String(length=8), nullable=True))
    for name in NUMBERS:
        op.add_column("messages", sa.Column(name, sa.Integer(), nullable=True))
    connection = op.get_bind()
    for values in _read_from_keys(connection):
        row_id = values.pop("id")
        connection.execute(sa.update(messages).where(messages.c.id == row_id).values(values))
    for copy in (asks.c.message_id, asks.c.again_id):
        whose = sa.select(asks.c.responder_id).where(copy == messages.c.id).limit(1).scalar_subquery()
        concerned = messages.c.kind == "help", messages.c.id.in_(sa.select(copy).where(copy.is_not(None)))
        connection.execute(sa.update(messages).where(*concerned).values(responder_id=whose))


def _read_from_keys(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    last = 0
    rows = sa.select(messages.c.id, messages.c.cause).where(messages.c.kind.in_(("reminder", "invitation")))
    while True:
        found = connection.execute(rows.where(messages.c.id > last).order_by(messages.c.id).limit(CHUNK)).all()
        if not found:
            return
        for row in found:
            last = row.id
            if values := _columns(row.cause):
                yield {"id": row.id, **values}


def _columns(key: str) -> dict[str, Any]:
    """Parse `reminder:MEETING:MOVES:WHICH`, `invitation:MEMBER:RESPONDER[:again]` or `joining:INVITATION`."""
    kind, *parts = key.split(":")
    if kind == "reminder" and len(parts) == 3 and parts[1].isdecimal():
        which = FORMER.get(parts[2], parts[2])
        return {"meeting_moves": int(parts[1]), "reminder": which, "cause": f"reminder:{parts[0]}:{parts[1]}:{which}"}
    if kind == "invitation" and len(parts) >= 2 and parts[0].isdecimal() and parts[1].isdecimal():
        return {"inviter_id": int(parts[0]), "responder_id": int(parts[1])}
    if kind == "joining" and parts[0].isdecimal():
        return {"invitation_id": int(parts[0])}
    return {}


def downgrade() -> None:
    for name in ("reminder", *NUMBERS):
        op.drop_column("messages", name)
