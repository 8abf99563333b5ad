"""Add the id to the index of due messages, so that a claim reads only its own rows when many are due at one time"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_messages_due_in_order", "messages", ["lane", "state", "due_at", "id"])
    op.drop_index("ix_messages_due", "messages")


def downgrade() -> None:
    op.create_index("ix_messages_due", "messages", ["lane", "state", "due_at"])
    op.drop_index("ix_messages_due_in_order", "messages")
