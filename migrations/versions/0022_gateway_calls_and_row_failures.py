"""Gateway calls, recorded before they are made; rows that a task failed on; and the secret for pseudonyms"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "gateway_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_calls")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "row_failures",
        sa.Column("task", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=120), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", WHEN, nullable=False),
        sa.Column("retry_at", WHEN, nullable=False),
        sa.Column("alerted_at", WHEN, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row_failures")),
        sa.UniqueConstraint("task", "row_id", name=op.f("uq_row_failures_task")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "index_keys",
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_keys")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("index_keys")
    op.drop_table("row_failures")
    op.drop_table("gateway_calls")
