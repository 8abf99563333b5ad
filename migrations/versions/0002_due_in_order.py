"""The index of due messages ends with the id, so that a claim among many rows with one due time reads only its own"""

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
