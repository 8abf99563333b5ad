"""Quiet hours of a group, and when the scheduler last ran"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Existing groups, and those that the previous release still creates, get the default hours.
    op.add_column("groups", sa.Column("quiet_from", sa.Time(), nullable=True, server_default="21:00:00"))
    op.add_column("groups", sa.Column("quiet_until", sa.Time(), nullable=True, server_default="07:00:00"))
    op.create_table(
        "rounds",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("name", name=op.f("uq_rounds_name")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("rounds")
    op.drop_column("groups", "quiet_until")
    op.drop_column("groups", "quiet_from")
