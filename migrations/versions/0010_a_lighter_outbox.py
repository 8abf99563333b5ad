"""A lighter outbox: partial indexes, and on PostgreSQL no foreign keys, which look up the group for each row"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'waiting' OR state = 'sending'")
DUE = ["lane", "state", "due_at", "id"]
SOME = ("meeting_id", "notice_id", "provider_id")
OWNERS = (("group_id", "groups"), ("meeting_id", "meetings"), ("notice_id", "notices"))


def upgrade() -> None:
    op.create_index("ix_messages_open", "messages", DUE, sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index("ix_messages_due_in_order", "messages")
    op.drop_index("ix_messages_group_id", "messages")
    for column in SOME:
        there = sa.text(f"{column} IS NOT NULL")
        op.drop_index(f"ix_messages_{column}", "messages")
        op.create_index(f"ix_messages_{column}", "messages", [column], sqlite_where=there, postgresql_where=there)
    if op.get_context().dialect.name == "postgresql":  # SQLite would rebuild the table
        for column, _table in OWNERS:
            op.drop_constraint(f"fk_messages_{column}", "messages", type_="foreignkey")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for column, table in OWNERS:
            op.create_foreign_key(f"fk_messages_{column}", "messages", table, [column], ["id"], ondelete="CASCADE")
    for column in SOME:
        op.drop_index(f"ix_messages_{column}", "messages")
        op.create_index(f"ix_messages_{column}", "messages", [column])
    op.create_index("ix_messages_group_id", "messages", ["group_id"])
    op.create_index("ix_messages_due_in_order", "messages", DUE)
    op.drop_index("ix_messages_open", "messages")
